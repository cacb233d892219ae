/*
 * A machine's own clipboard: what its programs copy is read here, what was copied on the other
 * machine is owned here and given to programs that paste. One struct clipboard_local_impl a kind of
 * window system. Above it stands the exchange (exchange.h), which knows no other way to a clipboard.
 *
 * Contents pass as bytes and are never parsed: that is done by confined processes alone
 * (ARCHITECTURE.md, D-CLIPBOARD). Nothing here waits, one thread.
 *
 *   a program copies here:   owner_changed ... read -> read_data* -> read_ended
 *   a program pastes here:   own ... wanted -> give* or refuse
 */
#pragma once

#include "common/base/macros.h"
#include "common/clipboard/kind.h"

/* On Wayland each transfer has a pipe: one for each kind of each selection, and programs that paste. */
#define CLIPBOARD_LOCAL_FDS_MAX 16

/* What a selection's new owner has. */
struct clipboard_owner {
	unsigned kinds; /* CLIPBOARD_BIT; 0: nobody owns it, or nothing that is known here */
	bool secret;    /* it carries the hint of password managers: it is a secret */
	bool ours;      /* it is this object itself, by own or clear */
	/* It came by some Farseat, and first from the end with this number; 0: it did not. */
	uint64_t origin;
};

/* What is to be owned. */
struct clipboard_content {
	unsigned kinds; /* CLIPBOARD_BIT, never 0 */
	/* Marked with the hint of password managers, so that clipboard managers keep no history of it. */
	bool secret;
	uint64_t origin; /* where it was copied first; is put beside it, so that Farseats know it */
};

/* How a read or a request ended. */
enum clipboard_end {
	CLIPBOARD_WHOLE,
	CLIPBOARD_REFUSED,   /* the owner has no such kind, or would not give it */
	CLIPBOARD_TOO_LARGE, /* over clipboard_kind_max_bytes */
	CLIPBOARD_GONE,      /* the owner changed or vanished meanwhile */
	CLIPBOARD_LATE,      /* nothing came for CLIPBOARD_ANSWER_MS */
};

/*
 * What the implementation calls, from dispatch, flush and tick alone, never from within another call.
 * After stop, refuse and give with end it says nothing more of that read or request.
 */
struct clipboard_local_listener {
	/* A selection has another owner, or its owner copied anew. Also once for each selection that
	 * is owned when the object is made, and after own (ours). */
	void (*owner_changed)(void *user, enum clipboard_selection selection,
		const struct clipboard_owner *owner);
	/* A program pastes what we own. The answer is any number of give, or refuse, within
	 * CLIPBOARD_ANSWER_MS. Requests are numbered by the implementation, never 0. */
	void (*wanted)(void *user, uint32_t request, enum clipboard_selection selection,
		enum clipboard_kind kind);
	/* The requestor takes more: what give did not take may be given now. */
	void (*room)(void *user, uint32_t request);
	/* The requestor has vanished or stands still: nothing more is to be given. */
	void (*unwanted)(void *user, uint32_t request);
	/* What was asked for by read, in order: never more than its window. */
	void (*read_data)(void *user, uint32_t read, const uint8_t *bytes, size_t len);
	/* CLIPBOARD_WHOLE: all was told. The read is forgotten. */
	void (*read_ended)(void *user, uint32_t read, enum clipboard_end end);
	/* The window system is gone: nothing will be told any more, and calls do nothing. */
	void (*lost)(void *user);
};

/* So much of a read's window, but no more than half of it, may stay unused until read_more makes it
 * larger: a display is not asked for a few bytes at a time. Who reads by one window alone makes it so
 * much larger. */
#define CLIPBOARD_READ_SPARE_BYTES (32U * 1024)

struct clipboard_local;

struct clipboard_local_impl {
	const char *name; /* "X11" */

	/* Closes; what waits is refused. NULL is fine. */
	void (*destroy)(struct clipboard_local *l);

	/* Owns the selection from now on with that content, in place of what was owned before: requests
	 * that wait for that were refused by the caller. A change of the owner that happened before is
	 * not told any more, though its news may be on the way. */
	void (*own)(struct clipboard_local *l, enum clipboard_selection selection,
		const struct clipboard_content *content);
	/*
	 * What was owned is no more. The selection is kept and answers an empty text by itself: where an
	 * owner vanishes, clipboard managers take over and bring old contents back. Nothing where it is
	 * not owned.
	 */
	void (*clear)(struct clipboard_local *l, enum clipboard_selection selection);

	/* Begins to read that kind of what somebody else owns: window bytes at most, of which
	 * CLIPBOARD_READ_SPARE_BYTES may stay unused, and more by read_more. *read: its number, never 0. -EBUSY: too many at once; -ENOENT: nobody owns such. */
	int (*read)(struct clipboard_local *l, enum clipboard_selection selection,
		enum clipboard_kind kind, size_t window, uint32_t *read);
	/* So many bytes more may come: what comes faster stays with its owner (or the kernel). */
	void (*read_more)(struct clipboard_local *l, uint32_t read, size_t bytes);
	/* Ends it early. */
	void (*stop)(struct clipboard_local *l, uint32_t read);

	/* Gives a part of the answer, in order. Returns how many of the bytes were taken, all when the
	 * requestor has room: the rest is to be given again after room. end: these are the last; counts
	 * when all were taken, and the request is forgotten then. */
	size_t (*give)(struct clipboard_local *l, uint32_t request, const uint8_t *bytes,
		size_t len, bool end);
	/* The request gets nothing, or nothing more; it is forgotten. */
	void (*refuse)(struct clipboard_local *l, uint32_t request);

	/* Descriptors to poll for reading (and writing where wants_write is set). */
	size_t (*fds)(const struct clipboard_local *l, int fds[static CLIPBOARD_LOCAL_FDS_MAX],
		bool wants_write[static CLIPBOARD_LOCAL_FDS_MAX]);
	/* Reads all that waits there. */
	void (*dispatch)(struct clipboard_local *l);
	/* Sends what was asked for; before each sleep. Takes, as dispatch does, what was read beside that. */
	void (*flush)(struct clipboard_local *l);
	/* Ends what took too long. In how many ms to call again; -1: only after dispatch. */
	int (*tick)(struct clipboard_local *l, uint64_t now_ms);
};

struct clipboard_local {
	const struct clipboard_local_impl *impl;
	const struct clipboard_local_listener
		*listener; /* borrowed; set before the first dispatch */
	void *user;        /* the listener's */
};
