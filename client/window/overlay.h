/* What stands above the picture: the state card, the menu, the statistics. Drawn anew only when a
 * word of it changes. farseat. */
#pragma once

#include "client/window/canvas.h"
#include "client/window/present.h"

enum overlay_panel { OVERLAY_STATS, OVERLAY_CARD, OVERLAY_MENU, OVERLAY_PANELS };

#define OVERLAY_LINES_MAX  10
#define OVERLAY_LINE_BYTES 400

/* The words of a panel: compared with those drawn last. */
struct overlay_words {
	char lines[OVERLAY_LINES_MAX][OVERLAY_LINE_BYTES];
	size_t count;
	int selected; /* MENU: which line; -1 none */
};

struct overlay {
	const struct canvas *canvas; /* borrowed */
	struct present_panel panels[OVERLAY_PANELS];
	struct overlay_words drawn[OVERLAY_PANELS];
	struct area menu_lines[OVERLAY_LINES_MAX]; /* in the window, for the mouse */
};

void overlay_init(struct overlay *o, const struct canvas *canvas);
void overlay_finish(struct overlay *o);

/* Shows words (NULL: takes the panel away). Adds to dirty what has to be drawn anew in the window.
 */
void overlay_show(struct overlay *o, enum overlay_panel which, const struct overlay_words *words,
	int window_width_px, int window_height_px, struct area_list *dirty);

void overlay_add_line(struct overlay_words *words, const char *format, ...) PRINTF_LIKE(2, 3);

/* Which menu line is at this point of the window; -1 none. */
int overlay_menu_at(const struct overlay *o, int x, int y);
