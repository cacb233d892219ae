#include "client/window/button.h"

#define HEIGHT  40
#define PADDING 18
#define RADIUS  6

int button_height(const struct canvas *c)
{
	return canvas_px(c, HEIGHT);
}

int button_width(const struct canvas *c, const char *label)
{
	return canvas_text_width(c, TEXT_NORMAL, label) + 2 * canvas_px(c, PADDING);
}

static uint32_t fill_of(const struct button *b)
{
	if (b->disabled)
		return COLOUR_PANEL;
	if (b->look == BUTTON_PRIMARY)
		return COLOUR_ACCENT;
	if (b->look == BUTTON_DANGER)
		return COLOUR_DANGER;
	return b->hovered ? COLOUR_LINE : COLOUR_RAISED;
}

static struct area grown(struct area a, int by)
{
	return (struct area){ a.x - by, a.y - by, a.width + 2 * by, a.height + 2 * by };
}

void button_draw(const struct canvas *c, SDL_Surface *to, struct area place, const struct button *b)
{
	int radius = canvas_px(c, RADIUS), ring = canvas_px(c, 2);
	uint32_t ink = b->disabled               ? COLOUR_DISABLED
		       : b->look == BUTTON_PLAIN ? COLOUR_TEXT
						 : COLOUR_ON_ACCENT;

	if (b->disabled) {
		canvas_round(to, place, radius, COLOUR_LINE, 255);
		canvas_round(to, grown(place, -1), radius - 1, COLOUR_PANEL, 255);
	} else {
		if (b->focused || b->hovered)
			canvas_round(to, grown(place, ring), radius + ring,
				b->focused ? COLOUR_TEXT : COLOUR_LINE, 255);
		canvas_round(to, place, radius, fill_of(b), 255);
	}
	int inner = canvas_text_width(c, TEXT_NORMAL, b->label);
	canvas_text(c, to, place.x + (place.width - inner) / 2,
		place.y + (place.height - canvas_line_height(c, TEXT_NORMAL)) / 2, TEXT_NORMAL, ink,
		b->label, place.width);
}
