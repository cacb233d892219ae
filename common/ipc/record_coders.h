/* Inside common/ipc: what a set of records is made of. The two coders of a record stand beside each
 * other in records_<channel>.c, those that several channels have in records_shared.c. */
#pragma once

#include "common/ipc/records.h"

#include <stddef.h>

struct record_coder {
	enum record_type type;
	size_t body_bytes; /* 0: an empty body, without the two functions */
	void (*encode)(struct wire_writer *w, const void *body);
	/* false: a value is out of its range. The caller tests that the reader is done. body is zeroed
	 * before. */
	bool (*decode)(struct wire_reader *r, void *body);
	bool secret; /* the packet is wiped when it was sent */
};

/* Entries of a set's table: a record with coders in the same file, the same with secrets in it, one
 * with coders in records_shared.c, one without a body. */
#define RECORD_CODER(TYPE, body)                                                                   \
	{                                                                                          \
		RECORD_##TYPE, sizeof(struct record_##body), encode_##body, decode_##body, false   \
	}
#define RECORD_SECRET(TYPE, body)                                                                  \
	{                                                                                          \
		RECORD_##TYPE, sizeof(struct record_##body), encode_##body, decode_##body, true    \
	}
#define RECORD_SHARED(TYPE, body)                                                                  \
	{                                                                                          \
		RECORD_##TYPE, sizeof(struct record_##body), record_encode_##body,                 \
			record_decode_##body, false                                                \
	}
#define RECORD_EMPTY(TYPE)                                                                         \
	{                                                                                          \
		RECORD_##TYPE, 0, NULL, NULL, false                                                \
	}

/* The set of a channel: its struct, the name of any member of the union, the table. */
#define RECORD_SET(record, member, table)                                                          \
	{                                                                                          \
		table, ARRAY_LEN(table), sizeof(record), offsetof(record, member)                  \
	}

void record_encode_wire(struct wire_writer *w, const void *body);
bool record_decode_wire(struct wire_reader *r, void *body);
void record_encode_log(struct wire_writer *w, const void *body);
bool record_decode_log(struct wire_reader *r, void *body);
void record_encode_set_caps(struct wire_writer *w, const void *body);
bool record_decode_set_caps(struct wire_reader *r, void *body);
void record_encode_end(struct wire_writer *w, const void *body);
bool record_decode_end(struct wire_reader *r, void *body);
void record_encode_link_step(struct wire_writer *w, const void *body);
bool record_decode_link_step(struct wire_reader *r, void *body);
void record_encode_cursor(struct wire_writer *w, const void *body);
bool record_decode_cursor(struct wire_reader *r, void *body);

/* ---- fields ---- */

void record_put_blob(struct wire_writer *w, const struct record_blob *blob);
/* false: it is empty. */
bool record_get_blob(struct wire_reader *r, struct record_blob *blob, size_t max);

/* Lines "file:///...\r\n" of plain ASCII, RECORD_URIS_MAX_BYTES at most. false: they are not. */
bool record_get_uris(struct wire_reader *r, struct record_blob *uris);

/* u8 count, then blobs of 1 .. item_max bytes each. */
void record_put_blobs(
	struct wire_writer *w, const struct record_blob *blobs, size_t count, size_t max);
bool record_get_blobs(struct wire_reader *r, struct record_blob *blobs, size_t *count, size_t max,
	size_t item_max);

/* u8 count (1 .. RECORD_RECTS_MAX), then rectangles: none empty, none over the largest screen's
 * edge. */
void record_put_rects(struct wire_writer *w, const struct record_rect *rects, size_t count);
bool record_get_rects(struct wire_reader *r, struct record_rect *rects, size_t *count);

/* u16 length and text, for lines longer than 255 bytes. Escaped text of our own: clean. */
void record_put_line(struct wire_writer *w, const char *text, size_t max);
void record_get_line(struct wire_reader *r, char *out, size_t size);
