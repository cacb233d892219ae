#include "client/window/overlay_draw.h"

#include "client/window/button.h"

#include <stdio.h>
#include <string.h>

/* At scale 1. */
#define PADDING    20
#define CARD_WIDTH 480
#define MENU_WIDTH 360
#define RADIUS     8
#define GAP        10 /* between paragraphs, and between buttons */
#define MARGIN     12 /* left free at both sides of the window */

static SDL_Surface *framed(const struct canvas *c, int width, int height, uint8_t alpha)
{
	SDL_Surface *s = canvas_surface(width, height);
	int radius = canvas_px(c, RADIUS);

	if (s) {
		canvas_round(s, (struct area){ 0, 0, width, height }, radius, COLOUR_LINE, alpha);
		canvas_round(s, (struct area){ 1, 1, width - 2, height - 2 }, radius - 1,
			COLOUR_PANEL, alpha);
	}
	return s;
}

static void add_target(struct overlay *o, enum overlay_panel which, struct area area, int action)
{
	size_t *count = &o->targets[which].count;

	if (*count < OVERLAY_TARGETS_MAX)
		o->targets[which].items[(*count)++] =
			(struct overlay_target){ .area = area, .action = action };
}

/* In one row that ends at right; returns what is left free before it. */
static int draw_buttons(struct overlay *o, enum overlay_panel which, SDL_Surface *s, int right,
	int y, const struct overlay_words *words)
{
	const struct canvas *c = o->canvas;
	int width = 0;

	for (size_t i = 0; i < words->button_count; i++)
		width += button_width(c, words->buttons[i].label) + (i ? canvas_px(c, GAP) : 0);
	int x = right - width;
	for (size_t i = 0; s && i < words->button_count; i++) {
		const struct overlay_button *b = &words->buttons[i];
		struct area a = { x, y, button_width(c, b->label), button_height(c) };
		bool selected = (int)i == words->selected;
		bool primary = which == OVERLAY_CARD && selected;
		button_draw(c, s, a,
			&(struct button){ .label = b->label,
				.look = primary ? BUTTON_PRIMARY : BUTTON_PLAIN,
				.hovered = selected });
		add_target(o, which, a, b->action);
		x += a.width + canvas_px(c, GAP);
	}
	return right - width;
}

static int card_height(
	const struct canvas *c, const struct overlay_words *words, size_t lines, int inner)
{
	int height = 2 * canvas_px(c, PADDING) + canvas_line_height(c, TEXT_TITLE);

	for (size_t i = 1; i < lines; i++)
		height += canvas_px(c, GAP) +
			  canvas_paragraph(c, NULL, 0, 0, inner, TEXT_NORMAL, 0, words->lines[i]);
	if (words->button_count > 0)
		height += 2 * canvas_px(c, GAP) + button_height(c);
	return height;
}

/* The first line is the title; those after it are paragraphs, the last one quiet. Where the window
 * is too small for all of them the last ones go: the title and the buttons stay. */
static SDL_Surface *draw_card(struct overlay *o, const struct overlay_words *words)
{
	const struct canvas *c = o->canvas;
	int padding = canvas_px(c, PADDING), gap = canvas_px(c, GAP);
	int room = o->window_width_px - 2 * canvas_px(c, MARGIN);
	int width = MAX(MIN(canvas_px(c, CARD_WIDTH), room), canvas_px(c, 120));
	int inner = width - 2 * padding;
	size_t lines = words->count;

	while (lines > 1 && card_height(c, words, lines, inner) > o->window_height_px)
		lines--;
	int height = card_height(c, words, lines, inner);
	SDL_Surface *s = framed(c, width, height, 255);
	if (!s)
		return s;
	int radius = canvas_px(c, RADIUS), y = padding;
	canvas_fill(
		s, (struct area){ 0, radius, canvas_px(c, 3), height - 2 * radius }, COLOUR_ACCENT);
	canvas_text(c, s, padding, y, TEXT_TITLE, COLOUR_TEXT, words->lines[0], inner);
	y += canvas_line_height(c, TEXT_TITLE);
	for (size_t i = 1; i < lines; i++) {
		bool quiet = i + 1 == words->count && i > 1;
		y += gap;
		y += canvas_paragraph(c, s, padding, y, inner, TEXT_NORMAL,
			quiet ? COLOUR_QUIET : COLOUR_TEXT, words->lines[i]);
	}
	draw_buttons(
		o, OVERLAY_CARD, s, width - padding, height - padding - button_height(c), words);
	return s;
}

