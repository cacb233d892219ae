/*
 * Who owns a selection: another program, of which is asked what it has, or we. Owning takes a real
 * timestamp, which only the server can give (ICCCM, section 2.1): it comes with the change of a property
 * of ours.
 */
#pragma once

#include "common/clipboard/local.h"
#include "common/clipboard/x11_reader.h"
#include "common/clipboard/x11_requests.h"

#include <xcb/xfixes.h>

/* PRIMARY is not taken from under somebody who is selecting: looked for so often. */
#define X11_BUTTONS_MS 50

struct x11_selection {
	struct x11_base *x;        /* borrowed */
	struct x11_reader *reader; /* borrowed */
	struct x11_owned *owned;   /* borrowed; ours, once we own it */
	bool waits_for_buttons;    /* it is PRIMARY */

	/* What is to be owned, and how far that is. */
	enum {
		X11_CLAIM_NONE,
		X11_CLAIM_BUTTONS, /* a button may be held: `asked` is the question, 0: at look_ms */
		X11_CLAIM_STAMP,   /* the timestamp is to come */
	} claim;
	struct clipboard_content content;
	unsigned asked;
	uint64_t look_ms;

	/* Of another owner. */
	xcb_timestamp_t since;
	struct x11_offer offer;
	uint64_t origin;
	uint32_t names_read, origin_read; /* under way; 0: not */
	uint8_t came[X11_TARGETS_MAX * sizeof(xcb_atom_t)];
	size_t came_bytes;
	bool changed; /* to be told: offer and origin are known, or the owner is we or nobody */
};

/* Begins to watch; asks the present owner what it has. Waits for the server. */
void x11_selection_init(struct x11_selection *s, struct x11_base *x, struct x11_reader *reader,
	struct x11_owned *owned, bool waits_for_buttons);

/* See struct clipboard_local_impl. */
void x11_selection_own(struct x11_selection *s, const struct clipboard_content *content);
void x11_selection_clear(struct x11_selection *s);

/* Another owner (an event of XFixes). */
void x11_selection_owner(struct x11_selection *s, const xcb_xfixes_selection_notify_event_t *e);
/* A property of our window changed at that time. */
void x11_selection_stamp(struct x11_selection *s, xcb_timestamp_t time);
/* What the reader tells; false: it is none of its reads. */
bool x11_selection_data(struct x11_selection *s, uint32_t read, const void *bytes, size_t len);
bool x11_selection_ended(struct x11_selection *s, uint32_t read, int status);
/* Takes what the server answered meanwhile. */
void x11_selection_poll(struct x11_selection *s, uint64_t now_ms);
/* In how many ms to call again; -1: nothing waits. */
int x11_selection_tick(struct x11_selection *s, uint64_t now_ms);
