#include "client/window/overlay.h"

#include "client/window/overlay_draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define EDGE 12 /* from the window's edge, at scale 1 */

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

void overlay_resize(struct overlay *o, int window_width_px, int window_height_px)
{
	o->window_width_px = window_width_px;
	o->window_height_px = window_height_px;
	for (size_t i = 0; i < OVERLAY_PANELS; i++)
		o->drawn[i].count = 0; /* no panel has no line: it differs from whatever comes */
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

void overlay_add_button(struct overlay_words *words, const char *label, int action)
{
	if (words->button_count == OVERLAY_BUTTONS_MAX)
		return;
	struct overlay_button *b = &words->buttons[words->button_count++];
	snprintf(b->label, sizeof(b->label), "%s", label);
	b->action = action;
}

static void place(struct overlay *o, enum overlay_panel which)
{
	struct present_panel *panel = &o->panels[which];
	int edge = canvas_px(o->canvas, EDGE);
	struct area a = { edge, edge, 0, 0 };

	if (!panel->surface)
		return;
	a.width = panel->surface->w;
	a.height = panel->surface->h;
	int low = o->window_height_px - a.height;
	bool stats = which == OVERLAY_STATS;
	if (which == OVERLAY_COPIES || (stats && (o->stats_corner == 1 || o->stats_corner == 2)))
		a.x = MAX(o->window_width_px - a.width - edge, 0);
	else if (!stats)
		a.x = MAX((o->window_width_px - a.width) / 2, 0);
	if (which == OVERLAY_CARD)
		a.y = low / 2;
	else if (which == OVERLAY_MENU)
		a.y = MIN(o->window_height_px / 8, low / 2);
	else if (which == OVERLAY_HINT)
		a.y = low - 2 * edge;
	else if (which == OVERLAY_COPIES || (stats && o->stats_corner >= 2))
		a.y = low - edge;
	else if (which == OVERLAY_BAR)
		a.y = 0;
	a.y = MAX(a.y, 0);
	panel->place = a;
}

void overlay_move_stats(struct overlay *o)
{
	o->stats_corner = (o->stats_corner + 1) % 4;
}

static bool same_words(const struct overlay_words *a, const struct overlay_words *b)
{
	if (a->count != b->count || a->selected != b->selected ||
		a->button_count != b->button_count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->lines[i], b->lines[i]) != 0)
			return false;
	for (size_t i = 0; i < a->button_count; i++)
		if (a->buttons[i].action != b->buttons[i].action ||
			strcmp(a->buttons[i].label, b->buttons[i].label) != 0)
			return false;
	return true;
}

void overlay_show(struct overlay *o, enum overlay_panel which, const struct overlay_words *words,
	struct area_list *dirty)
{
	struct present_panel *panel = &o->panels[which];
	struct area before = panel->place;

	if (!words) {
		if (panel->surface)
			area_list_add(dirty, before);
		drop(panel);
		return;
	}
	bool same = panel->surface && same_words(&o->drawn[which], words);
	if (!same) {
		drop(panel);
		panel->surface = overlay_draw(o, which, words);
		o->drawn[which] = *words;
		panel->version++;
	}
	place(o, which);
	if (!same || memcmp(&before, &panel->place, sizeof(before)) != 0) {
		area_list_add(dirty, before);
		area_list_add(dirty, panel->place);
	}
}

bool overlay_shown(const struct overlay *o, enum overlay_panel which)
{
	return o->panels[which].surface != NULL;
}

bool overlay_covers(const struct overlay *o, enum overlay_panel which, int x, int y)
{
	return overlay_shown(o, which) && area_has_point(o->panels[which].place, x, y);
}

int overlay_at(const struct overlay *o, enum overlay_panel which, int x, int y, int *action)
{
	const struct area *at = &o->panels[which].place;

	*action = OVERLAY_ACTION_NONE;
	if (!overlay_shown(o, which))
		return -1;
	for (size_t i = 0; i < o->targets[which].count; i++) {
		const struct overlay_target *t = &o->targets[which].items[i];
		if (!area_has_point(t->area, x - at->x, y - at->y))
			continue;
		*action = t->action;
		return (int)i;
	}
	return -1;
}
