/*
 * The X server of this machine's screen, where nobody named one, and the cookie by which it lets
 * clients in: what a service needs that no session started.
 *
 * A server's socket says which process listens there, and that process's command line says what it is,
 * on which virtual terminal, and where its cookies are. So it works with any display manager, and
 * without systemd.
 *
 * Anybody can make such a socket and call a program Xorg: its screen would be shown, and what is typed
 * for the real one would go there. So a server is taken where it is root's or the agent's own user's,
 * or where logind has its process in the session that is in front (seat.h).
 */
#pragma once

#include "common/base/macros.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define X11_FIND_NAME_MAX_BYTES 16 /* ":999999999" */
#define X11_FIND_PATH_MAX_BYTES 32 /* "/proc/self/fd/2147483647" */

/* What a command line says of an X server. */
struct x11_server_line {
	bool screen;         /* shows a real one: Xorg, not Xvfb, Xwayland, a virtual session's */
	bool wayland;        /* Xwayland */
	unsigned vt;         /* its virtual terminal; 0: unknown */
	char auth[PATH_MAX]; /* its file of cookies; "": none is named */
};

/* words: as /proc has them, each ends with NUL. */
void x11_read_server_line(const char *words, size_t len, struct x11_server_line *out);

/*
 * The file of cookies is a descriptor of this process, which stays open. It is taken where it belongs
 * to the server's own user, who could otherwise have another one's cookies sent to their server.
 */
struct x11_found {
	char display[X11_FIND_NAME_MAX_BYTES];
	char xauthority[X11_FIND_PATH_MAX_BYTES]; /* "": what libXau takes by itself */
};

/*
 * The screen's server: that of the virtual terminal in front, else that of the lowest number. -ENOENT:
 * none is there that may be taken, reason (of size bytes) says so.
 */
int x11_find_screen(struct x11_found *out, char *reason, size_t size) MUST_CHECK;

/* The cookies of a display that was named; "" where they are unknown, or the person has their own. */
void x11_find_cookies(const char *display, char out[static X11_FIND_PATH_MAX_BYTES]);
