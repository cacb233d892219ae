/*
 * farseat-files of the sessions: one for each transfer, started by farseat-starter when a worker asks
 * for it and its device may copy files. It gets the folders of the configuration, opened, and the
 * channel whose other end the worker gets; what it tells us goes to the log and the audit log.
 */
#pragma once

#include "common/ipc/records_files.h"
#include "server/registry/settings.h"
#include "server/supervisor/worker_child.h"

struct files_child {
	struct supervisor *supervisor; /* borrowed */
	struct child child;
	bool running;
	bool done; /* its result has come: it is about to exit */
	bool sftp;
	bool asks; /* what files are copied in the session */
	uint32_t worker;
	uint32_t caps; /* that it needs */
	/* For the log, since the session may be over before it. */
	char device[REGISTRY_NAME_MAX_BYTES], device_id[REGISTRY_ID_MAX_BYTES];
	char peer[WIRE_NAME_MAX_BYTES];
};

/* Starts one for the worker's request: WIRE_FILE_OK and *channel, the worker's end, which is the
 * caller's; or why there is none. */
enum wire_file_fault files_begin(
	struct worker_child *w, const struct record_files_ask *ask, int *channel);

/* The agent's answer for that worker's device; empty: there is none. worker 0: of all of them. */
void files_answer_copied(struct supervisor *s, uint32_t worker, const struct record_blob *list);

/* The device may do less: what it may not do any more is killed. */
void files_apply_caps(const struct worker_child *w);

/* The worker has ended: its transfers see that, and are killed when they do not. */
void files_detach(const struct worker_child *w);

/* farseatd stops. */
void files_stop(struct supervisor *s);
