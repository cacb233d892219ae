/*
 * The encoder and the thread that it runs on. The main thread starts a job when the last one is
 * done, and takes the slices out as they are made. Runs in farseat-worker; what it reads is the
 * agent's picture, never a byte of the client.
 *
 * A small job is done at once by the caller, since waking a thread takes longer than coding it.
 */
#pragma once

#include "common/base/samples.h"
#include "common/codec/codec.h"
#include "common/ipc/memory.h"

#include <pthread.h>

/* Slices that wait for the network; with more the thread waits. One slice may go beyond it. */
#define ENCODE_QUEUE_MAX_BYTES (2U * 1024 * 1024)
/* A job that looks at no more than this is coded by the caller. A line of text takes 0.1 to 0.3 ms,
 * and so do a thread's two wake-ups; a piece of a photograph of this size takes 1 ms. */
#define ENCODE_INLINE_MAX_PX (128U * 96)

struct encode_slice {
	struct encode_slice *next;
	size_t len, sent; /* sent: how far the owner has come */
	uint8_t bytes[];
};

struct encode_job {
	const uint8_t *pixels; /* NULL: look at nothing new; borrowed until encode_event.taken */
	size_t stride_bytes;
	struct codec_rect rects[CODEC_RECTS_MAX];
	size_t rect_count;
	struct codec_budget budget;
};

struct encode {
	/* of the main thread alone */
	pthread_t thread;
	int event_fd;                      /* owned; readable when there is something to collect */
	struct encode_slice *first, *last; /* owned; collected */
	bool busy;                         /* from encode_start until encode_collect said done */

	/* Owned; the thread's while a job runs, else the main thread's. */
	struct codec_encoder *encoder;
	struct encode_job job;
	struct codec_stats stats; /* after the last job that is done */

	pthread_mutex_t lock; /* what follows */
	pthread_cond_t wake, space;
	bool queued, quit;
	bool inside; /* the caller does the job itself */
	bool taken, done;
	int result;
	bool pending, inexact;
	uint32_t took_us;
	struct encode_slice *made_first, *made_last; /* owned */
	size_t waiting_bytes;                        /* made, or collected and not yet sent */
};

/* What encode_collect found out. */
struct encode_event {
	bool taken; /* the job's pixels were copied: the source may change */
	bool done;  /* the job is over: */
	int result; /* as codec_encoder_encode */
	uint32_t took_us;
};

/* Starts the thread. */
int encode_init(struct encode *e) MUST_CHECK;
void encode_finish(struct encode *e);

/* A new encoder instead of the old one, and no slices: only while not busy. */
int encode_reset(struct encode *e, const struct codec_params *params) MUST_CHECK;

/* Only while not busy and with an encoder. The job is copied. */
void encode_start(struct encode *e, const struct encode_job *job);

/* Takes over what was made since. Call when event_fd is readable, and after encode_start. */
void encode_collect(struct encode *e, struct encode_event *out);

/* Whether event_fd was written (reads it empty). */
void encode_clear_event(struct encode *e);

/* The first collected slice (or NULL) was sent as a whole. */
void encode_drop_first(struct encode *e);

/* Whether the client lacks something, or sees an approximation: as of the last job that is done. */
bool encode_pending(const struct encode *e);
bool encode_inexact(const struct encode *e);
