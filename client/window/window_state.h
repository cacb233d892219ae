/* What window.c, window_events.c and window_panels.c share; nobody else includes it. */
#pragma once

#include "client/session/renewal.h"
#include "client/window/canvas.h"
#include "client/window/controls.h"
#include "client/window/overlay.h"
#include "client/window/stats.h"
#include "client/window/waker.h"
#include "client/window/window.h"
#include "client/window/window_x11.h"

struct window {
	struct window_options options;
	struct workstation workstation;
	struct connection *connection; /* owned */
	struct controls controls;
	struct renewal renewal;
	struct stats stats;

	SDL_Window *sdl;         /* owned */
	SDL_Cursor *cursor;      /* owned; the remote's */
	struct present *present; /* owned */
	struct canvas *canvas;   /* owned */
	struct overlay overlay;
	struct window_x11 x11;
	struct waker *waker; /* owned; where x11 has no descriptor */

	struct present_scene scene; /* panels are filled from overlay before each drawing */
	struct area_list dirty_screen, dirty_window;

	bool fullscreen, hidden, focused, grab; /* grab: keyboard shortcuts go to the session */
	bool sized;        /* the window has the size that it should start with */
	bool text_follows; /* an input method composed what SDL_TEXTINPUT brings */
	bool quit;
	bool stats_due; /* a second of figures is full */
	bool menu_open;
	int menu_selected;
	uint64_t view_at_ms; /* when to send VIEW; 0: it is sent */
	uint64_t pan_at_ms;  /* next step of panning at the edge; 0: not */
	int pan_dx, pan_dy;
	int mouse_x, mouse_y; /* in the window */
};

enum menu_entry {
	MENU_FULLSCREEN,
	MENU_SCALE,
	MENU_GRAB,
	MENU_CTRL_ALT_DEL,
	MENU_STATS,
	MENU_DISCONNECT,
	MENU_ENTRIES
};

/* window.c */
void window_set_fullscreen(struct window *w, bool on);
void window_changed(struct window *w); /* size or scale mode: everything is drawn anew */
void window_everything_dirty(struct window *w);
void window_apply_grab(struct window *w);
void window_update_cursor(struct window *w);

/* window_events.c */
void window_handle_events(struct window *w);
void window_pan_step(struct window *w);

/* window_panels.c: brings card, statistics and menu up to date */
void window_update_panels(struct window *w);
/* Whether something on screen counts seconds. */
bool window_panels_tick(const struct window *w);
