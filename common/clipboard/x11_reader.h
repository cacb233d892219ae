/*
 * What other programs hold in a selection is read here: asked for, then taken piece by piece out of a
 * property of ours, as fast as the one who asked wants it (ICCCM, sections 2.4 and 2.7.2). The owner of
 * the selection may answer late, never, too much or something else, and may end in the middle.
 *
 * Each read has a window of its own, so that an answer that comes after its time belongs to nothing.
 */
#pragma once

#include "common/clipboard/x11_base.h"
#include "common/wire/limits.h"

#include <stddef.h>

/* Each selection's names and mark, and the contents that two clients may ask for at once. */
#define X11_READS_MAX (2 * 2 + 2 * WIRE_CLIPBOARD_ASKS_MAX)

struct x11_reader_listener {
	void *user;
	/*
	 * A piece, in order; bytes are borrowed for the call. type: what the owner says it is. Returns
	 * how much of the window that used up: more than len where the bytes were made longer.
	 */
	size_t (*data)(void *user, uint32_t read, xcb_atom_t type, const void *bytes, size_t len);
	/* The last that is heard of it. 0: that was all; -ENOENT: refused; -EPIPE: the owner is gone;
	 * -ETIMEDOUT: it did not answer; -EPROTO: something else came. */
	void (*ended)(void *user, uint32_t read, int status);
};

/* Windows of reads that have ended stay for so many more reads. */
#define X11_RETIRED_MAX 8

struct x11_read {
	uint32_t id; /* 0: free */
	xcb_window_t window;
	xcb_atom_t selection;
	enum {
		X11_READ_ASKED, /* SelectionNotify is to come */
		X11_READ_PIECE, /* there is one in the property */
		X11_READ_NEXT,  /* INCR: the owner is to put the next one there */
		/* INCR: nobody wants the rest, but the owner (xclip) answers nobody else before it has
		 * got rid of it: each piece is deleted unread, until none has come for a while. */
		X11_READ_DROPPED,
	} state;
	bool drops;
	bool incr;
	bool fetching;     /* a GetProperty is under way: sequence */
	bool telling;      /* what came is being handed on */
	bool fresh;        /* the property was set meanwhile */
	unsigned sequence; /* of the GetProperty under way */
	uint32_t at;       /* what was taken of this piece, in words of 4 bytes */
	uint32_t piece_bytes;
	size_t window_bytes; /* that may still be taken */
	size_t unit_bytes;   /* less is not asked for */
	unsigned widens;     /* how much longer the taker may make the bytes: 1 or 2 times */
	uint64_t deadline_ms;
};

struct x11_reader {
	struct x11_base *x;                         /* borrowed */
	const struct x11_reader_listener *listener; /* borrowed */
	uint32_t last_id;
	struct x11_read reads[X11_READS_MAX];
	xcb_window_t retired[X11_RETIRED_MAX]; /* 0: none */
	size_t next_retired;                   /* whose place the next one takes */
};

void x11_reader_init(
	struct x11_reader *r, struct x11_base *x, const struct x11_reader_listener *listener);

/* What is asked for. */
struct x11_question {
	xcb_atom_t selection, target;
	xcb_timestamp_t time; /* of the event for which it is asked */
	size_t window_bytes;  /* at most so much before x11_reader_more */
	unsigned widens;      /* see struct x11_read */
	bool drops;           /* the owner is to get rid of what is stopped; a Farseat notices */
};

/* Asks. -EBUSY: X11_READS_MAX are under way. Calls nobody. */
int x11_reader_begin(
	struct x11_reader *r, const struct x11_question *question, uint32_t *id) MUST_CHECK;
/* So many more bytes may be taken. A read that has ended is fine, here and below. */
void x11_reader_more(struct x11_reader *r, uint32_t id, size_t bytes);
/* Nothing more is heard of it. */
void x11_reader_stop(struct x11_reader *r, uint32_t id);
/* Its owner is gone: what has not come yet will not come, and ends with -EPIPE. */
void x11_reader_owner_gone(struct x11_reader *r, xcb_atom_t selection);

/* An event; false: it is for somebody else. */
bool x11_reader_event(struct x11_reader *r, const xcb_generic_event_t *event);
/* Takes what the server answered meanwhile. */
void x11_reader_poll(struct x11_reader *r);
/* Ends what has waited too long. In how many ms to ask again; -1: nothing waits. */
int x11_reader_tick(struct x11_reader *r, uint64_t now_ms);
