/*
 * A copy of files in a session without a window: what `farseat cp` does once its command line is
 * understood. farseat; it opens the laptop's paths, farseat-files reads and writes what they hold.
 */
#pragma once

#include "client/app/headless.h"
#include "client/session/files_process.h"

/* Sources of one command. */
#define COPY_SOURCES_MAX RECORD_FILES_PLACES_MAX

struct copy {
	struct headless *session; /* borrowed; open */
	bool recursive, links, force;
	bool json, bar; /* events to standard output; a bar on standard error */

	struct files_process files;
	uint64_t begun_ms;
	bool begun_here; /* the other end has not answered yet */
	unsigned faults;
	struct record_files_result result; /* without its views */
};

/* Copies local paths ("-": standard input) to a path of the workstation. An exit status; what is wrong
 * is said on standard error. */
int copy_put(struct copy *c, const char *const *sources, size_t count, const char *to);

/* Copies one path of the workstation to a local path ("-": standard output). */
int copy_get(struct copy *c, const char *from, const char *to, bool into_folder);
