/*
 * One end of the clipboard's exchange: what was copied on this machine is offered to the other one,
 * and what that one offers is owned here and fetched when a program pastes it (PROTOCOL.md, section 8;
 * ARCHITECTURE.md, D-CLIPBOARD). farseat has one for its connection, farseat-agent one for each viewer.
 *
 * Between a machine's clipboard (local.h) and a line to the other end, which is a confined process of
 * ours that converts, checks and may have been taken over: messages are judged here by what is under
 * way. No I/O, no clock and no thread of its own; every call may call the local clipboard, the line and
 * the events, and none of those may call back within that (but send may be refused).
 *
 *   copied here:  owner_changed -> OFFER;  ASK -> read -> DATA..., no more than the other end's window
 *   pasted here:  OFFER -> own;  wanted -> ASK -> DATA... -> give;  one question for each selection and
 *                 kind however many programs paste, and its answer is kept until the owner changes
 */
#pragma once

#include "common/clipboard/local.h"

/* Programs that wait for what is pasted: more than that at once are refused. */
#define EXCHANGE_WANTS_MAX 32
/* A program gets nothing before all is there, or this long has passed: it takes what was cut off in the
 * middle for the whole. Long enough for 16 MiB by 100 Mbit/s; the rest of CLIPBOARD_ANSWER_MS is for it to
 * begin, since a program that gets nothing gives up. */
#define EXCHANGE_HOLD_MS 2000
/* After data was given away, a new owner within this time may be its echo, by another program that
 * carries clipboards: it is read and compared before it is offered. */
#define EXCHANGE_ECHO_MS 1000

struct exchange;

struct exchange_line {
	/* Sends a message (CLIPBOARD_*) to the other end. Never blocks; what fails ends the line, of
	 * which exchange_set_line tells later. */
	void (*send)(void *user, const struct wire_message *m);
	/* For show and for the log; any may be NULL. A secret was copied here and is not offered; it is
	 * no more (here false). */
	void (*secret)(void *user, enum clipboard_selection selection, bool here);
	/* Something was copied here, no secret, of which no kind may go out, while the line is there. */
	void (*withheld)(void *user, enum clipboard_selection selection);
	/* A paste here got nothing, or stopped in the middle. */
	void (*failed)(void *user, enum clipboard_kind kind, enum wire_clipboard_status why);
	/* The other end has something to paste here (kinds), or nothing (0). */
	void (*offered)(void *user, enum clipboard_selection selection, unsigned kinds);
	/* A program pastes the other end's files: exchange_give_files or exchange_refuse_files, later.
	 * NULL: none is ever given. */
	void (*files)(void *user);
};

/* The listener of the local clipboard; its user is the exchange. */
extern const struct clipboard_local_listener exchange_listener;

/*
 * origin: a random number of this end, not 0. local and line are borrowed; line's user goes with its
 * calls. Nothing is open: neither direction is on and there is no line. -ENOMEM.
 */
int exchange_create(struct exchange **out, struct clipboard_local *local,
	const struct exchange_line *line, void *user, uint64_t origin) MUST_CHECK;
/* What is owned is cleared, what waits is refused, all is wiped. NULL is fine. */
void exchange_destroy(struct exchange *e);

/*
 * The line is there (the other end knows these messages) or gone. Gone: what it offered answers empty
 * and questions are refused; there again: what is copied here is offered anew.
 */
void exchange_set_line(struct exchange *e, bool there, uint64_t now_ms);

/* Which kinds go out and come in, of which nothing is sent, owned or answered otherwise; at once. */
void exchange_set_directions(
	struct exchange *e, unsigned out_kinds, unsigned in_kinds, uint64_t now_ms);

/*
 * Whether this end may say now what was copied, for each selection: a laptop only while its window has
 * the focus. What was copied meanwhile is offered when it may. At first it may not.
 */
void exchange_set_open(
	struct exchange *e, enum clipboard_selection selection, bool open, uint64_t now_ms);

/* Whether what comes is put into the machine's clipboard as a secret, so that no clipboard manager
 * keeps it, also when the offer does not say so. At first yes. */
void exchange_set_mark(struct exchange *e, bool secret);

/* A message of the other end. -EPROTO: it is none of the clipboard's. */
int exchange_message(struct exchange *e, const struct wire_message *m, uint64_t now_ms) MUST_CHECK;

/* Ends what took too long. In how many ms to call again; -1: nothing waits. */
int exchange_tick(struct exchange *e, uint64_t now_ms);

/*
 * Reads the text of what was copied here, secret or not, for somebody who asked for just that ("Paste
 * the secret"). done is called once, with the text (whole, borrowed, at most max bytes) or NULL; then
 * the memory is wiped. -EBUSY: one is under way; -ENOENT: there is none.
 */
typedef void (*exchange_text_fn)(void *user, const uint8_t *text, size_t len);
int exchange_read_text(struct exchange *e, enum clipboard_selection selection, size_t max,
	exchange_text_fn done, void *user) MUST_CHECK;

/* The files that the other end offered, as text/uri-list of files of this machine. They are kept for the
 * next paste, until the offer changes or they are refused. Nothing where nobody waits for them. */
void exchange_give_files(struct exchange *e, const uint8_t *uris, size_t len);
/* There are none, or no more. */
void exchange_refuse_files(struct exchange *e);

/* What a program here has copied: CLIPBOARD_BIT; 0: nothing, or it came from the other end. */
unsigned exchange_copied_kinds(const struct exchange *e, enum clipboard_selection selection);
/* The same as exchange_read_text for files that were copied here: a text/uri-list. */
int exchange_read_files(
	struct exchange *e, size_t max, exchange_text_fn done, void *user) MUST_CHECK;
