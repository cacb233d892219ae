/*
 * What is asked and answered while files are lent (PROTOCOL.md, section 8, Lending): the laptop's
 * farseat-paste asks for a folder or a part of a file when somebody reads it there, the workstation's
 * farseat-files answers. Each FILE_STREAM carries one question or one answer, whole. Pure.
 *
 * A path begins with the name of something that is copied, and goes on beneath it; empty: all that is
 * copied, as a folder.
 */
#pragma once

#include "common/base/macros.h"
#include "common/wire/files.h"
#include "common/wire/reader.h"
#include "common/wire/writer.h"

/* Questions that wait for the end of their answer: enough for a link of 250 ms and 100 Mbit/s, at
 * LENDING_READ_MAX_BYTES each. */
#define LENDING_ASKS_MAX 32
/* A part of a file that is asked for at once. */
#define LENDING_READ_MAX_BYTES (128U * 1024)

enum lending_question_kind { LENDING_LIST = 1, LENDING_READ = 2 };

struct lending_question {
	uint32_t ask; /* the asking end's number */
	uint8_t kind;
	uint64_t offset;     /* READ: at most WIRE_FILE_MAX_BYTES */
	uint32_t len;        /* READ: 1 .. LENDING_READ_MAX_BYTES */
	const uint8_t *path; /* view: clean, or empty (LIST alone) */
	size_t path_len;
};

enum lending_answer_kind {
	LENDING_ENTRIES = 1, /* LIST: some of what is in the folder; others may follow */
	LENDING_BYTES = 2,   /* READ: some of the part, in order */
	LENDING_END = 3,
};

/* Which state of a file bytes are of: another one means that it was changed. */
struct lending_version {
	uint64_t size_bytes; /* at most WIRE_FILE_MAX_BYTES */
	int64_t mtime_s;
	uint32_t mtime_ns; /* below 10^9 */
};

bool lending_version_same(const struct lending_version *a, const struct lending_version *b);

struct lending_answer {
	uint32_t ask;
	uint8_t kind;
	struct wire_reader entries; /* ENTRIES: at least one, for lending_entry_read */
	const uint8_t *bytes;       /* BYTES: view, 1 .. WIRE_FILE_PART_MAX_BYTES */
	size_t len;
	uint8_t fault;                  /* END: why there is nothing, or nothing more */
	struct lending_version version; /* END of a READ without fault */
};

struct lending_entry {
	uint8_t kind;  /* enum wire_file_kind */
	uint16_t mode; /* at most 0777 */
	struct lending_version version;
	const uint8_t *name; /* view: one clean name */
	size_t name_len;
	const uint8_t *target; /* view: of a link; otherwise empty */
	size_t target_len;
};

/* What they have room in: all of one FILE_STREAM. */
#define LENDING_MAX_BYTES WIRE_FILE_PART_MAX_BYTES
/* Of an entry: fixed fields, two lengths, name and target. */
#define LENDING_ENTRY_MAX_BYTES                                                                    \
	(1 + 2 + 20 + 2 + WIRE_FILE_NAME_MAX_BYTES + 2 + WIRE_FILE_PATH_MAX_BYTES)

/* Writes it; w has room for LENDING_MAX_BYTES. */
void lending_question_write(struct wire_writer *w, const struct lending_question *q);
/* The beginning of an answer, which entries or bytes follow (or nothing: END is whole). */
void lending_answer_write(struct wire_writer *w, const struct lending_answer *a);
void lending_entry_write(struct wire_writer *w, const struct lending_entry *e);

/* -EPROTO: it is none, or a value of it is out of range. Views are into bytes. */
int lending_question_read(
	struct lending_question *out, const uint8_t *bytes, size_t len) MUST_CHECK;
int lending_answer_read(struct lending_answer *out, const uint8_t *bytes, size_t len) MUST_CHECK;
/* The next entry of an answer: 1; 0: it was the last; -EPROTO. */
int lending_entry_read(struct wire_reader *entries, struct lending_entry *out) MUST_CHECK;
