/*
 * The decoder and the thread that it runs on, and the copy of its picture into the UI's memory.
 * Runs in farseat-link; every slice is hostile. Slices go in as soon as they are complete; the UI's
 * memory is written only at the end of a frame, and only when the UI has answered the last UPDATE
 * with PRESENTED. Until then changes are merged, and the newest picture is shown.
 *
 * Small slices are decoded at once by the caller where the thread is idle, since waking it takes
 * longer than decoding them.
 */
#pragma once

#include "common/base/buffer.h"
#include "common/base/samples.h"
#include "common/codec/codec.h"
#include "common/ipc/memory.h"

#include <pthread.h>

/* Slices that wait; over it the link stops reading from the network until the decoder has caught
 * up. */
#define DECODE_QUEUE_MAX_BYTES (4U * 1024 * 1024)
#define DECODE_QUEUE_MAX_ITEMS 256
/* What is decoded by the caller: some hundred microseconds at worst for real content. */
#define DECODE_INLINE_MAX_BYTES 2048
/* What is copied by the caller when the UI becomes free: 0.1 ms. */
#define DECODE_INLINE_MAX_PX (256U * 256)

struct decode_frame {
	uint32_t generation; /* of the screen, filled in here */
	uint32_t frame;
	uint32_t input_serial;
	bool exact;
	uint64_t received_us; /* its last byte */
};

struct decode_item; /* of the queue */

/* What came out; read by decode_collect. */
struct decode_event {
	bool update; /* the UI's memory has a new picture: */
	struct decode_frame frame;
	struct codec_changed changed;
	bool checksum; /* asked for by decode_checksum: */
	uint32_t checksum_generation, checksum_id;
	uint64_t checksum_remote, checksum_local;
	bool checksum_settled;
	int error; /* 0, or why decoding ended: -EPROTO malformed, -ENOMEM */
};

struct decode {
	pthread_t thread;
	int event_fd; /* owned */

	/* Used by one at a time: the thread, or a caller that found it idle. */
	struct codec_decoder *decoder; /* owned */
	uint32_t generation;           /* of the screen */
	uint16_t width_px, height_px;
	struct ipc_memory pixels; /* the UI's */
	uint32_t stride_bytes;
	struct codec_changed changed; /* since the UI's memory was written */
	bool in_frame;                /* the picture is in the middle of a frame */
	struct decode_frame newest;   /* complete */
	bool unseen;                  /* newest is not in the UI's memory */
	uint32_t frame_us;            /* spent on the frame so far */

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	bool quit, working;
	bool inside;                      /* a caller works, not the thread */
	struct decode_item *first, *last; /* owned */
	size_t queued_bytes, queued_items;
	bool stopped;             /* the caller was told that the queue is full */
	bool presenting;          /* the UI reads pixels: */
	uint32_t presented_frame; /* this one */
	bool retry;               /* try again to write the picture to the UI's memory */
	struct decode_event event;
	struct samples frame_times_us;
	uint32_t last_frame_us;
};

/* Starts the thread. */
int decode_init(struct decode *d) MUST_CHECK;
void decode_finish(struct decode *d);

/*
 * In order: a new decoder for a new screen of this generation; the UI's memory for it (taken over, also on failure; at
 * least stride_bytes * height_px); a slice (its buffer moves in); the end of a frame; a checksum of
 * the picture at that point. -ENOMEM.
 */
int decode_screen(
	struct decode *d, const struct codec_params *params, uint32_t generation) MUST_CHECK;
int decode_pixels(struct decode *d, struct ipc_memory *pixels, uint32_t stride_bytes) MUST_CHECK;
int decode_slice(struct decode *d, struct buffer *slice) MUST_CHECK;
int decode_frame_end(struct decode *d, const struct decode_frame *frame) MUST_CHECK;
int decode_checksum(struct decode *d, uint32_t id, uint64_t remote, bool settled) MUST_CHECK;

/* Whether so much waits that nothing more should be read from the network. event_fd tells when that
 * changes. */
bool decode_full(struct decode *d);

/* The UI has presented this frame and, if it is that of the last update, does not read its memory
 * now. */
void decode_presented(struct decode *d, uint32_t frame);

/* Called before the link sleeps: prepares something. true: there is more, it should not sleep yet. */
bool decode_prepare(struct decode *d);

/* What came out since; call when event_fd is readable and after each call above. */
void decode_collect(struct decode *d, struct decode_event *out);
void decode_clear_event(struct decode *d);

/* Decode times of the last frames. */
void decode_times(struct decode *d, uint32_t *p50_us, uint32_t *p95_us, uint32_t *last_us);
