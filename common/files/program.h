/*
 * farseat-files, put together: descriptor 3 is the parent's channel, 4 the one to worker or link. The
 * parent's configuration and descriptors come first, then the confinement, then the first byte of
 * the other end.
 */
#pragma once

#include "common/files/lender.h"
#include "common/files/receiver.h"
#include "common/files/sender.h"
#include "common/files/sftp.h"
#include "common/files/stream.h"
#include "common/ipc/records_files.h"

#define FILES_PARENT_FD 3
#define FILES_WIRE_FD   4

struct files_place {
	int fd;                                  /* owned */
	char name[WIRE_FILE_PATH_MAX_BYTES + 1]; /* SERVE, SFTP: its absolute path */
};

/* What arrives and is to be in the session's clipboard. */
struct files_made {
	char folder[2 * WIRE_FILE_PATH_MAX_BYTES + 2]; /* where, as an absolute path */
	char name[WIRE_FILE_NAME_MAX_BYTES + 1];       /* the last one that was added */
	char uris[RECORD_URIS_MAX_BYTES];
	size_t len, last; /* last: where that one begins */
	bool beyond;      /* they are too many: none is told */
};

enum files_state {
	FILES_WAITING, /* SERVE, SFTP: for the order; SEND, STREAM: for OPENED */
	FILES_SENDING,
	FILES_RECEIVING,
	FILES_STREAMING,
	FILES_LISTING,
	FILES_LENDING,
	FILES_ENDED,
};

/* What is copied in the session (GET, COPIED). */
enum files_copied { FILES_COPIED_NONE, FILES_COPIED_ASKED, FILES_COPIED_TAKEN };

struct files_program {
	struct ipc_channel parent, wire;
	uint8_t role, transfer;
	bool force, links;
	bool lent;     /* SERVE: what is copied is lent, not sent */
	uint32_t caps; /* SERVE, SFTP: FILES_IN, FILES_OUT */
	char rename[WIRE_FILE_NAME_MAX_BYTES + 1];
	char home[WIRE_FILE_PATH_MAX_BYTES + 1];
	struct files_place *places; /* owned: RECORD_FILES_PLACES_MAX */
	size_t place_count;
	bool configured, go;

	enum files_state state;
	struct files_sender sender;
	struct files_receiver receiver;
	struct files_stream stream;
	struct files_lender lender;
	struct files_sftp sftp;
	struct files_source *sources; /* owned */
	enum files_copied copied;
	struct files_made *made; /* owned; NULL: nothing goes to the clipboard */
	int base;                /* owned; SERVE: the folder of a PUT or the source of a GET */

	uint64_t told_ms; /* of progress */
	uint32_t total_files;
	uint64_t total_bytes;
	char first[WIRE_FILE_PATH_MAX_BYTES + 1]; /* the first entry's path, for the log */
	struct record_files_result result;
};

/* Takes the parent's records up to FILES_GO. -EPROTO, -EPIPE. */
int files_program_configure(struct files_program *p) MUST_CHECK;

/* Whether the other end orders, and the folders are the workstation's. */
bool files_program_serves(const struct files_program *p);

/* Those of the places that are folders, and whether they may be written to. -errno. */
int files_program_folders(const struct files_program *p,
	struct sandbox_folder folders[static SANDBOX_FOLDERS_MAX], size_t *count) MUST_CHECK;

/* Records of the parent that come later. 0; -ECANCELED: the person stops it; -EPIPE: it is gone. */
int files_program_parent(struct files_program *p) MUST_CHECK;

/* A message of the other end. 0; 1: the transfer has come to its end; or why it ends. */
int files_program_message(
	struct files_program *p, const struct wire_message *m, size_t len) MUST_CHECK;

/* What it begins with: SEND and RECEIVE wait for the other end's word. */
int files_program_begin(struct files_program *p) MUST_CHECK;

/* SERVE: PUT and GET; SFTP: SFTP. Answers with OPENED. */
int files_program_order(struct files_program *p, const struct wire_message *m) MUST_CHECK;

/* The place that a path of the client's order means, and the path beneath it; out has room for
 * WIRE_FILE_PATH_MAX_BYTES and the end. -EXDEV: none of them. */
int files_program_find(const struct files_program *p, const char *text, size_t len,
	const struct files_place **place, char *out) MUST_CHECK;
/* What lies there, to be sent. -EISDIR: a folder, and not recursive. */
int files_program_open(
	const struct files_place *place, const char *path, bool recursive, int *out) MUST_CHECK;

/* GET of what is copied in the session: asks the parent; takes its answer, which begins the transfer.
 * -ENOENT: no files are copied. */
int files_program_ask_copied(struct files_program *p) MUST_CHECK;
int files_program_copied(struct files_program *p, const struct record_blob *list) MUST_CHECK;

/* The ends of the transfer as state says. */
int files_program_start(struct files_program *p) MUST_CHECK;

/* LIST: a message of the other end. As files_program_message. */
int files_program_list(
	struct files_program *p, const struct wire_message *m, size_t len) MUST_CHECK;

/* SERVE: what goes to the clipboard: an entry has come; the one at path is at fault; all have come. */
void files_program_note_made(struct files_program *p, const struct wire_file_entry *e);
void files_program_note_fault(struct files_program *p, const char *path);
void files_program_tell_made(struct files_program *p);
void files_made_add(struct files_made *made, const char *folder, const char *name);
/* Without the last one. */
void files_made_undo(struct files_made *made);

/* What was copied so far is the result. */
void files_program_count(struct files_program *p);

/* Tells the parent how far it is, at most each 200 ms; last: in any case. */
void files_program_tell(struct files_program *p, bool last);

/* As files_send_fn and files_fault_fn; user is the program. */
int files_program_send(void *user, const struct wire_message *m);
void files_program_fault(void *user, enum wire_file_fault fault, const char *path, bool there);
