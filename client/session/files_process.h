/*
 * The process farseat-files of the laptop: starting it for one transfer, handing it what it may open,
 * listening to how far it is. farseat opens the paths that the person named; bytes of files never come
 * here, and what comes is read as untrusted, since farseat-files reads the other end.
 */
#pragma once

#include "common/base/process.h"
#include "common/ipc/records_files.h"

/* Callbacks of files_process_read; views live for the call. Progress and fault may be NULL. */
struct files_process_events {
	void (*progress)(void *user, const struct record_files_progress *progress);
	void (*fault)(void *user, const struct record_files_fault *fault);
	void (*result)(void *user, const struct record_files_result *result);
	void (*entry)(
		void *user, const struct record_files_entry *entry); /* LIST; NULL: it is none */
	void (*copied)(
		void *user, const struct record_files_copied *copied); /* PASTE; NULL: it is none */
};

struct files_process {
	struct process process;
	const char *program; /* static: farseat-files, or farseat-paste, which speaks as it does */
	struct ipc_channel channel;
	const struct files_process_events *events; /* borrowed */
	void *user;
	bool done; /* the result has come */
};

/* Before anything else, so that a finish is always right. */
void files_process_init(
	struct files_process *f, const struct files_process_events *events, void *user);

/* Starts it with its configuration. *wire_fd: its channel to the other end, which the link gets; the
 * caller closes it. -ENOENT: the program is not installed. */
int files_process_start(
	struct files_process *f, const struct record_files_config *config, int *wire_fd) MUST_CHECK;

/* Something that it may read or write. name: what the other end is to call it; fd stays the
 * caller's. */
int files_process_place(struct files_process *f, int fd, const char *name) MUST_CHECK;

/* Everything was handed over: it begins. */
int files_process_go(struct files_process *f) MUST_CHECK;

/* The person wants no more of it; its result follows. */
void files_process_cancel(struct files_process *f);

/* Takes what it has said, and calls back. 0; -EPIPE: it has ended; -EPROTO: it broke the rules. */
int files_process_read(struct files_process *f) MUST_CHECK;

/* Ends it: waits up to grace_ms for it to exit, then kills it. Always reaps. */
void files_process_finish(struct files_process *f, int grace_ms);
