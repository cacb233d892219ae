/*
 * The display that an agent serves: where pixels come from, where input goes, how the pointer
 * looks, how large the screen is. One struct display_impl a kind of display (x11/ is one); the rest
 * of the agent knows no other way to a display.
 *
 * A display has one or more descriptors, which the agent polls. Nothing here waits, but where a
 * comment says so. What has changed is set down in `changed`, and the agent acts on it once before
 * each sleep:
 *
 *   descriptors readable -> dispatch      before each sleep -> take, act on changes, flush
 *
 * The screen is one picture, whatever outputs it is made of.
 */
#pragma once

#include "common/clipboard/local.h"
#include "common/ipc/memory.h"
#include "common/ipc/records_agent.h"
#include "server/agent/input.h"

#include <sys/types.h>

#define DISPLAY_REASON_BYTES 200
#define DISPLAY_FDS_MAX      4
/* Of a screen that is resized: window managers and toolkits misbehave below. */
#define DISPLAY_SIDE_MIN_PX 64

enum display_state {
	DISPLAY_OPENING, /* not there yet: nothing may be asked of it */
	DISPLAY_OPEN,
	DISPLAY_FAILED, /* for good, and `reason` says why */
};

/* What is new since the agent acted last. Set by the display, cleared by the agent. */
enum display_change {
	DISPLAY_CHANGED_FDS = 1 << 0,   /* the list of descriptors */
	DISPLAY_CHANGED_SHAPE = 1 << 1, /* the pointer's */
	DISPLAY_CHANGED_PLACE = 1 << 2, /* the pointer's */
	DISPLAY_CHANGED_LEDS = 1 << 3,
};

/* What a display calls: from dispatch and take alone, never from within another call. */
struct display_listener {
	void *user;
	/* Something there may look different now; also what only may have changed. */
	void (*damaged)(void *user, struct record_rect rect);
	/* The capture that was begun is in memory (0), or failed (-errno) and nothing is known of
	 * its rectangles. */
	void (*captured)(void *user, int status);
	/* The look that was begun has ended (0; what differs was told by damaged), or failed. */
	void (*looked)(void *user, int status);
	/* Something happened after which the screen may have changed, nobody knows where. */
	void (*stirred)(void *user);
	/* Other memory of another size from now on; a capture or look that was under way is gone
	 * without a call. */
	void (*resized)(void *user);
};

struct display_pointer {
	uint16_t x_px, y_px;
	struct record_cursor shape; /* 0 x 0: hidden, or painted into the picture */
	struct ipc_memory image;    /* owned; BGRA, premultiplied; fd -1 where shape is 0 x 0 */
};

struct display_fd {
	int fd;
	bool wants_write; /* it is polled for reading in any case */
};

struct display {
	const struct display_impl *impl;
	const struct display_listener *listener; /* borrowed */
	struct input *input; /* borrowed; told of layout, locks and free keycodes */
	enum display_state state;
	char reason[DISPLAY_REASON_BYTES];   /* a sentence for the administrator */
	char name[RECORD_DISPLAY_MAX_BYTES]; /* as programs are given it: ":60" */
	unsigned changed;                    /* enum display_change */

	/* One that is taken from the list may be closed at the next take. */
	struct display_fd fds[DISPLAY_FDS_MAX];
	size_t fd_count;

	struct ipc_memory memory; /* owned; BGRX, stride = width_px * 4 */
	uint16_t width_px, height_px;
	bool resizable;

	struct display_pointer pointer;
	uint8_t leds; /* WIRE_LED_* */

	/* Owned; NULL: it has none. Dispatched and flushed with the display. Whoever uses it sets its
	 * listener before it is dispatched, and calls tick. */
	struct clipboard_local *clipboard;
};

#define DISPLAY_DPI 96 /* what toolkits take for a scale of 1 */

struct display_impl {
	const char *name; /* "X11" */
	/* A virtual session's command is the display itself, as a compositor is: create starts it.
	 * false: a command is started on the display when that is there. */
	bool is_session;

	/*
	 * Begins to open the display that config names, or a virtual one. How that ends is told by
	 * state, perhaps before this returns, perhaps later. It initialises input (input_init) with
	 * its own sink. command is a virtual session's, borrowed for the call, and used where is_session
	 * is set. listener and input are borrowed as long as the display lives. -ENOMEM.
	 */
	int (*create)(struct display **out, const struct record_agent_config *config,
		const char *command, const struct display_listener *listener, struct input *input);
	/* Gives back what was changed (held keys must have been released), closes, and ends what it
	 * started. May wait for that. NULL is fine. */
	void (*destroy)(struct display *d);

	/* A descriptor is ready: reads all that waits there, so that one picture shows the whole of
	 * a burst. */
	void (*dispatch)(struct display *d, int fd);
	/* Acts on what was read already, perhaps beside an answer that was waited for. */
	void (*take)(struct display *d);
	/* Sends what was asked for. true: something was read meanwhile, call take once more. */
	bool (*flush)(struct display *d);

	/* Asks for these rectangles (on the screen) to be brought into memory, one capture at a
	 * time. -EIO: the display is gone. */
	int (*capture)(struct display *d, const struct record_rect *rects, size_t count);
	/* Compares all that stands on the screen with memory, and leaves memory as it is. In small
	 * steps, so that nothing has to wait for it; a capture that is begun meanwhile ends it
	 * without a call. NULL: what damaged tells is all there ever is. -EIO. */
	int (*look)(struct display *d);
	/* Makes a resizable screen that large, as near as the display can: `resized` tells. May
	 * wait for a server of our own. -ENOTSUP, -EIO. */
	int (*resize)(struct display *d, uint16_t width_px, uint16_t height_px);

	/* Tells programs that are started from now on how fine the viewer's display is; of a screen
	 * of our own alone. Until then it is DISPLAY_DPI. May wait. NULL: it has no way to. */
	void (*set_dpi)(struct display *d, uint16_t dpi);

	/* Somebody may type from now on, or nobody any more. May wait for an answer. */
	void (*set_in_use)(struct display *d, bool used);
	/* Nobody types: takes back what programs are done with. In how many ms to call again; -1:
	 * all is as before. */
	int (*tidy)(struct display *d);
	/* Before input is looked up: the layout is read anew if it has changed. May wait. */
	void (*refresh_layout)(struct display *d);

	/* A child of this process ended; perhaps it was the display's. NULL: it starts none. */
	void (*child_ended)(struct display *d, pid_t pid);
};

/* For implementations: the display is of no use any more. Keeps the first reason. */
PRINTF_LIKE(2, 3) void display_fail(struct display *d, const char *format, ...);
/* For implementations: adds a descriptor to the list. */
void display_add_fd(struct display *d, int fd);
/* For implementations: takes one from the list. */
void display_remove_fd(struct display *d, int fd);
/* The pointer is there now. */
void display_put_pointer(struct display *d, uint16_t x_px, uint16_t y_px);
