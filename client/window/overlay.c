#include "client/window/overlay.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PADDING    20
#define CARD_WIDTH 480
#define MENU_WIDTH 360
#define RADIUS     8

void overlay_init(struct overlay *o, const struct canvas *canvas)
{
	memset(o, 0, sizeof(*o));
	o->canvas = canvas;
}

static void drop(struct present_panel *panel)
{
	if (panel->surface)
		SDL_FreeSurface(panel->surface);
	panel->surface = NULL;
	panel->place = (struct area){ 0, 0, 0, 0 };
}

void overlay_finish(struct overlay *o)
{
	for (size_t i = 0; i < OVERLAY_PANELS; i++)
		drop(&o->panels[i]);
}

void overlay_add_line(struct overlay_words *words, const char *format, ...)
{
	va_list arguments;

	if (words->count == OVERLAY_LINES_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(words->lines[words->count++], OVERLAY_LINE_BYTES, format, arguments);
	va_end(arguments);
}

static SDL_Surface *framed(int width, int height, uint8_t alpha)
{
	SDL_Surface *s = canvas_surface(width, height);

	if (s) {
		canvas_round(s, (struct area){ 0, 0, width, height }, RADIUS, COLOUR_LINE, alpha);
		canvas_round(s, (struct area){ 1, 1, width - 2, height - 2 }, RADIUS - 1,
			COLOUR_PANEL, alpha);
	}
	return s;
}

/* The first line is the title; those after it are paragraphs, the last one quiet. */
static SDL_Surface *draw_card(const struct canvas *c, const struct overlay_words *words, int width)
{
	int inner = width - 2 * PADDING;
	int height = 2 * PADDING + canvas_line_height(c, TEXT_TITLE);

	for (size_t i = 1; i < words->count; i++)
		height += 10 +
			  canvas_paragraph(c, NULL, 0, 0, inner, TEXT_NORMAL, 0, words->lines[i]);
	SDL_Surface *s = framed(width, height, 255);
	if (!s || words->count == 0)
		return s;
	int y = PADDING;
	canvas_fill(s, (struct area){ 0, RADIUS, 3, height - 2 * RADIUS }, COLOUR_ACCENT);
	canvas_text(c, s, PADDING, y, TEXT_TITLE, COLOUR_TEXT, words->lines[0], inner);
	y += canvas_line_height(c, TEXT_TITLE);
	for (size_t i = 1; i < words->count; i++) {
		uint32_t colour = i + 1 == words->count && i > 1 ? COLOUR_QUIET : COLOUR_TEXT;
		y += 10;
		y += canvas_paragraph(
			c, s, PADDING, y, inner, TEXT_NORMAL, colour, words->lines[i]);
	}
	return s;
}

static SDL_Surface *draw_stats(const struct canvas *c, const struct overlay_words *words)
{
	int width = 0;
	int line = canvas_line_height(c, TEXT_MONO);

	for (size_t i = 0; i < words->count; i++)
		width = MAX(width, canvas_text_width(c, TEXT_MONO, words->lines[i]));
	SDL_Surface *s = framed(width + 24, (int)words->count * line + 16, 225);
	for (size_t i = 0; s && i < words->count; i++)
		canvas_text(
			c, s, 12, 8 + (int)i * line, TEXT_MONO, COLOUR_TEXT, words->lines[i], 0);
	return s;
}

/* A line "What<TAB>key" has the key at its right; lines that begin with a TAB only inform. */
static void menu_line(
	const struct canvas *c, SDL_Surface *s, int y, int width, const char *line, bool selected)
{
	const char *tab = strchr(line, '\t');
	char label[OVERLAY_LINE_BYTES];
	uint32_t ink = selected ? COLOUR_ON_ACCENT : COLOUR_TEXT;
	uint32_t faint = selected ? COLOUR_ON_ACCENT : COLOUR_QUIET;

	snprintf(label, sizeof(label), "%.*s", tab ? (int)(tab - line) : (int)strlen(line), line);
	if (selected)
		canvas_round(s,
			(struct area){
				8, y - 5, width - 16, canvas_line_height(c, TEXT_NORMAL) + 10 },
			5, COLOUR_ACCENT, 255);
	canvas_text(c, s, PADDING, y, TEXT_NORMAL, ink, label, width - 2 * PADDING);
	if (tab && tab[1]) {
		int x = label[0] ? width - PADDING - canvas_text_width(c, TEXT_SMALL, tab + 1)
				 : PADDING;
		canvas_text(c, s, MAX(x, PADDING), y + 2, TEXT_SMALL, faint, tab + 1,
			width - 2 * PADDING);
	}
}

static SDL_Surface *draw_menu(struct overlay *o, const struct overlay_words *words)
{
	const struct canvas *c = o->canvas;
	int step = canvas_line_height(c, TEXT_NORMAL) + 12;
	SDL_Surface *s = framed(MENU_WIDTH, (int)words->count * step + 24, 250);

	for (size_t i = 0; s && i < words->count; i++) {
		int y = 18 + (int)i * step;
		menu_line(c, s, y, MENU_WIDTH, words->lines[i], (int)i == words->selected);
		o->menu_lines[i] = (struct area){ 8, y - 6, MENU_WIDTH - 16, step };
	}
	return s;
}

static void place(struct overlay *o, enum overlay_panel which, int window_width, int window_height)
{
	struct present_panel *panel = &o->panels[which];
	struct area a = { 12, 12, 0, 0 };

	if (!panel->surface)
		return;
	a.width = panel->surface->w;
	a.height = panel->surface->h;
	if (which != OVERLAY_STATS) {
		a.x = (window_width - a.width) / 2;
		a.y = which == OVERLAY_CARD ? (window_height - a.height) / 2
					    : MAX(window_height / 8, 0);
		if (a.y + a.height > window_height)
			a.y = MAX(window_height - a.height, 0);
	}
	panel->place = a;
}

static bool same_words(const struct overlay_words *a, const struct overlay_words *b)
{
	if (a->count != b->count || a->selected != b->selected)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->lines[i], b->lines[i]) != 0)
			return false;
	return true;
}

void overlay_show(struct overlay *o, enum overlay_panel which, const struct overlay_words *words,
	int window_width_px, int window_height_px, struct area_list *dirty)
{
	struct present_panel *panel = &o->panels[which];
	struct area before = panel->place;

	if (!words) {
		if (panel->surface)
			area_list_add(dirty, before);
		drop(panel);
		return;
	}
	int card = MIN(CARD_WIDTH, MAX(window_width_px - 24, 200));
	bool same = panel->surface && same_words(&o->drawn[which], words) &&
		    (which != OVERLAY_CARD || panel->surface->w == card);
	if (!same) {
		drop(panel);
		if (which == OVERLAY_CARD)
			panel->surface = draw_card(o->canvas, words, card);
		else if (which == OVERLAY_STATS)
			panel->surface = draw_stats(o->canvas, words);
		else
			panel->surface = draw_menu(o, words);
		o->drawn[which] = *words;
		panel->version++;
	}
	place(o, which, window_width_px, window_height_px);
	if (!same || memcmp(&before, &panel->place, sizeof(before)) != 0) {
		area_list_add(dirty, before);
		area_list_add(dirty, panel->place);
	}
}

int overlay_menu_at(const struct overlay *o, int x, int y)
{
	const struct present_panel *panel = &o->panels[OVERLAY_MENU];

	for (size_t i = 0; panel->surface && i < o->drawn[OVERLAY_MENU].count; i++)
		if (area_has_point(o->menu_lines[i], x - panel->place.x, y - panel->place.y))
			return (int)i;
	return -1;
}
