/*
 * The display's one clipboard (common/clipboard/local.h), shared by the viewers: each has a seat, which
 * is a clipboard of the same kind to the exchange above it, and knows nothing of the others'.
 *
 *   exchange of a viewer -> its seat --\
 *   exchange of a viewer -> its seat ---> agent_clipboard -> the display's clipboard
 *
 * What laptops have copied is owned for one of them at a time: for the one whose person did something
 * last. And it is given only to a paste of that person: a program that asks when nobody pasted, as
 * clipboard managers do at once, is refused here (gate_may_paste), before anything is asked of a laptop.
 */
#pragma once

#include "common/base/buffer.h"
#include "common/clipboard/local.h"

/* Answers and reads under way of all viewers together: more are refused. As many as a display has. */
#define AGENT_CLIPBOARD_ROUTES_MAX 32

struct agent_clipboard;

struct clipboard_seat {
	struct clipboard_local base; /* for an exchange, which is its listener's user */
	struct agent_clipboard *clipboard;
	struct clipboard_seat *next;
	uint64_t gesture_ms; /* of its person's last key or button; 0: none yet */
	/* Files of this machine that its person has sent here, as text/uri-list: has[CLIPBOARD] is
	 * them, and they are given without asking anybody. Empty: it is the laptop's. */
	struct buffer files;
	struct {
		struct clipboard_content content; /* of its laptop; kinds 0: nothing */
		uint64_t offered_ms;
	} has[CLIPBOARD_SELECTION_COUNT];
};

/* Whose a number of the display's clipboard is. */
struct clipboard_route {
	uint32_t number; /* 0: free */
	struct clipboard_seat *seat;
};

struct agent_clipboard {
	struct clipboard_local *local; /* borrowed; NULL: the display has none, or it is lost */
	struct clipboard_seat *seats;
	struct clipboard_seat *owner[CLIPBOARD_SELECTION_COUNT]; /* for whom it is owned */
	struct clipboard_owner known[CLIPBOARD_SELECTION_COUNT]; /* what was told last */
	struct clipboard_route reads[AGENT_CLIPBOARD_ROUTES_MAX];
	struct clipboard_route requests[AGENT_CLIPBOARD_ROUTES_MAX];
	uint64_t origin; /* of this display, random: nothing that was copied here comes back */
	uint64_t (*clock_ms)(void); /* tests have one of their own */
};

/* local NULL is fine, here and in all that follows: nothing is there to copy or paste then. */
void agent_clipboard_init(struct agent_clipboard *c, struct clipboard_local *local);

/* A viewer comes. Its listener and user are to be set before the next call. */
void agent_clipboard_sit(struct agent_clipboard *c, struct clipboard_seat *seat);
/* Tells it what is there now (owner_changed). */
void agent_clipboard_introduce(struct clipboard_seat *seat);
/* It goes: what was owned for it is cleared, what waits is refused. Its listener hears nothing of that. */
void agent_clipboard_leave(struct clipboard_seat *seat);

/* Its person pressed a key or a button, now. What that one's laptop has is owned from now on, if others'
 * was. */
void agent_clipboard_gesture(struct clipboard_seat *seat);

/* Its person has sent files here: the clipboard has them, in place of what the laptop had. The bytes are
 * copied. -ENOMEM. */
int agent_clipboard_put_files(
	struct clipboard_seat *seat, const uint8_t *uris, size_t len) MUST_CHECK;

/* Ends what took too long. In how many ms to call again; -1: nothing waits. */
int agent_clipboard_tick(struct agent_clipboard *c, uint64_t now_ms);
