/*
 * How much a transfer will be (FILE_TOTAL): a walk of its own over what is to be sent, some names at a
 * time, so that sending never waits for it. It is for show: what changes meanwhile, or cannot be read,
 * is counted as it was seen.
 */
#pragma once

#include "common/files/folder.h"
#include "common/wire/messages.h"

/* Of tens of thousands of files the walk takes a second; who copies more learns of no total. */
#define FILES_TOTAL_NAMES_MAX (1U << 20)

struct files_source;

struct files_total {
	const struct files_source *sources; /* borrowed */
	size_t source_count;
	bool links; /* they count as files */

	size_t next_source;
	struct folder_list *folders; /* owned: WIRE_FILE_DEPTH_MAX; NULL: the walk is over */
	size_t depth;
	uint32_t names, files;
	uint64_t bytes;
};

/* The fields above the blank line are the caller's to set, before. -ENOMEM. */
int files_total_init(struct files_total *t) MUST_CHECK;
void files_total_finish(struct files_total *t);

/* Looks at the next names, a few. 1: files and bytes are known now; 0: not yet, or the walk is over; -ENODATA: they
 * never will be: a pipe is among them, or too much. */
int files_total_step(struct files_total *t) MUST_CHECK;
