/*
 * The pointer as it looks (XFixes) and where it is. Motion by others than us is told by XInput 2's
 * raw events; programs that warp the pointer make none. So its place is also asked for beside each
 * capture, where it costs no wait, and for a while after something happened. When nothing does, no
 * timer runs.
 */
#pragma once

#include "server/agent/x11/connection.h"

struct x11_pointer {
	struct x11 *x;           /* borrowed */
	struct display *display; /* borrowed; its pointer is what we fill */
	unsigned asked;          /* sequence of the question under way; 0 none */
	bool ask_again;
	unsigned own_motions; /* sent by us, whose raw events have not come */

	uint32_t serial; /* of the image that is known */
	unsigned image_asked;
	bool image_stale;
	bool image_failed; /* the server refused it: asked again at the next look */

	int timer_fd; /* owned; -1: no memory for one. Ready when it is time for a look */
	bool timer_runs;
	unsigned looks_left;
};

/* Begins to watch; asks for the first image and place. */
void x11_pointer_init(struct x11_pointer *p, struct x11 *x, struct display *display);
void x11_pointer_finish(struct x11_pointer *p);

/* Takes an event; false: it is another kind. */
bool x11_pointer_event(struct x11_pointer *p, const xcb_generic_event_t *event);

/* We send a motion of our own: its raw event says nothing new. */
void x11_pointer_own_motion(struct x11_pointer *p);

/* Something happens on the screen: asks where the pointer is, now and for a while. */
void x11_pointer_ask(struct x11_pointer *p);

/* The timer of this descriptor is over; nothing for any other one. */
void x11_pointer_ready(struct x11_pointer *p, int fd);

/* Looks for answers, without waiting. */
void x11_pointer_poll(struct x11_pointer *p);