/* Lines one below the other: statistics and hints. */
static SDL_Surface *draw_lines(const struct canvas *c, const struct overlay_words *words,
	enum text_style style, int max_width)
{
	int width = 0, line = canvas_line_height(c, style);
	int beside = canvas_px(c, 12), above = canvas_px(c, 8);

	for (size_t i = 0; i < words->count; i++)
		width = MAX(width, canvas_text_width(c, style, words->lines[i]));
	width = MIN(width, max_width - 2 * beside);
	SDL_Surface *s = framed(c, width + 2 * beside, (int)words->count * line + 2 * above, 225);
	for (size_t i = 0; s && i < words->count; i++)
		canvas_text(c, s, beside, above + (int)i * line, style, COLOUR_TEXT,
			words->lines[i], width + 1);
	return s;
}

/* A line "What<TAB>key" has the key at its right; lines that begin with a TAB only inform. */
static void menu_line(
	const struct canvas *c, SDL_Surface *s, struct area at, const char *line, bool selected)
{
	int padding = canvas_px(c, PADDING), inner = at.width - 2 * padding;
	const char *tab = strchr(line, '\t');
	char label[OVERLAY_LINE_BYTES];
	uint32_t ink = selected ? COLOUR_ON_ACCENT : COLOUR_TEXT;
	uint32_t faint = selected ? COLOUR_ON_ACCENT : COLOUR_QUIET;
	int y = at.y + (at.height - canvas_line_height(c, TEXT_NORMAL)) / 2;

	snprintf(label, sizeof(label), "%.*s", tab ? (int)(tab - line) : (int)strlen(line), line);
	if (selected)
		canvas_round(s,
			(struct area){ at.x + canvas_px(c, 8), at.y, at.width - canvas_px(c, 16),
				at.height },
			canvas_px(c, 5), COLOUR_ACCENT, 255);
	int x = at.x + padding;
	int used = canvas_text(c, s, x, y, TEXT_NORMAL, ink, label, inner);
	if (!tab || !tab[1])
		return;
	int key = canvas_text_width(c, TEXT_SMALL, tab + 1);
	if (label[0] && used + canvas_px(c, GAP) + key > inner)
		return; /* no room: the key can be read in the manual */
	canvas_text(c, s, label[0] ? x + inner - key : x, y + canvas_px(c, 2), TEXT_SMALL, faint,
		tab + 1, inner);
}

/* In a low window the lines stand closer, as far as they can be read, and then in two columns. */
static SDL_Surface *draw_menu(struct overlay *o, const struct overlay_words *words)
{
	const struct canvas *c = o->canvas;
	int edge = canvas_px(c, MARGIN), line = canvas_line_height(c, TEXT_NORMAL);
	int room = o->window_width_px - 2 * edge, low = o->window_height_px - 4 * edge;
	int count = (int)words->count, columns = count * line > low ? 2 : 1;
	int rows = MAX((count + columns - 1) / columns, 1);
	int width = MAX(MIN(columns * canvas_px(c, MENU_WIDTH), room), canvas_px(c, 120));
	int step = MAX(MIN(low / rows, line + canvas_px(c, 12)), line);
	SDL_Surface *s = framed(c, width, rows * step + 2 * edge, 250);

	for (int i = 0; s && i < count; i++) {
		struct area at = { i / rows * (width / columns), edge + i % rows * step,
			width / columns, step };
		menu_line(c, s, at, words->lines[i], i == words->selected);
		add_target(o, OVERLAY_MENU, at, i);
	}
	return s;
}

