/*
 * How many bytes of a transfer, of a file or of the clipboard's contents, may be under way: enough to keep the link busy, and no more than
 * TRANSFER_QUEUE_MS standing in a queue before what comes next (PROTOCOL.md, section 10). Pure:
 * takes times, holds no clock and no descriptor. It reckons with numbers that the other end claims;
 * one that lies harms its own connection only.
 *
 * window = rate * (base round trip + TRANSFER_QUEUE_MS). Where the window is what limits, the bytes
 * that were acknowledged grow by that queue with each round trip, until the link limits; so the rate
 * finds the link's by itself, and falls when the link does.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What may stand in a queue, as of the picture: less than the frames of a screen are apart. */
#define TRANSFER_QUEUE_MS 10
/* Before anything is known: as the picture begins. */
#define TRANSFER_WINDOW_START_BYTES (256U * 1024)
/* Two messages: below it every message would wait for an acknowledgement. */
#define TRANSFER_WINDOW_LEAST_BYTES (32U * 1024)
/* What waits for a process that does not read stands in its ipc channel, which takes 1 MiB. */
#define TRANSFER_WINDOW_MAX_BYTES (768U * 1024)
/* Acknowledgements of less time are noise of the scheduler rather than the link's rate. */
#define TRANSFER_SAMPLE_MS 10
/* A sample counts for so many of those that follow it. */
#define TRANSFER_SAMPLES 16
/* One in so many of them may be better than the rate that is reckoned with. The best one is too good:
 * acknowledgements that a busy machine held back come in a lump, and what it promises stands in the
 * link's queue (27 ms instead of 10 over 20 Mbit/s). */
#define TRANSFER_BETTER 8
/* The base round trip is the least of this time and the time before. */
#define TRANSFER_BASE_MS 10000

struct transfer_window {
	uint64_t sent_bytes, acked_bytes;
	/* The sample that is being taken. */
	uint64_t sample_begin_us, sample_begin_bytes; /* 0: it begins with an acknowledgement */
	bool sample_limited;              /* the window, and not the sender, was what limited */
	uint64_t rates[TRANSFER_SAMPLES]; /* bytes a second; ring */
	unsigned next, count;
	uint64_t rate;       /* what is reckoned with; 0: no sample yet */
	uint32_t base_us[2]; /* of this TRANSFER_BASE_MS and the one before; 0 none */
	uint64_t base_began_us;
};

void transfer_window_init(struct transfer_window *w);

/* Bytes that may go now; 0: wait for an acknowledgement. */
uint64_t transfer_window_free_bytes(struct transfer_window *w);

void transfer_window_sent(struct transfer_window *w, uint64_t bytes);

/* taken_bytes since the beginning, as the other end says; rtt_us of the connection, 0 unknown: then the
 * window stays what it is at the start.
 * false: it has taken what was not sent. */
bool transfer_window_acked(
	struct transfer_window *w, uint64_t taken_bytes, uint32_t rtt_us, uint64_t now_us);
