/*
 * Files that are copied in the session and pasted on the laptop: the exchange asks for them, a
 * farseat-mount and a farseat-paste make a folder in which they can be read, and the exchange gets where
 * they are (ARCHITECTURE.md, D-PASTE). No byte of a file comes here. farseat.
 */
#pragma once

#include "client/session/files_process.h"
#include "client/session/mount_process.h"
#include "common/base/fd.h"

struct window;

/* One for what is copied now, and one that a program may still be reading: each is a transfer of the
 * connection, of which two are left to others. */
#define WINDOW_PASTES_MAX 2

struct window_paste {
	bool used;
	bool wanted; /* the exchange waits for it */
	bool runs;   /* farseat-paste does, and has the mount */
	uint8_t transfer;
	struct window *window; /* borrowed */
	struct mount_process mount;
	struct files_process process;
	uint64_t used_ms; /* when something of it was read last, as far as it tells */
	uint32_t handles; /* that programs have open there */
	uint8_t fault;    /* why there is nothing more */
	char why[96];     /* what was not lent, and why; empty */
};

struct window_pastes {
	bool possible; /* this laptop has what it needs */
	bool due;      /* the exchange asks */
	struct window_paste at[WINDOW_PASTES_MAX];
	struct window_paste *current; /* whose files the exchange has, or waits for; NULL */
};

void window_pastes_open(struct window *w);
/* What is mounted is unmounted. */
void window_pastes_close(struct window *w);

/* Whether files that are copied in the session can be pasted here. */
bool window_pastes_may(const struct window *w);
/* exchange_line.files; user is the window. */
void window_pastes_wanted(void *user);

/* How many descriptors it adds to fds: WINDOW_PASTES_MAX at most. */
size_t window_pastes_fds(const struct window *w, struct fd_poll *fds);
/* Takes what they tell. */
void window_pastes_step(struct window *w);
