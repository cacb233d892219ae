/* The launcher's page with the settings of one workstation. */
#include "client/window/launcher_pen.h"

#include <string.h>

/* At scale 1. */
#define TITLE_HEIGHT 52
#define ROW_HEIGHT   40
#define FIELD_HEIGHT 34
#define LABEL_WIDTH  110
#define WORDS_GAP    6
#define WORD_PADDING 14
#define HELP_HEIGHT  52

/* A word of a choice: the chosen one is filled. Returns where the next one begins. */
static int draw_word(const struct pen *p, struct area a, int action, const char *word, bool chosen)
{
	int pad = pen_px(p, WORD_PADDING);
	int width = canvas_text_width(p->l->canvas, TEXT_NORMAL, word);
	uint32_t line = p->l->hovered == action ? COLOUR_QUIET : COLOUR_LINE;

	a.width = width + 2 * pad;
	canvas_round(p->to, a, pen_px(p, 6), chosen ? COLOUR_ACCENT : line, 255);
	if (!chosen)
		canvas_round(p->to, (struct area){ a.x + 1, a.y + 1, a.width - 2, a.height - 2 },
			pen_px(p, 5), COLOUR_PANEL, 255);
	pen_text(p, a.x + pad, a.y + (a.height - pen_text_height(p, TEXT_NORMAL)) / 2, TEXT_NORMAL,
		chosen ? COLOUR_ON_ACCENT : COLOUR_TEXT, word, 0);
	pen_target(p, a, action);
	return a.x + a.width + pen_px(p, WORDS_GAP);
}

static void draw_words(const struct pen *p, struct area a, int i)
{
	const struct settings_form *f = &p->l->settings;
	char word[SETTINGS_WORD_BYTES];

	for (int n = 0; n < LAUNCHER_WORDS_MAX && settings_word(&settings[i], n, word); n++)
		a.x = draw_word(p, a, ACTION_WORD + i * LAUNCHER_WORDS_MAX + n, word,
			strcmp(word, f->texts[i]) == 0);
}

static void draw_setting(const struct pen *p, int i, int y, int right)
{
	const struct settings_form *f = &p->l->settings;
	const struct setting *s = &settings[i];
	int label = pen_px(p, LABEL_WIDTH);
	struct area a = { p->margin + label, y, right - p->margin - label,
		pen_px(p, FIELD_HEIGHT) };
	bool active = i == f->at;

	if (active)
		canvas_round(p->to,
			(struct area){ p->margin - pen_px(p, 12), y + pen_px(p, 6), pen_px(p, 4),
				a.height - pen_px(p, 12) },
			pen_px(p, 2), COLOUR_ACCENT, 255);
	pen_text(p, p->margin, y + (a.height - pen_text_height(p, TEXT_NORMAL)) / 2, TEXT_NORMAL,
		active ? COLOUR_TEXT : COLOUR_QUIET, s->label, label);
	if (s->choice)
		draw_words(p, a, i);
	else
		pen_field(p, a, ACTION_FIELD + i, active, f->texts[i], s->none ? s->none : "");
}

/* The settings that fit, with the one that has the keyboard among them. */
static void draw_settings(const struct pen *p, int top, int room)
{
	struct settings_form *f = &p->l->settings;
	int step = pen_px(p, ROW_HEIGHT), right = p->width - p->margin;
	int shown = MIN(MAX(room / step, 1), f->count);
	int first = MAX(MIN(p->l->first_setting, f->at), f->at - shown + 1);

	first = p->l->first_setting = MIN(first, f->count - shown);

	if (shown < f->count) {
		pen_scroll_bar(p, top, shown * step - pen_px(p, 6), first, shown, f->count);
		right -= pen_px(p, 14);
	}
	for (int i = 0; i < shown; i++)
		draw_setting(p, first + i, top + i * step, right);
}

void launcher_settings_draw(const struct pen *p)
{
	const struct settings_form *f = &p->l->settings;
	int top = p->margin + pen_px(p, TITLE_HEIGHT), bottom = pen_buttons_top(p);
	bool wrong = f->wrong[0] != '\0', choice = settings[f->at].choice;

	draw_settings(p, top, bottom - pen_px(p, HELP_HEIGHT) - top);
	pen_paragraph(p, bottom - pen_px(p, HELP_HEIGHT - 6), TEXT_SMALL,
		wrong ? COLOUR_DANGER : COLOUR_QUIET, wrong ? f->wrong : settings[f->at].help);
	int right = pen_button(p, p->width - p->margin, ACTION_DO_SETTINGS,
		(struct button){ .label = "Save", .look = BUTTON_PRIMARY });
	right = pen_button(p, right, ACTION_CANCEL, (struct button){ .label = "Cancel" });
	pen_keys(p, right,
		choice ? "Up, Down: setting, Left, Right: choose, Enter: save, Esc: back"
		       : "Up, Down: setting, Enter: save, Esc: back");
}

void launcher_settings_type(struct launcher *l, const char *text)
{
	settings_form_type(&l->settings, text);
	l->dirty = true;
}

void launcher_settings_key(struct launcher *l, const SDL_Keysym *key)
{
	struct settings_form *f = &l->settings;
	bool control = (key->mod & KMOD_CTRL) != 0, shift = (key->mod & KMOD_SHIFT) != 0;

	if ((control && key->sym == SDLK_v) || (shift && key->sym == SDLK_INSERT))
		launcher_paste(l);
	else if (control && key->sym == SDLK_u)
		settings_form_clear(f);
	else if (key->sym == SDLK_UP || (key->sym == SDLK_TAB && shift))
		settings_form_move(f, -1);
	else if (key->sym == SDLK_DOWN || key->sym == SDLK_TAB)
		settings_form_move(f, 1);
	else if (key->sym == SDLK_LEFT)
		settings_form_turn(f, -1);
	else if (key->sym == SDLK_RIGHT || key->sym == SDLK_SPACE)
		settings_form_turn(f, 1);
	else if (key->sym == SDLK_BACKSPACE)
		settings_form_erase(f);
	else if (key->sym == SDLK_RETURN || key->sym == SDLK_KP_ENTER)
		launcher_act(l, ACTION_DO_SETTINGS);
	else if (key->sym == SDLK_ESCAPE)
		launcher_act(l, ACTION_CANCEL);
}

void launcher_settings_press(struct launcher *l, int action)
{
	struct settings_form *f = &l->settings;

	if (action >= ACTION_WORD) {
		int word = action - ACTION_WORD;
		settings_form_choose(f, word / LAUNCHER_WORDS_MAX, word % LAUNCHER_WORDS_MAX);
	} else if (action < ACTION_FIELD + f->count) {
		f->at = action - ACTION_FIELD;
	}
}
