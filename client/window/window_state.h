/* What the files window*.c share; nobody else includes it. */
#pragma once

#include "client/session/renewal.h"
#include "client/window/canvas.h"
#include "client/window/card.h"
#include "client/window/controls.h"
#include "client/window/overlay.h"
#include "client/window/remote_pointer.h"
#include "client/window/stats.h"
#include "client/window/waker.h"
#include "client/window/window.h"
#include "client/window/window_clipboard.h"
#include "client/window/window_files.h"
#include "client/window/window_paste.h"
#include "client/window/window_pick.h"
#include "client/window/window_sound.h"
#include "client/window/window_x11.h"

/* Of the scene's panels: the session's pointer; those of the overlay follow. */
#define WINDOW_POINTER_PANEL 0

#define WINDOW_HINT_BYTES 160
#define WINDOW_HINT_MS    4000 /* long enough to read a line twice */

struct window {
	struct window_options options;
	struct workstation workstation;
	struct connection *connection; /* owned */
	struct controls controls;
	struct renewal renewal;
	struct stats stats;

	SDL_Window *sdl;         /* owned */
	struct present *present; /* owned */
	struct canvas *canvas;   /* owned */
	struct overlay overlay;
	struct remote_pointer pointer;
	struct window_x11 x11;
	struct waker *waker; /* owned; where x11 has no descriptor */
	struct window_clipboard clipboard;
	struct window_copies copies;
	struct window_files files;
	struct window_pastes pastes;
	struct window_pick pick;
	struct window_sound sound;

	struct present_scene scene; /* panels are filled from overlay before each drawing */
	struct area_list dirty_screen, dirty_window;

	bool fullscreen, hidden, focused;
	uint8_t leds;     /* WIRE_LED_* of the session */
	bool leds_known;  /* told since the session began */
	bool locks_due;   /* to be brought in line: the focus came, or the session */
	bool grab;        /* keyboard shortcuts go to the session */
	bool sized;       /* the window has the size that it should start with */
	bool text_of_key; /* the SDL_TEXTINPUT that comes next is what a key that was sent typed */
	bool composing;   /* the input method took the last key: text may come without an event */
	bool composes; /* SDL gives keys to an input method, and keeps those back that it takes */
	bool quit;
	bool stats_due;      /* a second of figures is full */
	uint64_t view_at_ms; /* when to send VIEW; 0: it is sent */
	uint64_t pan_at_ms;  /* next step of panning at the edge; 0: not */
	int pan_dx, pan_dy;
	int mouse_x, mouse_y; /* in the window */

	bool menu_open;
	int menu_selected;
	struct card card;
	bool bar_open;      /* at the top edge, in full screen */
	int bar_hovered;    /* -1: none of its buttons */
	int copy_hovered;   /* of the copies' buttons; -1: none */
	uint64_t bar_at_ms; /* when it opens, if the pointer stays at the edge; 0: it does not */
	char hint[WINDOW_HINT_BYTES];
	uint64_t hint_until_ms; /* 0: none is shown */
	bool first;             /* no session with this workstation was open before, ever */
	bool greeted;           /* the first picture came, and with it the hint */
};

/* What menu, card and bar can do. The menu's lines come first, in their order. */
enum window_action {
	WINDOW_FULLSCREEN,
	WINDOW_SCALE,
	WINDOW_GRAB,
	WINDOW_CTRL_ALT_DEL,
	WINDOW_CLIPBOARD,
	WINDOW_SECRET,
	WINDOW_GET,
	WINDOW_SEND_COPIED,
	WINDOW_GET_COPIED,
	WINDOW_CANCEL_COPIES,
	WINDOW_SOUND,
	WINDOW_VOLUME,
	WINDOW_STATS,
	WINDOW_DISCONNECT,
	WINDOW_MENU_LINES,
	WINDOW_RETRY = WINDOW_MENU_LINES,
	WINDOW_MENU,
	WINDOW_CANCEL_COPY, /* and those after it: one for each copy */
};

/* window.c */
void window_set_fullscreen(struct window *w, bool on);
void window_changed(struct window *w); /* size or scale mode: everything is drawn anew */
void window_everything_dirty(struct window *w);
void window_apply_grab(struct window *w);
void window_update_cursor(struct window *w);
void window_draw(struct window *w);

/* window_session.c: creates the connection and takes what it tells; -errno. */
int window_open_session(struct window *w) MUST_CHECK;
/* Whether input is for the session. */
bool window_session_open(const struct window *w);

/* window_actions.c */
void window_do(struct window *w, enum window_action action);
void window_set_menu(struct window *w, bool open);
/* A key while the menu is open, or while the card stands instead of the session. */
void window_menu_key(struct window *w, SDL_Keycode key);
void window_card_key(struct window *w, SDL_Keycode key);
/* One line at the window's foot, for a few seconds. */
void window_hint(struct window *w, const char *text);
/* Keeps one of the workstation's settings (client/session/settings.h) for the next window, too. */
void window_keep(struct window *w, const char *key, const char *value);
/* Somebody types or clicks who may only watch. */
void window_hint_view_only(struct window *w);

/* window_keys.c, window_pointer.c */
void window_handle_sdl_key(struct window *w, const SDL_KeyboardEvent *e);
/* Text is composed by the laptop's input method from now on; its list stands at that place of the
 * window. */
void window_start_composing(struct window *w);
void window_compose_at(int x, int y);
void window_handle_x11_key(struct window *w, const SDL_Event *e);
/* Brings the session's locks in line with the laptop's, once after the focus or the session came. */
void window_align_locks(struct window *w);
/* Releases in the session what is no longer down: a grab (Alt+Tab) took the release. */
void window_check_keys(struct window *w);
/* Presses in the session the modifiers that were held before the focus came. */
void window_press_modifiers(struct window *w);
void window_handle_motion(struct window *w, const SDL_MouseMotionEvent *e);
void window_handle_button(struct window *w, const SDL_MouseButtonEvent *e);
void window_handle_wheel(struct window *w, const SDL_MouseWheelEvent *e);
/* Somebody else moved the session's pointer. */
void window_follow_pointer(struct window *w, const struct wire_cursor_move *m);
void window_pan_step(struct window *w, uint64_t now_ms);
/* Opens the bar when the pointer has stayed at the top edge for long enough. */
void window_bar_step(struct window *w, uint64_t now_ms);
void window_close_bar(struct window *w);

/* window_events.c */
void window_handle_events(struct window *w);

/* window_panels.c: brings all panels up to date. */
void window_update_panels(struct window *w);
/* Whether something on screen counts seconds. */
bool window_panels_tick(const struct window *w);
