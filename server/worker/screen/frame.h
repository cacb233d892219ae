/*
 * The picture's way from the agent's memory to the client (ARCHITECTURE.md, D-PULL): asks the agent
 * for a frame when the client can take one, has it coded, and gives its parts to the peer one by
 * one.
 *
 * Never a frame behind another: a new one begins only when every part of the one before is with the
 * kernel and the window (pace.h) is open. Until then damage gathers in the agent, and the next
 * frame is made of the newest pixels.
 */
#pragma once

#include "common/base/samples.h"
#include "common/ipc/memory.h"
#include "common/ipc/records_view.h"
#include "server/worker/channel/channel.h"
#include "server/worker/screen/encode.h"
#include "server/worker/screen/pace.h"

/* How long a picture that is only approximate rests before it is made exact (ARCHITECTURE.md,
 * D-EXACT). */
#define FRAME_REFINE_MS 50
/* How long a picture rests before the next one is prepared for: longer than between the frames of
 * anything that moves, less than between pages. */
#define FRAME_REST_MS 100
/* A client that acknowledges nothing for so long, though it has answered a PING that was sent
 * behind the frame, shows nothing any more. */
#define FRAME_ACK_TIMEOUT_MS 10000

enum frame_state {
	FRAME_IDLE,   /* no job runs, and all that was made of the last one is with the kernel */
	FRAME_CODING, /* a job runs; its first slices may be on their way */
	FRAME_CODED,  /* the job is done, and parts or the frame's end still have to be sent */
};

/* What the next job looks at. */
enum frame_look {
	FRAME_LOOK_CHANGES, /* what FRAME_READY says; nothing without one */
	FRAME_LOOK_WHOLE,   /* the encoder is new */
	FRAME_LOOK_RENEW,   /* the encoder has to be made anew first */
};

/* How far a request to the agent has come. */
enum frame_request {
	FRAME_NOT_ASKED,
	FRAME_ASKED, /* FRAME_REQUEST is with the agent */
	FRAME_READY, /* FRAME_READY came and waits for the encoder */
	FRAME_TAKING /* the job under way copies what it announced */
};

struct frame_source {
	struct ipc_memory memory; /* the agent's framebuffer; bytes NULL: none */
	struct record_framebuffer info;
};

struct frame {
	const struct worker_host *host; /* borrowed */
	struct encode encode;
	struct pace pace;
	uint32_t codec_features; /* what both ends can */

	enum frame_state state;
	enum frame_look look;
	enum frame_request request;
	struct record_frame_ready ready;         /* from FRAME_READY on */
	struct frame_source source, next_source; /* next_source waits until the encoder is idle */

	uint32_t generation;   /* of SCREEN: counts up */
	uint32_t number;       /* of the newest frame that was begun */
	uint32_t input_serial; /* of the job */
	bool begun;            /* a frame is being sent: its end is due */
	bool due;    /* a frame is due even if nothing is to be coded: the first of a screen, or one
		     that answers input */
	bool exact;  /* by the last job nothing shown is an approximation of what was captured */
	bool looked; /* and what was captured is all there is: the agent has looked (LOOKED) */
	bool exact_told; /* the last frame said so */
	bool paused;     /* the client wants no frames */
	bool prepared;   /* the encoder has nothing more to get ready since the last job */

	uint64_t asked_ms;   /* the newest FRAME_REQUEST */
	uint64_t coded_ms;   /* end of the last job */
	uint64_t resumed_ns; /* end of the last pause */
	uint64_t blocked_ns; /* of the peer, when the frame began */

	struct samples encode_us;
	uint64_t frames, picture_bytes; /* sent */
};

extern const struct worker_channel frame_channel; /* self: struct frame */

/* Starts the encoder's thread. host lives as long as the frame. A zeroed frame can be finished when
 * its encode.event_fd is -1. */
int frame_init(struct frame *f, const struct worker_host *host) MUST_CHECK;

/* The client's VIEW. */
void frame_pause(struct frame *f, bool paused);

/* The encoder's event descriptor is readable. */
void frame_collect(struct frame *f);

/* Called before the worker sleeps: whether there is more to get ready, so that it should not yet.
 */
bool frame_prepare(struct frame *f);

/* There is an encoder, and everything that it made is with the kernel. */
bool frame_is_idle(const struct frame *f);
/* And nothing is pending or inexact, and the agent has looked whether it knows of every change. */
bool frame_is_settled(const struct frame *f);
/* Asks the agent to look once more: nothing is settled until it has. */
void frame_look_again(struct frame *f);
/* The number of the newest frame and the checksum of the picture after it. Only while idle. */
void frame_checksum(const struct frame *f, uint32_t *number, uint64_t *checksum);

/* frame_send.c: the parts on their way. */
bool frame_has_part(const struct frame *f);
int frame_next_part(void *self, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more);
/* FRAME_ACK. */
void frame_acked(void *self, const struct wire_message *m);
/* Ends the session of a client that acknowledges nothing (FRAME_ACK_TIMEOUT_MS). */
void frame_check_acks(struct frame *f);
