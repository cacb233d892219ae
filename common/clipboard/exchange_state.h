/* Inside common/clipboard: what an exchange is made of. exchange.c has its life and the line,
 * exchange_copy.c what is copied here, exchange_read.c how it is read, exchange_paste.c what is pasted
 * here, echo.c what goes round. */
#pragma once

#include "common/base/buffer.h"
#include "common/clipboard/echo.h"
#include "common/clipboard/exchange.h"
#include "common/clipboard/pieces.h"

/* What was copied here, of one selection. */
struct copied {
	struct clipboard_owner owner;
	bool news;      /* it was not offered yet, and may have to be */
	bool checking;  /* it is compared with what was carried last */
	bool echo;      /* and is the same: the other end has it */
	uint32_t offer; /* what the other end may ask for; 0 nothing */
	unsigned offered_kinds;
	uint64_t offered_ms;
};

enum reading_for {
	READING_NONE,
	READING_ASK, /* the other end's question */
	READING_ECHO,
	READING_TEXT, /* exchange_read_text */
};

/* What is being read of the local clipboard. */
struct reading {
	enum reading_for purpose;
	uint32_t read;
	enum clipboard_selection selection;
	enum clipboard_kind kind;
	uint32_t ask;
	uint64_t bytes;
	struct echo_hash hash; /* of text */
};

/* The two beside: an echo's of each selection, and a text's. */
#define READINGS_MAX (WIRE_CLIPBOARD_ASKS_MAX + CLIPBOARD_SELECTION_COUNT + 1)

enum answer_state {
	ANSWER_NONE,
	ANSWER_ASKED, /* on its way */
	ANSWER_WHOLE,
	ANSWER_NEVER, /* it cannot be had, as often as it is asked for: too large, or damaged */
};

/* What the other end answered, of one kind of one selection. */
struct answer {
	enum answer_state state;
	uint32_t ask; /* 0: of files, which cross by another channel */
	uint32_t window_max_bytes;
	uint64_t window_bytes; /* the other end may send so much more */
	uint64_t deadline_ms;
	uint64_t give_ms;    /* from then on programs get parts */
	struct pieces bytes; /* from its begin; wiped */
};

/* What the other end has copied, of one selection. */
struct remote {
	uint32_t offer; /* 0 nothing */
	unsigned kinds;
	bool secret;
	uint64_t origin;
	bool owned; /* by the local clipboard */
	unsigned owned_kinds;
	struct answer answers[CLIPBOARD_KIND_COUNT];
};

/* A program here that pastes. */
struct want {
	uint32_t request; /* 0: none */
	enum clipboard_selection selection;
	enum clipboard_kind kind;
	size_t given;
};

struct exchange {
	struct clipboard_local *local;
	const struct exchange_line *line;
	void *user;
	uint64_t origin;
	uint64_t (*clock_ms)(void); /* tests have one of their own */

	bool there; /* the line */
	unsigned out_kinds, in_kinds;
	bool open[CLIPBOARD_SELECTION_COUNT];
	bool mark;
	uint32_t last_offer, last_ask;

	struct copied copied[CLIPBOARD_SELECTION_COUNT];
	struct echo echo[CLIPBOARD_SELECTION_COUNT];
	struct reading readings[READINGS_MAX];
	struct remote remote[CLIPBOARD_SELECTION_COUNT];
	struct want wants[EXCHANGE_WANTS_MAX];

	/* exchange_read_text */
	struct buffer text;
	exchange_text_fn text_done;
	void *text_user;
};

void exchange_send(struct exchange *e, const struct wire_message *m);
/* What is needed of the other end's answer to a question of ours. */
void exchange_send_stop(struct exchange *e, uint32_t ask);

/* --- exchange_copy.c --- */

void copy_owner_changed(struct exchange *e, enum clipboard_selection selection,
	const struct clipboard_owner *owner);
/* Says what is new, where it may be said now. */
void copy_offer(struct exchange *e, enum clipboard_selection selection, uint64_t now_ms);
/* All is to be said anew: the line is another one, or other kinds may go. */
void copy_offer_anew(struct exchange *e, uint64_t now_ms);
/* The line is gone: nobody asks any more. */
void copy_line_gone(struct exchange *e);
/* The local clipboard is gone. */
void copy_lost(struct exchange *e);
/* Until an offer that waits may go; -1: none does. */
int copy_timeout_ms(const struct exchange *e, uint64_t now_ms);
/* What may have been an echo was compared with what was carried last. */
void copy_compared(struct exchange *e, enum clipboard_selection selection, bool same);

/* --- exchange_read.c --- */

/* Begins to read the text, to tell an echo: copy_compared follows. false: it cannot be read now. */
bool read_echo(struct exchange *e, enum clipboard_selection selection);
/* What was being read of the selection is no more. */
void read_end(struct exchange *e, enum clipboard_selection selection);
/* Questions for other kinds than these are answered so. */
void read_end_asks(struct exchange *e, enum clipboard_selection selection, unsigned kept_kinds,
	enum wire_clipboard_status why);
int read_ask(struct exchange *e, const struct wire_clipboard_ask *m);
void read_more(struct exchange *e, const struct wire_clipboard_more *m);
void read_stop(struct exchange *e, uint32_t ask);
void read_data(struct exchange *e, uint32_t read, const uint8_t *bytes, size_t len);
void read_ended(struct exchange *e, uint32_t read, enum clipboard_end end);

/* --- exchange_paste.c --- */

void paste_offer(struct exchange *e, const struct wire_clipboard_offer *m);
void paste_withdraw(struct exchange *e, uint32_t offer);
int paste_data(struct exchange *e, const struct wire_clipboard_data *m, uint64_t now_ms);
void paste_wanted(struct exchange *e, uint32_t request, enum clipboard_selection selection,
	enum clipboard_kind kind);
void paste_room(struct exchange *e, uint32_t request);
void paste_unwanted(struct exchange *e, uint32_t request);
/* Somebody here owns the selection. */
void paste_owner_lost(struct exchange *e, enum clipboard_selection selection);
/* Other kinds may come. */
void paste_reown(struct exchange *e);
/* All that the other end had is void. */
void paste_forget(struct exchange *e);
int paste_tick(struct exchange *e, uint64_t now_ms);
