/*
 * The pipes by which contents move on Wayland: read from what another program copied, or written to one
 * that pastes. Each has a number; there are as many as a poll takes, and more are refused. Nothing
 * blocks.
 */
#pragma once

#include "common/base/fd.h"
#include "common/clipboard/local.h"

/* What a pipe holds is read by at most so much at once: Linux gives it 64 KiB. */
#define WAYLAND_PIPE_BYTES (64U << 10)

struct wayland_pipe {
	uint32_t id; /* 0: free */
	int fd;      /* owned */
	bool writing;
	bool waits; /* writing: it was full */
	bool broken;
	enum clipboard_selection selection;
	enum clipboard_kind kind;
	size_t window_bytes, moved_bytes; /* reading: what may come; what has */
	uint64_t moved_ms;                /* when it last moved, or began */
};

struct wayland_pipes {
	struct wayland_pipe all[CLIPBOARD_LOCAL_FDS_MAX];
	uint32_t last_id;
	uint8_t bytes[WAYLAND_PIPE_BYTES]; /* wiped after each use */
};

void wayland_pipes_finish(struct wayland_pipes *p);

/* Takes fd over; NULL, and fd is closed: there are too many, or it cannot be made not to block. */
struct wayland_pipe *wayland_pipes_add(struct wayland_pipes *p, int fd, bool writing);
/* NULL: it is no more, or of the other direction. */
struct wayland_pipe *wayland_pipes_find(struct wayland_pipes *p, uint32_t id, bool writing);
void wayland_pipes_close(struct wayland_pipe *pipe);
/* Whether it waits for the other program, so that it is to be polled; never where it is free. */
bool wayland_pipes_waits(const struct wayland_pipe *pipe);

/* Writes what fits; how much. What does not fit is told as room later. */
size_t wayland_pipes_write(struct wayland_pipe *pipe, const uint8_t *bytes, size_t len);

size_t wayland_pipes_fds(const struct wayland_pipes *p, int fds[static CLIPBOARD_LOCAL_FDS_MAX],
	bool wants_write[static CLIPBOARD_LOCAL_FDS_MAX]);
/* Moves what can move now, and ends what took too long; tells the clipboard's listener. */
void wayland_pipes_step(struct wayland_pipes *p, struct clipboard_local *l);
void wayland_pipes_expire(struct wayland_pipes *p, struct clipboard_local *l, uint64_t now_ms);
/* In how many ms something will have taken too long; -1: nothing waits. */
int wayland_pipes_due_ms(const struct wayland_pipes *p, uint64_t now_ms);
