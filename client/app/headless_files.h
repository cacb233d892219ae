/* farseat-files beside a session without a window: for the commands that copy, and for SFTP. farseat. */
#pragma once

#include "client/app/headless.h"
#include "client/session/files_process.h"

/* How long farseat-files may take to stop when it was told to. */
#define HEADLESS_FILES_CANCEL_MS 3000

/* Sleeps until the session or farseat-files has something; takes it. Returns what files_process_read does, or
 * -errno of the wait. */
int headless_files_turn(struct headless *h, struct files_process *f) MUST_CHECK;

/* Says on stderr why farseat-files was not started: files_process_start's error. */
void headless_files_complain(const char *who, int error);
