/*
 * Records between farseat-files and the process that started it (ARCHITECTURE.md, D-FILES). What
 * goes to the other end crosses another channel, as RECORD_WIRE: files_wire_records.
 *
 * parent -> files: FILES_CONFIG, then FILES_PLACE with a descriptor for each source or folder, then
 * FILES_GO; FILES_CANCEL at any time afterwards, FILES_COPIED when FILES_COPIED_ASK came.
 * files -> parent: FILES_PROGRESS, FILES_FAULT, FILES_ENTRY, LOG; at last perhaps FILES_MADE, then
 * FILES_RESULT, then it exits.
 */
#pragma once

#include "common/ipc/records.h"

/* Descriptors: sources that one process sends, or folders of the workstation's policy. */
#define RECORD_FILES_PLACES_MAX 256

enum record_files_role {
	RECORD_FILES_SEND = 0,    /* laptop, PUT: places are what is sent */
	RECORD_FILES_RECEIVE = 1, /* laptop, GET: one place, where it goes */
	RECORD_FILES_SERVE = 2,   /* workstation: the folders of copies, the first one by default */
	RECORD_FILES_STREAM = 3,  /* laptop, SFTP: two places, input and output */
	RECORD_FILES_SFTP = 4,    /* workstation, SFTP: as SERVE */
	RECORD_FILES_LIST = 5,    /* laptop, GET of names: no place */
	/* farseat-paste, GET of what is lent: one place, the mount that it answers for */
	RECORD_FILES_PASTE = 6,
};

struct record_files_config {
	uint8_t role;
	uint8_t transfer;
	bool force;    /* RECEIVE: replace files that are there */
	bool links;    /* SEND: symbolic links as such */
	uint32_t caps; /* SERVE, SFTP: what the device may do, of WIRE_CAP_FILES_IN and _OUT */
	/* RECEIVE: what arrives is called so instead of the entries' first name; empty: it keeps its
	 * name. */
	struct record_blob rename;
	/* SERVE: the person's home, so that "~/x" means something; empty: it means nothing. PASTE: where
	 * it is mounted. */
	struct record_blob home;
};

/* With the descriptor: a regular file, pipe or folder to send; a folder; RECEIVE: also a pipe or
 * terminal that one file is written to. SERVE: the first one may come without, and is made then. */
struct record_files_place {
	/* SEND: how the other end is to call it. SERVE: the folder's absolute path. */
	struct record_blob name;
};

struct record_files_progress {
	uint32_t files, total_files; /* totals are 0 until they are known */
	uint64_t bytes, total_bytes; /* bytes of files, also those that were there already */
	struct record_blob name;     /* of the file that is under way, as bytes; may be empty */
};

struct record_files_fault {
	uint8_t fault;           /* enum wire_file_fault, not OK */
	bool there;              /* the other end found it */
	struct record_blob name; /* bytes; may be empty */
};

/* Names of one list that are told: those beyond are counted in the result. All of them wait in the
 * parent's channel at most (IPC_QUEUE_MAX_BYTES). */
#define RECORD_FILES_NAMES_MAX 2000
struct record_files_entry {
	uint8_t kind;        /* enum wire_file_kind */
	uint64_t size_bytes; /* of a file */
	int64_t mtime_s;
	struct record_blob name; /* bytes, one name */
};

/* URIs of files of the workstation, each with CR LF at its end (record_uris_valid). */
struct record_files_made {
	struct record_blob uris;
};

/* As a program of the session says it: text/uri-list, unread by those who pass it on; empty: no files
 * are copied there, or the device may not know. */
struct record_files_copied {
	struct record_blob list; /* RECORD_URIS_MAX_BYTES at most */
};

struct record_files_result {
	uint8_t fault; /* why it ended early; WIRE_FILE_OK: it went to its end */
	bool there;    /* the other end ended it */
	bool sent;     /* SERVE: files out (GET); else files in */
	uint32_t files, faults;
	uint64_t bytes;
	struct record_blob name; /* of the first entry, as bytes: for the log; may be empty */
};

struct files_record {
	enum record_type type;
	union {
		struct record_files_config files_config;
		struct record_files_place files_place;
		struct record_files_progress files_progress;
		struct record_files_fault files_fault;
		struct record_files_entry files_entry;
		struct record_files_made files_made;
		struct record_files_copied files_copied;
		struct record_files_result files_result;
		struct record_log log;
	};
};

extern const struct record_set files_records;

/* As record_send and record_receive. */
static inline MUST_CHECK int files_record_send(
	struct ipc_channel *c, const struct files_record *record, int fd)
{
	return record_send(c, &files_records, record, fd);
}

static inline MUST_CHECK int files_record_receive(
	struct ipc_channel *c, struct files_record *out, int *fd)
{
	return record_receive(c, &files_records, out, fd);
}

/* Between farseat-files and farseat-worker or farseat-link: WIRE alone, messages 96 to 111. */
struct files_wire_record {
	enum record_type type;
	union {
		struct record_wire wire;
	};
};

extern const struct record_set files_wire_records;
