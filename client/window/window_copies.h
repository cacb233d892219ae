/*
 * Copies of files that the window has under way: each is a farseat-files of its own, as with `farseat
 * cp`, and is seen as a line with a button that cancels it. No byte of a file comes here. farseat.
 */
#pragma once

#include "client/session/files_process.h"
#include "client/window/overlay.h"
#include "common/base/fd.h"

struct window;

/* At once, so that each has a button; one transfer of the connection is left to others. */
#define WINDOW_COPIES_MAX      OVERLAY_BUTTONS_MAX
#define WINDOW_COPY_NAME_BYTES 64
#define WINDOW_COPY_WHY_BYTES  120

struct window_copy {
	bool used, up; /* up: to the workstation */
	bool pasted;   /* and then into the session's clipboard */
	bool copied;   /* what is copied in the session */
	uint8_t transfer;
	struct window *window; /* borrowed */
	struct files_process process;
	int wire_fd; /* owned until it is ordered; -1 */
	uint64_t begun_ms;
	uint64_t kill_at_ms;               /* 0: it was not cancelled */
	char name[WINDOW_COPY_NAME_BYTES]; /* clean text: of what is copied */
	uint32_t files, faults;
	uint64_t bytes, total_bytes;     /* 0: not known */
	char why[WINDOW_COPY_WHY_BYTES]; /* of the first thing that was not copied; empty: none */
	uint8_t fault;                   /* of its result */
};

struct window_copies {
	struct window_copy at[WINDOW_COPIES_MAX];
	uint8_t last; /* transfer's number */
};

/* A number for a transfer: one that was not used lately. */
uint8_t window_copies_number(struct window_copies *copies);

/*
 * Begins a copy: window_copy_place for each thing it may open, then window_copy_order. NULL: there are
 * too many, or farseat-files cannot be started, which was said. name: of what is copied, as bytes.
 */
struct window_copy *window_copy_begin(struct window *w, bool up, const char *name);
/* 0; -errno: the copy is given up. fd stays the caller's. */
int window_copy_place(struct window_copy *c, int fd, const char *name) MUST_CHECK;
/* path: as with FILE_PUT and FILE_GET. */
void window_copy_order(struct window_copy *c, const char *path, uint8_t flags);
/* It does not begin, or is ended at once; nothing is said. */
void window_copy_drop(struct window_copy *c);

/* As the person wants: ends the copy of that number, or all of them. */
void window_copies_cancel(struct window *w, int number);
void window_copies_cancel_all(struct window *w);
bool window_copies_any(const struct window *w);

/* A line and a button for each. */
void window_copies_words(const struct window *w, struct overlay_words *words);

/* How many descriptors it adds to fds: WINDOW_COPIES_MAX at most. */
size_t window_copies_fds(const struct window *w, struct fd_poll *fds);
/* Takes what they tell, and says what became of those that have ended. */
void window_copies_step(struct window *w);
/* The window closes: what runs is ended. */
void window_copies_close(struct window *w);

/* Bytes of somebody's name as text for the window: what is no clean UTF-8, or has format characters, by which
 * one name could look like another, is escaped. */
void window_copy_clean(char *out, size_t size, const uint8_t *bytes, size_t len);
