/*
 * How much picture may be under way: from acknowledgements to a window in bytes and frames. Pure:
 * takes times, holds no clock and no descriptor. Runs in farseat-worker on numbers that the client
 * claims; a client that lies only harms its own picture.
 *
 * window = rate * (base round trip + PACE_QUEUE_MS): enough to keep the link busy, and no more than
 * PACE_QUEUE_MS standing in a queue before what comes next. The rate counts bytes that were
 * acknowledged in the time between two acknowledgements, and changes only as far as a sample
 * contradicts it. A sample from a frame during which the kernel hardly refused a byte says only
 * that the link is at least as fast: it raises the estimate and never lowers it. While there are no
 * other samples the window is PACE_START_BYTES or more, so that a fast link never stands idle.
 */
#pragma once

#include "common/base/macros.h"
#include "server/worker/screen/minimum.h"

#include <stdbool.h>
#include <stdint.h>

/* What may stand in a queue (PROTOCOL.md, section 10): less than the frames of a screen are apart.
 */
#define PACE_QUEUE_MS 10
/* Before anything is known: 0.1 s of the slowest link that video is meant for (20 Mbit/s). */
#define PACE_START_BYTES (256U * 1024)
/* Two records: below it a frame would consist of headers. */
#define PACE_LEAST_BYTES (32U * 1024)
/* A sample of less is noise of the scheduler rather than the link's rate. */
#define PACE_SAMPLE_LEAST_BYTES 8192
#define PACE_SAMPLE_LEAST_NS    500000
/* How long a sample counts: the rate adapts within a second. And how long a link counts as known to
 * be slow: long, since a link that has become faster shows it with its next large frame, while a
 * large frame on a link that is still slow stands in the way of all that follows. */
#define PACE_RATE_WINDOW_NS  1000000000ULL
#define PACE_LIMIT_WINDOW_NS 600000000000ULL
#define PACE_BASE_WINDOW_NS  10000000000ULL
/* The link limits a frame when the kernel would take nothing for this part of the time it was sent
 * in. For a moment any kernel takes nothing; there the limit is how fast we make frames. */
#define PACE_LIMIT_PART 2
/* Frames under way: two (one presented, one coded and sent) and one more for each 60th of a second
 * of round trip. */
#define PACE_FRAME_NS     16666667ULL
#define PACE_FRAMES_LEAST 2
#define PACE_FRAMES_MAX   32
#define PACE_RATE_SAMPLES 8
/* A frame takes no more than this part of the window, so that the next one is begun while it is
 * under way, and the link is never idle for a round trip. */
#define PACE_FRAME_PART 2
/* But it is not cut where the link carries it in less than this: the whole picture at once is worth
 * more than a newer half of it. */
#define PACE_WHOLE_MS 25

/*
 * A frame that fits one packet, while no more than a few such are under way, says nothing about the
 * link and need not be acknowledged: acknowledgements, and TCP's of those, would be half of the
 * packets while a person types. There are no more than so many in a row, so that a client that does
 * not follow is noticed, and no more often than a screen shows them: beyond that newer pixels are
 * worth waiting for.
 */
#define PACE_NO_ACK_BYTES     1200
#define PACE_NO_ACK_ALL_BYTES 4096
#define PACE_NO_ACK_ROW       8
#define PACE_NO_ACK_FRAMES    2 /* in PACE_FRAME_NS */

struct pace_frame {
	uint32_t frame;
	bool ended, limited;
	uint64_t bytes;
	uint64_t begin_ns, end_ns;
	uint64_t delivered_bytes; /* acknowledged in all when it began */
	uint64_t delivered_ns;    /* and when the newest of that was; 0: nothing was under way */
};

struct pace {
	struct pace_frame frames[PACE_FRAMES_MAX]; /* ring: not yet acknowledged */
	size_t first, count;
	uint32_t last_ended;
	unsigned no_ack_row; /* since the last frame that is to be acknowledged */
	uint64_t no_ack_ns[PACE_NO_ACK_FRAMES];
	size_t no_ack_next;
	uint64_t in_flight_bytes;
	uint64_t delivered_bytes, delivered_ns;
	struct {
		uint64_t at_ns;
		uint64_t bytes_per_s;
	} rates[PACE_RATE_SAMPLES];
	size_t rate_next;
	uint64_t limited_ns; /* newest sample that the link limited; 0 never */
	uint64_t rate_bytes_per_s;
	uint32_t rtt_us;        /* newest */
	struct minimum base_us; /* of the round trips of PACE_BASE_WINDOW_NS */
};

void pace_init(struct pace *p, uint64_t now_ns);

/* A frame begins: only when pace_free_bytes said so. wrote: bytes handed to the kernel. It ends:
 * blocked_ns is for how long since its begin the kernel would take nothing. */
void pace_begin(struct pace *p, uint32_t frame, uint64_t now_ns);
void pace_wrote(struct pace *p, size_t bytes);
/* Whether the frame that now ends with so many bytes more has to be acknowledged. */
bool pace_needs_ack(const struct pace *p, size_t bytes, uint64_t now_ns);
void pace_end(struct pace *p, uint64_t blocked_ns, bool needs_ack, uint64_t now_ns);

/* All frames up to this one are on the client's screen. present_us: between its arrival there and
 * its acknowledgement. -EPROTO: it was not sent whole. */
int pace_acked(struct pace *p, uint32_t frame, uint32_t present_us, uint64_t now_ns) MUST_CHECK;

/* Since when a frame that was sent whole waits for its acknowledgement and none came; 0: none
 * waits. */
uint64_t pace_unacked_since_ns(const struct pace *p);

/* Bytes that a new frame may take; 0: none may begin. Never 0 when nothing is under way. */
uint64_t pace_free_bytes(const struct pace *p, uint64_t now_ns);
uint64_t pace_window_bytes(const struct pace *p, uint64_t now_ns);
uint32_t pace_base_rtt_us(const struct pace *p); /* 0 unknown */

/* The measured rate where the link is what limits; 0: it is not known to. */
uint64_t pace_link_bytes_per_s(const struct pace *p, uint64_t now_ns);

/* How large a frame that may begin now should become: 0 no limit, where the link has shown that it
 * takes what we make. */
uint64_t pace_frame_bytes(const struct pace *p, uint64_t now_ns);
