/* One attached worker: its channel, what the supervisor lets it do, what it holds down and what it
 * has not seen yet. */
#pragma once

#include "common/clipboard/exchange.h"
#include "common/ipc/records_view.h"
#include "server/agent/agent_clipboard.h"
#include "server/agent/input.h"
#include "server/agent/region.h"

#include <uv.h>

struct agent;

/*
 * After a capability was taken away the client goes on for a moment in good faith: that much is
 * dropped in silence. As long as a live link may be silent.
 */
#define VIEWER_GRACE_MS WIRE_SILENCE_MS

/*
 * Input that changes no pixel is answered as well, so that a client knows that it was applied: by a
 * picture that is taken for nothing else. Later than what input does change takes to appear, since
 * that picture is the better answer.
 */
#define VIEWER_ANSWER_MS 100

struct viewer {
	struct viewer *next;
	struct agent *agent; /* borrowed */
	uint32_t worker;
	uint32_t caps;
	uint32_t lost_caps; /* until lost_until_ms */
	uint64_t lost_until_ms;

	struct ipc_channel channel;
	uv_poll_t poll;
	bool stalled; /* not read from: input waits for a spare keycode */
	bool closing;

	struct region damage; /* that it has not been given */
	struct region taken;  /* of the capture under way */
	bool wants, captured, holding;
	uint32_t look_told; /* the last of frames' looks that it was told of */
	uint32_t input_serial, taken_serial;
	uint64_t unanswered_ms; /* when input came that no picture has answered yet; 0: none */

	struct input_holder holder;
	uint16_t x_px, y_px; /* where its client shows the pointer */
	bool place_known;

	struct wire_message waiting; /* KEY or TEXT that stalled; type 0: none */
	uint8_t waiting_text[WIRE_TEXT_INPUT_MAX_BYTES];
	size_t waiting_done;

	struct clipboard_seat seat;
	struct exchange *exchange; /* owned; NULL: it has no clipboard */
	uint64_t open_until_ms;    /* it may be told of PRIMARY; 0: it may not */
};

/* Makes a viewer of a worker's channel (fd is taken over, also on failure) and sends it all that is
 * to be seen. */
int viewer_attach(struct agent *a, uint32_t worker, uint32_t caps, int fd) MUST_CHECK;

/* Lets go of what it holds, closes its channel and frees it once the loop has let go of it. */
void viewer_close(struct viewer *v);

void viewer_set_caps(struct viewer *v, uint32_t caps);

/* --- viewer_picture.c: what it is told. May be called for a closing one. --- */

void viewer_send_framebuffer(struct viewer *v);
void viewer_send_frame(struct viewer *v);
void viewer_send_looked(struct viewer *v);

/* --- viewer_clipboard.c --- */

/* Its person pressed a key or a button: before that goes to the display. */
void viewer_clipboard_gesture(struct viewer *v);
/* Its person did something, if only moved the pointer. */
void viewer_clipboard_stirred(struct viewer *v);
/* Reads which files are copied in the session: agent_tell_copied follows. -ENOENT: none are; -EBUSY. */
int viewer_clipboard_read_files(struct viewer *v) MUST_CHECK;
/* Files that it has sent to this machine, as text/uri-list, are put into the clipboard. */
void viewer_clipboard_files(struct viewer *v, const uint8_t *uris, size_t len);
/* Its window is shown, or no more. */
void viewer_clipboard_shown(struct viewer *v, bool shown);
/* Ends what took too long. In how many ms to call again; -1: nothing waits. */
int viewer_clipboard_tick(struct viewer *v, uint64_t now_ms);

/* --- viewer_input.c --- */

/* Has a picture taken if input waits for an answer since VIEWER_ANSWER_MS. In how many ms to ask
 * again; -1: nothing waits. */
int viewer_answer(struct viewer *v, uint64_t now_ms);

/* Goes on with the input that waited. */
void viewer_resume(struct viewer *v);
