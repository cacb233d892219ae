/*
 * The session's pointer at this end: what it looks like and where it is. The window shows it as its
 * own pointer while ours leads it; where somebody else has moved it, or we may only watch, it is
 * drawn into the picture. farseat.
 */
#pragma once

#include "client/window/cursor.h"
#include "client/window/present.h"

struct remote_pointer {
	struct cursor_shape shape;
	SDL_Surface *image; /* owned; the shape at the size below. NULL: not drawn yet */
	SDL_Cursor *cursor; /* owned; the same for SDL */
	SDL_Point hot;      /* in image */
	int shown, screen;  /* widths of the picture, as shown and as it is, that image is for */
	uint32_t version;   /* of image */

	bool known; /* the session has told where it is */
	bool ours;  /* it is where our own pointer is */
	bool led;   /* we have moved it since the connection was opened */
	int x_px, y_px;

	bool warped; /* our own pointer was put to warp_x, warp_y in the window, and stays there */
	int warp_x, warp_y;
};

/* -ENOMEM: the shape before stays, which is better than none. */
int remote_pointer_set_shape(struct remote_pointer *p, const struct record_cursor *record,
	const uint8_t *bgra) MUST_CHECK;
void remote_pointer_finish(struct remote_pointer *p);
/* Another connection: nothing is known of the place. */
void remote_pointer_reset(struct remote_pointer *p);

/* Draws the shape for a picture shown at this size, unless it is drawn already. Whether cursor is
 * another one now; the one before is gone. */
bool remote_pointer_scale(struct remote_pointer *p, const struct geometry *g);

/* We moved it there. */
void remote_pointer_lead(struct remote_pointer *p, int x_px, int y_px);

/*
 * Somebody else moved it there. present: our own pointer is in the window, and leads. true: put our
 * own pointer to warp_x, warp_y, so that the next click is where the session's pointer is.
 */
bool remote_pointer_follow(
	struct remote_pointer *p, const struct geometry *g, int x_px, int y_px, bool present);

/* Our own pointer moved to x, y in the window. false: only because we put it there, which is not to
 * be sent: the window's pixel may stand for another one of the screen. */
bool remote_pointer_moved(struct remote_pointer *p, int x, int y);

/* What is to be drawn above the picture; no surface where our own pointer shows it. */
struct present_panel remote_pointer_panel(
	const struct remote_pointer *p, const struct geometry *g, bool watching);
