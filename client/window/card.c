#include "client/window/card.h"

void card_show(struct card *c, int button_count, bool over_session, uint64_t now_ms)
{
	if (c->listens_ms == 0)
		c->listens_ms = now_ms + (over_session ? CARD_DEAF_MS : 0);
	if (button_count < c->button_count)
		c->selected = -1;
	else if (button_count > c->button_count)
		c->selected = 0;
	c->button_count = button_count;
}

void card_hide(struct card *c)
{
	*c = (struct card){ 0 };
}

static bool listens(const struct card *c, uint64_t now_ms)
{
	return c->listens_ms != 0 && now_ms >= c->listens_ms;
}

int card_chosen(const struct card *c, uint64_t now_ms)
{
	return listens(c, now_ms) ? c->selected : -1;
}

uint64_t card_due_ms(const struct card *c, uint64_t now_ms)
{
	return c->listens_ms > now_ms ? c->listens_ms : 0;
}

enum card_answer card_key(struct card *c, SDL_Keycode key, uint64_t now_ms)
{
	int count = c->button_count;

	if (!listens(c, now_ms))
		return CARD_NOTHING;
	switch (key) {
	case SDLK_ESCAPE:
		return CARD_GIVE_UP;
	case SDLK_TAB:
	case SDLK_RIGHT:
		c->selected = count > 0 ? (c->selected + 1) % count : -1;
		return CARD_NOTHING;
	case SDLK_LEFT:
		c->selected = (c->selected > 0 ? c->selected : count) - 1;
		return CARD_NOTHING;
	case SDLK_RETURN:
	case SDLK_KP_ENTER:
	case SDLK_SPACE:
		return c->selected >= 0 ? CARD_PRESS : CARD_NOTHING;
	default:
		return CARD_NOTHING;
	}
}
