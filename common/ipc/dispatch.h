/*
 * How a process takes the records of a channel. One table for each end of a channel says which
 * record may come in which phase, and what handles it. What else comes is refused: another record,
 * one out of its phase, one of another channel, a malformed one. A refusal ends that peer, and is
 * one sentence that names the record.
 */
#pragma once

#include "common/ipc/records.h"

#include <limits.h>

/* Phases are the owner's states, as bits. */
#define DISPATCH_IN(phase) (1U << (phase))
#define DISPATCH_ALWAYS    UINT_MAX

/*
 * body: the struct of that record (struct record_proof, ...), of a record without a body nothing.
 * *fd: the descriptor that came with it, or -1; a handler that keeps it sets -1, else it is closed.
 * 0; -EPROTO: what it says cannot be, it is refused; other errors are dispatch_next's result.
 */
typedef int (*dispatch_fn)(void *owner, const void *body, int *fd);

struct dispatch_rule {
	enum record_type type;
	unsigned phases; /* in which it may come */
	dispatch_fn handle;
	unsigned late; /* in which it is dropped: it was under way when the phase changed */
};

struct dispatch {
	const struct record_set *records;
	const struct dispatch_rule *rules;
	size_t rule_count;
	/* For rules that stand elsewhere too: one of them, or NULL. *self is the owner; what find sets
	 * it to is given to the handler in the owner's place. May be NULL itself. */
	const struct dispatch_rule *(*find)(void *owner, enum record_type type, void **self);
	/* Whether a record that may come is handled: 0; 1: it is dropped; an error counts as a
	 * handler's. NULL: all are. */
	int (*judge)(void *owner, enum record_type type);
	/* The owner's phase now; NULL: all rules are DISPATCH_ALWAYS. */
	unsigned (*phase)(const void *owner);
	/* Ends the peer, or notes that it ends. record: its name, "?" unknown; what: "record GRANTED
	 * out of turn". Called before -EPROTO is returned. */
	void (*refuse)(void *owner, const char *record, const char *what);
};

/* The rule for a record among so many, of which some may be unset; NULL: there is none. */
const struct dispatch_rule *dispatch_rule_of(
	const struct dispatch_rule *rules, size_t count, enum record_type type);

/* Receives a record and handles it. record: room for one of the set. 1; -EAGAIN: none waits;
 * -EPIPE: the other end closed; -EPROTO: it was refused; or an error of the handler. */
int dispatch_next(
	struct ipc_channel *c, const struct dispatch *d, void *owner, void *record) MUST_CHECK;

/* Waits for a record first: -ETIMEDOUT. For start-up and synchronous questions only. */
int dispatch_wait(struct ipc_channel *c, const struct dispatch *d, void *owner, void *record,
	int timeout_ms) MUST_CHECK;

/* The same for a record that was received. 0 or the errors above. */
int dispatch_record(const struct dispatch *d, void *owner, const void *record, int *fd) MUST_CHECK;
