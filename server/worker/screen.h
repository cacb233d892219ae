/*
 * The picture's way from the agent's memory to the client (design.md, section 6): asks the agent
 * for a frame when the client can take one, has it coded, and gives its parts to the peer one by
 * one. Also the cursor's shape, which goes before the picture.
 *
 * Never a frame behind another: a new one begins only when every part of the one before is with the
 * kernel and the window (pace.h) is open. Until then damage gathers in the agent, and the next
 * frame is made of the newest pixels.
 */
#pragma once

#include "common/ipc/memory.h"
#include "common/ipc/records_view.h"
#include "server/worker/encode.h"
#include "server/worker/pace.h"

/* A checksum is given when all is settled, or after this. */
#define SCREEN_CHECKSUM_MS 2000
/* How long a picture that is only approximate rests before it is made exact (codec.md,
 * Progressive). */
#define SCREEN_REFINE_MS 50
/* How long a picture rests before the next one is prepared for: longer than between the frames of
 * anything that moves, less than between pages. */
#define SCREEN_REST_MS 100

struct worker;

struct screen {
	struct encode encode;
	struct pace pace;
	struct ipc_memory memory; /* the agent's framebuffer */
	struct record_framebuffer framebuffer;
	uint32_t generation;           /* of SCREEN: counts up */
	struct ipc_memory next_memory; /* waits until the encoder is idle */
	struct record_framebuffer next_framebuffer;
	bool renew;    /* the encoder is to be made anew */
	bool whole;    /* the next job looks at the whole picture */
	bool prepared; /* the encoder has nothing more to get ready since the last job */

	bool asked;         /* FRAME_REQUEST is with the agent */
	uint64_t asked_ms;  /* since when, or when it was last */
	bool ready;         /* FRAME_READY came and waits for the encoder */
	bool job_has_ready; /* the job under way copies what FRAME_READY announced */
	struct record_frame_ready frame_ready;
	bool paused;

	uint32_t frame;        /* newest begun */
	uint32_t input_serial; /* of the job */
	bool open;             /* a frame is being sent: its END is due */
	bool finished;         /* its job is done */
	bool due; /* a frame is due even if nothing is to be coded: the first of a screen, or one
		     that answers input */
	bool exact;
	uint64_t blocked_ns; /* of the peer, when the frame began */
	uint64_t coded_ms;   /* end of the last job */

	struct wire_cursor cursor; /* shape; its bytes are in cursor_bytes */
	uint8_t *cursor_bytes;     /* owned */
	size_t cursor_len, cursor_sent;
	bool cursor_known, cursor_waits;

	bool checksum_asked;
	uint32_t checksum_id;
	uint64_t checksum_deadline_ms;

	struct samples encode_us;
	uint64_t frames, picture_bytes;
};

/* Starts the encoder's thread. */
int screen_init(struct screen *s) MUST_CHECK;
void screen_finish(struct screen *s);

/* Records of the agent. fd: taken over. */
void screen_framebuffer(struct worker *w, const struct record_framebuffer *framebuffer, int fd);
void screen_frame_ready(struct worker *w, const struct record_frame_ready *ready);
void screen_cursor(struct worker *w, const struct record_cursor *cursor, int fd);
/* The agent is another one: what was asked of the old one is void. */
void screen_agent_changed(struct worker *w);

/* Messages of the client. */
void screen_acked(struct worker *w, const struct wire_frame_ack *ack);
void screen_refresh(struct worker *w);
void screen_paused(struct worker *w, bool paused);
void screen_checksum_ask(struct worker *w, uint32_t id);

/* The encoder's event descriptor is readable. */
void screen_collect(struct worker *w);

/* Does what can be done now; whether it did anything that the peer may have to send: then flush and
 * call again. */
bool screen_step(struct worker *w);

/* Called before the worker sleeps: whether there is more to get ready, so that it should not yet.
 */
bool screen_prepare(struct worker *w);

/* Milliseconds until screen_step has something to do by itself; -1: it waits for others. */
int screen_timeout_ms(const struct worker *w, uint64_t now_ms);

/* peer_source_fn of PEER_CURSOR and PEER_SCREEN; user: the worker. */
int screen_cursor_source(void *user, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more);
int screen_source(void *user, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more);