/* A row for each: what is copied, how far it is, and its button. */
static SDL_Surface *draw_copies(struct overlay *o, const struct overlay_words *words)
{
	const struct canvas *c = o->canvas;
	int gap = canvas_px(c, GAP), edge = canvas_px(c, MARGIN);
	int room = o->window_width_px - 2 * canvas_px(c, MARGIN);
	int width = MAX(MIN(canvas_px(c, CARD_WIDTH), room), canvas_px(c, 120));
	int text = canvas_line_height(c, TEXT_NORMAL), small = canvas_line_height(c, TEXT_SMALL);
	int row = MAX(button_height(c), text + small) + gap;
	int count = (int)MIN(words->count, words->button_count);
	SDL_Surface *s = framed(c, width, count * row - gap + 2 * edge, 245);

	for (int i = 0; s && i < count; i++) {
		struct overlay_words one = { .button_count = 1,
			.selected = i == words->selected ? 0 : -1 };
		const char *tab = strchr(words->lines[i], '\t');
		char name[OVERLAY_LINE_BYTES];
		int y = edge + i * row;
		one.buttons[0] = words->buttons[i];
		snprintf(name, sizeof(name), "%.*s",
			tab ? (int)(tab - words->lines[i]) : OVERLAY_LINE_BYTES - 1,
			words->lines[i]);
		int right = draw_buttons(o, OVERLAY_COPIES, s, width - edge,
			y + (row - gap - button_height(c)) / 2, &one);
		canvas_text(c, s, edge, y, TEXT_NORMAL, COLOUR_TEXT, name, right - gap - edge);
		canvas_text(c, s, edge, y + text, TEXT_SMALL, COLOUR_QUIET, tab ? tab + 1 : "",
			right - gap - edge);
	}
	return s;
}

/* What it is called, and buttons, in one row: it hangs from the top edge. */
static SDL_Surface *draw_bar(struct overlay *o, const struct overlay_words *words)
{
	const struct canvas *c = o->canvas;
	int gap = canvas_px(c, GAP), padding = canvas_px(c, PADDING);
	int buttons = -draw_buttons(o, OVERLAY_BAR, NULL, 0, 0, words);
	const char *name = words->count > 0 ? words->lines[0] : "";
	int room = o->window_width_px - buttons - 2 * gap - padding;
	int label = MAX(MIN(canvas_text_width(c, TEXT_NORMAL, name), room), 0);
	int width = buttons + 2 * gap + (label > 0 ? label + padding : 0);
	int height = button_height(c) + 2 * gap;
	SDL_Surface *s = framed(c, width, height, 245);

	if (!s)
		return s;
	if (label > 0)
		canvas_text(c, s, gap + padding / 2,
			(height - canvas_line_height(c, TEXT_NORMAL)) / 2, TEXT_NORMAL,
			COLOUR_QUIET, name, label + 1);
	draw_buttons(o, OVERLAY_BAR, s, width - gap, gap, words);
	return s;
}

SDL_Surface *overlay_draw(
	struct overlay *o, enum overlay_panel which, const struct overlay_words *words)
{
	o->targets[which].count = 0;
	switch (which) {
	case OVERLAY_CARD:
		return draw_card(o, words);
	case OVERLAY_MENU:
		return draw_menu(o, words);
	case OVERLAY_COPIES:
		return draw_copies(o, words);
	case OVERLAY_BAR:
		return draw_bar(o, words);
	case OVERLAY_STATS:
		return draw_lines(o->canvas, words, TEXT_MONO, o->window_width_px);
	case OVERLAY_HINT:
		return draw_lines(o->canvas, words, TEXT_NORMAL, o->window_width_px);
	case OVERLAY_PANELS:
		break;
	}
	return NULL;
}
