/*
 * The messages by which files cross (PROTOCOL.md, section 8, Files), and what a path in them may
 * be. A transfer has a number of the client's; of its two ends one sends the files and one receives
 * them.
 */
#pragma once

#include "common/wire/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bit of HELLO and WELCOME: the end knows of files. */
#define WIRE_FEATURE_FILES (1U << 7)
/* The end knows of files that are lent (WIRE_FILE_LENT), and of their kind in a clipboard's offer. */
#define WIRE_FEATURE_LENDING (1U << 10)

/* Why something was not copied. The person reads a sentence of the own end's (files_fault_text). */
enum wire_file_fault {
	WIRE_FILE_OK = 0, /* in CLOSE and STOP alone */
	WIRE_FILE_EXISTS = 1,
	WIRE_FILE_NOT_FOUND = 2,
	WIRE_FILE_DENIED = 3,
	WIRE_FILE_NO_SPACE = 4,
	WIRE_FILE_QUOTA = 5,
	WIRE_FILE_READ_ONLY = 6,
	WIRE_FILE_BAD_NAME = 7,
	WIRE_FILE_TOO_DEEP = 8,
	WIRE_FILE_IS_LINK =
		9, /* a symbolic link that was not to be copied as one, or leads outside */
	WIRE_FILE_SPECIAL = 10, /* neither a file, nor a folder, nor a link */
	WIRE_FILE_IS_FOLDER = 11,
	WIRE_FILE_NO_FOLDER = 12,
	WIRE_FILE_IO = 13,
	WIRE_FILE_CHANGED = 14, /* while it was read */
	WIRE_FILE_DAMAGED = 15, /* what arrived has another hash */
	WIRE_FILE_TOO_LARGE = 16,
	WIRE_FILE_BUSY = 17,    /* another transfer writes it; too many transfers */
	WIRE_FILE_OUTSIDE = 18, /* beneath none of the folders that are open to copies */
	WIRE_FILE_STOPPED = 19, /* by the person */
	WIRE_FILE_NOT_ALLOWED = 20,
	WIRE_FILE_UNAVAILABLE = 21, /* the end cannot do it at all */
	WIRE_FILE_PROTOCOL = 22,
	WIRE_FILE_INTERNAL = 23,
	WIRE_FILE_FAULTS,
};

/* "no space": for logs. "?" for what is none. */
const char *wire_file_fault_name(uint8_t fault);

#define WIRE_FILE_FORCE     0x01 /* PUT: replace files that are there */
#define WIRE_FILE_MANY      0x02 /* PUT: path is a folder; it must be there */
#define WIRE_FILE_PASTE     0x04 /* PUT: what arrives is put into the session's clipboard as files */
#define WIRE_FILE_RECURSIVE 0x01 /* GET: a folder with what is in it */
#define WIRE_FILE_LINKS     0x02 /* GET: symbolic links as such */
#define WIRE_FILE_NAMES     0x04 /* GET: what is in the folder at path, by name alone */
#define WIRE_FILE_COPIED    0x08 /* GET: the files that are copied in the session; path is empty */
#define WIRE_FILE_LENT      0x10 /* GET, with COPIED alone: they are read as they are asked for */

/* PUT and GET: what the person wrote, relative to the workstation's folder of copies, or absolute. */
struct wire_file_open {
	uint8_t transfer;
	uint8_t flags;
	const uint8_t *path; /* view: no zero byte; empty: the folder itself */
	size_t path_len;
};
struct wire_file_of { /* SFTP, OPENED, LAST */
	uint8_t transfer;
};
struct wire_file_total {
	uint8_t transfer;
	uint32_t files;
	uint64_t bytes;
};
enum wire_file_kind {
	WIRE_FILE_REGULAR = 0,
	WIRE_FILE_FOLDER = 1,
	WIRE_FILE_LINK = 2,
	WIRE_FILE_KINDS,
};
#define WIRE_FILE_SIZE_UNKNOWN UINT64_MAX /* read from a pipe */
struct wire_file_entry {
	uint8_t transfer;
	uint32_t entry; /* counts up by one from 1 */
	uint8_t kind;
	uint16_t mode; /* permission bits, at most 0777 */
	int64_t mtime_s;
	uint32_t mtime_ns;
	uint64_t size_bytes; /* at most WIRE_FILE_MAX_BYTES, or unknown; 0 unless REGULAR */
	const uint8_t *path; /* view: wire_file_path_clean */
	size_t path_len;
	const uint8_t *target; /* view: LINK: where it leads; empty otherwise */
	size_t target_len;
};
struct wire_file_data { /* DATA, STREAM */
	uint8_t transfer;
	const uint8_t *bytes; /* view: 1 .. WIRE_FILE_PART_MAX_BYTES */
	size_t len;
};
struct wire_file_skip {
	uint8_t transfer;
	bool kept; /* the receiver has them already (HAVE); else a hole: zeros */
	uint64_t bytes;
};
#define WIRE_FILE_HASH_BYTES 16
struct wire_file_end {
	uint8_t transfer;
	uint64_t size_bytes;
	uint8_t hash[WIRE_FILE_HASH_BYTES]; /* files_hash */
};
struct wire_file_have {
	uint8_t transfer;
	uint32_t entry;
	uint32_t first_block;
	const uint8_t *hashes; /* view: count of WIRE_FILE_HASH_BYTES each */
	size_t count;          /* 1 .. WIRE_FILE_HAVE_PART_BLOCKS */
};
struct wire_file_ack {
	uint8_t transfer;
	/* What was taken since the beginning: whole messages, headers included, of TOTAL to LAST, or of
	 * STREAM. */
	uint64_t taken_bytes;
};
struct wire_file_fault_of {
	uint8_t transfer;
	uint32_t entry;      /* 0: of something that no ENTRY was sent for */
	uint8_t fault;       /* not WIRE_FILE_OK */
	const uint8_t *path; /* view: no zero byte; may be empty */
	size_t path_len;
};
struct wire_file_close {
	uint8_t transfer;
	uint32_t files;
	uint64_t bytes;
	uint32_t faults;
};
struct wire_file_stop {
	uint8_t transfer;
	uint8_t fault;
};

/*
 * Whether a receiver may make this beneath a folder: 1 to WIRE_FILE_DEPTH_MAX names of 1 to
 * WIRE_FILE_NAME_MAX_BYTES bytes, separated by one '/' each; none is "." or "..", none has a zero
 * byte. Other bytes, control characters and what is no UTF-8 too, are names on Linux.
 */
bool wire_file_path_clean(const uint8_t *path, size_t len);
