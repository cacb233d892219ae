/*
 * One answer on its way to a program that pastes: into a property of that program's window, as a whole
 * or piece by piece (INCR; ICCCM, section 2.7.2). Who requests may be slow, stand still or vanish; what
 * it does not take stays with the giver but for X11_TRANSFER_QUEUE_BYTES.
 */
#pragma once

#include "common/base/buffer.h"
#include "common/clipboard/x11_targets.h"

/* One piece in hand while another is filled. */
#define X11_TRANSFER_QUEUE_BYTES (2 * X11_PIECE_BYTES)

/* An answer that comes slowly is given by pieces from then on: each of them tells the program that
 * something comes, before it gives up (xterm: 5 s). */
#define X11_TRANSFER_GATHER_MS 1000

/* A program that takes no piece for so long stands still: as long as GTK waits for the other side. */
#define X11_TRANSFER_STALL_MS 10000

enum x11_transfer_state {
	X11_TRANSFER_GATHERING, /* the program has no answer yet */
	X11_TRANSFER_WRITTEN,   /* INCR: a piece stands there for the program to take */
	X11_TRANSFER_READY,     /* INCR: the next piece may be put there */
	X11_TRANSFER_DONE,      /* all stands there */
	X11_TRANSFER_FAILED, /* the answer cannot be given in that form: what else comes is dropped */
};

struct x11_transfer {
	struct x11_base *x; /* borrowed */
	uint32_t id;        /* of the request; 0: free */
	xcb_window_t requestor;
	xcb_atom_t property;
	struct x11_answer answer;
	enum x11_transfer_state state;
	struct buffer queue;
	bool ended;        /* the last bytes were given */
	bool full;         /* bytes were left with the giver: it waits for room */
	uint64_t since_ms; /* GATHERING: of the first bytes, 0: none; WRITTEN: of the piece */
};

void x11_transfer_init(struct x11_transfer *t, struct x11_base *x, uint32_t id,
	xcb_window_t requestor, xcb_atom_t property, const struct x11_answer *answer);
/* Wipes. A zeroed one is fine. */
void x11_transfer_finish(struct x11_transfer *t);

/* Takes a part of the answer and goes on as far as the program lets it. Returns how much was taken
 * (struct clipboard_local_impl, give). */
size_t x11_transfer_give(
	struct x11_transfer *t, const uint8_t *bytes, size_t len, bool end, uint64_t now_ms);
/* Nothing more will come. Of what stands there already the program is told that it was all. */
void x11_transfer_cut(struct x11_transfer *t);
/* The program took the piece. */
void x11_transfer_taken(struct x11_transfer *t, uint64_t now_ms);
/* In how many ms to call again; -1: it waits for others. 0: the program stands still. */
int x11_transfer_tick(struct x11_transfer *t, uint64_t now_ms);
/* Whether the giver, which waits for room, is to be told so now: asked once. */
bool x11_transfer_has_room(struct x11_transfer *t);
