/*
 * farseat-paste's line to the end that lends: questions go out as FILE_STREAM, answers come in. It keeps
 * to the protocol, and holds the other end to it.
 */
#pragma once

#include "common/files/lending.h"
#include "common/ipc/records_files.h"

/* What an answer is for. */
struct paste_ask {
	uint32_t ask; /* 0: none */
	uint8_t kind; /* enum lending_question_kind */
	uint32_t node;
	uint32_t block; /* READ */
	size_t left;    /* READ: of the bytes that were asked for */
};

struct paste_line {
	struct ipc_channel channel;
	uint8_t transfer;

	bool open;     /* the other end has said so */
	uint8_t ended; /* once it has ended (cut): why; WIRE_FILE_OK: it was closed */
	bool cut;
	uint32_t last_ask;
	unsigned waiting; /* how many asks are used */
	struct paste_ask asks[LENDING_ASKS_MAX];
	uint64_t taken_bytes, told_bytes; /* of messages: FILE_ACK */
	uint64_t bytes;                   /* of files */
};

/* Asks. -EBUSY: LENDING_ASKS_MAX wait; -ENOTCONN: it is not open; or as record_send. */
int paste_line_ask(struct paste_line *l, const struct lending_question *q, uint32_t node,
	uint32_t block) MUST_CHECK;

/* What paste_line_next has found. */
enum paste_news {
	PASTE_NOTHING,
	PASTE_OPENED,
	PASTE_FAULT,  /* something that was copied is not lent: message */
	PASTE_ANSWER, /* for ask */
};
struct paste_news_of {
	enum paste_news news;
	struct wire_message message; /* views: until the next call */
	struct paste_ask ask;        /* END: it is free again */
	struct lending_answer answer;
};

/* The next message: 1; 0: none waits; -errno: the line is cut, and says so. */
int paste_line_next(struct paste_line *l, struct paste_news_of *out) MUST_CHECK;

/* Tells the other end what was taken. -errno: the line is cut. */
int paste_line_ack(struct paste_line *l) MUST_CHECK;

/* Nothing more is asked for: says so, or why. */
void paste_line_end(struct paste_line *l, uint8_t fault);
