/*
 * The X11 side of a machine's clipboard: its connection to the X server, the window by which it owns
 * selections, and the atoms by which it speaks (ICCCM 2.0, section 2). A connection of its own, so that
 * a picture of 64 MiB never stands before the keys and captures of another one.
 *
 * Runs as the session's user beside programs of the same user. What those say is range-checked; what
 * they copy is passed on and never parsed.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>
#include <xcb/xcb.h>

/*
 * How long a program may take over one step of a transfer. A person waits that long for a paste; xterm
 * gives up after 5 s, GTK and Qt wait longer.
 */
#define X11_ANSWER_MS 4000

/* The most bytes of a property that are read or written at once: 64 MiB pass in 190 ms so, and at 64 KiB
 * a piece in up to 3 s. */
#define X11_PIECE_BYTES (256U << 10)

/* Names that selections are asked for and answered by. */
enum x11_atom_id {
	X11_CLIPBOARD,
	X11_TARGETS,
	X11_TIMESTAMP,
	X11_MULTIPLE,
	X11_SAVE_TARGETS,
	X11_ATOM_PAIR,
	X11_INCR,
	X11_NULL,
	X11_PROPERTY, /* of our windows, into which others put what was asked of them */
	X11_HINT,     /* "this is a password": KeePassXC, Firefox, KDE */
	X11_ORIGIN,   /* "this came by Farseat" */
	X11_UTF8_STRING,
	X11_STRING,
	X11_TEXT,
	X11_TEXT_PLAIN,
	X11_TEXT_PLAIN_UTF8,
	X11_TEXT_PLAIN_UTF8_UPPER,
	X11_TEXT_HTML,
	X11_IMAGE_PNG,
	X11_TEXT_RTF,
	X11_APPLICATION_RTF,
	X11_URI_LIST,
	X11_GNOME_FILES,
	X11_KDE_CUT,
	X11_ATOM_COUNT,
};

struct x11_base {
	xcb_connection_t *connection; /* owned; NULL: closed */
	xcb_window_t root, window;    /* window: ours, never shown, owns selections */
	uint8_t xfixes_event;         /* its first */
	xcb_atom_t atoms[X11_ATOM_COUNT];
};

/* Connects (display NULL: $DISPLAY), makes the window and the atoms. Waits for the server.
 * -ECONNREFUSED, -ENOTSUP: no XFixes, -EIO. A failed one is closed. */
int x11_base_open(struct x11_base *x, const char *display) MUST_CHECK;
/* A zeroed or closed one is fine. */
void x11_base_close(struct x11_base *x);

/* A window that is never shown, whose properties are watched. */
xcb_window_t x11_base_make_window(struct x11_base *x);
