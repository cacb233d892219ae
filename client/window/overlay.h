/*
 * What stands above the picture: the state card, the menu, the statistics, the bar at the top edge,
 * copies under way and hints. Drawn anew only when a word, the selection, the scale or the window's size changes.
 * farseat.
 */
#pragma once

#include "client/window/canvas.h"
#include "client/window/present.h"

enum overlay_panel {
	OVERLAY_STATS,
	OVERLAY_HINT,
	OVERLAY_COPIES,
	OVERLAY_BAR,
	OVERLAY_CARD,
	OVERLAY_MENU,
	OVERLAY_PANELS
};

#define OVERLAY_LINES_MAX   16
#define OVERLAY_LINE_BYTES  400
#define OVERLAY_BUTTONS_MAX 3
#define OVERLAY_TARGETS_MAX (OVERLAY_LINES_MAX + OVERLAY_BUTTONS_MAX)
#define OVERLAY_ACTION_NONE (-1)

struct overlay_button {
	char label[40];
	int action;
};

/* The words of a panel: compared with those drawn last. */
struct overlay_words {
	char lines[OVERLAY_LINES_MAX][OVERLAY_LINE_BYTES];
	size_t count;
	struct overlay_button buttons[OVERLAY_BUTTONS_MAX]; /* of card and bar */
	size_t button_count;
	int selected; /* menu: which line; card and bar: which button; -1 none */
};

struct overlay_target {
	struct area area; /* in the panel */
	int action;       /* a button's; menu: the line's number */
};

struct overlay {
	const struct canvas *canvas; /* borrowed */
	struct present_panel panels[OVERLAY_PANELS];
	struct overlay_words drawn[OVERLAY_PANELS];
	struct {
		struct overlay_target items[OVERLAY_TARGETS_MAX];
		size_t count;
	} targets[OVERLAY_PANELS]; /* what the mouse can hit, as drawn last */
	int window_width_px, window_height_px;
	int stats_corner; /* left top, right top, right bottom, left bottom */
};

void overlay_init(struct overlay *o, const struct canvas *canvas);
void overlay_finish(struct overlay *o);

/* The canvas has another scale, or the window another size. */
void overlay_resize(struct overlay *o, int window_width_px, int window_height_px);

/*
 * Shows words (NULL: takes the panel away). Adds to dirty what has to be drawn anew in the window.
 */
void overlay_show(struct overlay *o, enum overlay_panel which, const struct overlay_words *words,
	struct area_list *dirty);

void overlay_add_line(struct overlay_words *words, const char *format, ...) PRINTF_LIKE(2, 3);
void overlay_add_button(struct overlay_words *words, const char *label, int action);

/* The statistics stand in the next corner, clockwise, once they are shown again. */
void overlay_move_stats(struct overlay *o);

bool overlay_shown(const struct overlay *o, enum overlay_panel which);
/* Whether this point of the window is on the panel. */
bool overlay_covers(const struct overlay *o, enum overlay_panel which, int x, int y);
/* The number and the action of what is at this point of the window; -1 and OVERLAY_ACTION_NONE. */
int overlay_at(const struct overlay *o, enum overlay_panel which, int x, int y, int *action);
