/*
 * The pointer as it looks (XFixes) and where it is. Motion by others than us is told by XInput 2's
 * raw events; programs that warp the pointer make none, so that its place is also asked for beside
 * each capture, where it costs no wait.
 */
#pragma once

#include "common/ipc/memory.h"
#include "common/ipc/records.h"
#include "server/agent/x11.h"

struct pointer_x11 {
	struct x11 *x; /* borrowed */
	uint16_t x_px, y_px;
	bool moved;     /* an answer came; for the caller, who clears it */
	unsigned asked; /* sequence of the question under way; 0 none */
	bool ask_again;
	unsigned own_motions; /* sent by us, whose raw events have not come */

	uint32_t serial; /* of the image below */
	unsigned image_asked;
	bool image_stale;
	struct ipc_memory image; /* owned; fd -1: no image, or 0 x 0 */
	struct record_cursor shape;
	bool changed; /* for the caller, who clears it */
};

/* Begins to watch; asks for the first image and place. */
void pointer_x11_init(struct pointer_x11 *p, struct x11 *x);
void pointer_x11_finish(struct pointer_x11 *p);

/* Takes an event; false: it is another kind. */
bool pointer_x11_event(struct pointer_x11 *p, const xcb_generic_event_t *event);

/* We send a motion of our own: its raw event says nothing new. */
void pointer_x11_own_motion(struct pointer_x11 *p);

/* Asks where the pointer is, unless that is under way. */
void pointer_x11_ask(struct pointer_x11 *p);

/* Looks for answers, without waiting. */
void pointer_x11_poll(struct pointer_x11 *p);
