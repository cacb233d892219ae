/*
 * Descriptors, as far as what a client links needs them: waiting, bytes, pairs and wake-ups. One
 * file a system (D-PORTABLE); nothing above knows more of a descriptor than its number.
 *
 * Every function that fails returns -errno of <errno.h>, of sockets too.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

/* Closes *fd if it is open and sets it to -1. Keeps errno. */
void fd_close(int *fd);

int fd_set_nonblock(int fd) MUST_CHECK;
int fd_set_cloexec(int fd, bool on) MUST_CHECK;

/* ---- waiting ---- */

/* What a descriptor may be ready for: bits. The numbers are those of poll(2), so that Linux has
 * nothing to translate and an event loop of the server's can take them. */
#define FD_READ  0x01 /* bytes, or their end */
#define FD_WRITE 0x04
#define FD_END   0x38 /* closed or broken: told unasked */

struct fd_poll {
	int fd; /* negative: passed over */
	short want;
	short got;
};

/*
 * Sleeps until one of them (there may be none) is ready, timeout_ms at most; negative: for ever. How many are; 0: the
 * time is over. -EINTR: a signal came; -errno.
 */
int fd_wait(struct fd_poll *polls, size_t count, int timeout_ms) MUST_CHECK;

/* The same of one; a signal does not end it. */
int fd_wait_one(int fd, short want, int timeout_ms) MUST_CHECK;

/* ---- bytes ---- */

/* 0: *got bytes came, none at the end. -EAGAIN: none now. A signal is not seen. */
int fd_read(int fd, void *to, size_t size, size_t *got) MUST_CHECK;

/* 0: *put bytes went. -EAGAIN: none now; -EPIPE: nobody reads, and no signal tells of it where the
 * descriptor is a socket. A signal is not seen. */
int fd_write(int fd, const void *bytes, size_t len, size_t *put) MUST_CHECK;

/* From now on fd_write gives -EPIPE for any descriptor that nobody reads, and no signal ends the
 * process. Once, before threads start. */
void fd_no_pipe_signal(void);

/* The other end reads the end of the stream, ours can still read. What is no socket stays. */
void fd_end_writing(int fd);

/* Two ends of a stream, both ways; blocking, not inherited. */
int fd_pair(int out[static 2]) MUST_CHECK;

/* A stream from out[1] to out[0]; blocking, not inherited. */
int fd_pipe(int out[static 2]) MUST_CHECK;

/* One that gives and takes nothing (/dev/null); -1: there is none. */
int fd_null(void);

/* ---- wake-ups ---- */

/* One that becomes readable when it is told, from any thread, and stays so until it is cleared. */
int fd_event_open(int *out) MUST_CHECK;
void fd_event_tell(int fd);
/* Whether it was told. */
bool fd_event_clear(int fd);
