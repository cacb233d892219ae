/* For tests: an Xvfb of their own, the real farseat-agent, and the test in the places of supervisor
 * and workers. */
#pragma once

#include "common/base/clock.h"
#include "common/ipc/memory.h"
#include "common/ipc/records_agent.h"
#include "common/ipc/records_view.h"

#include <sys/types.h>
#include <xcb/xcb.h>

#define HARNESS_TIMEOUT_MS 15000 /* for anything that must happen */

/* Waits until it is so, or for that long: the test asserts afterwards that it is. */
#define HARNESS_WAIT_UNTIL(condition)                                                              \
	for (uint64_t wait_end_ms = clock_now_ms() + HARNESS_TIMEOUT_MS;                           \
		!(condition) && clock_now_ms() < wait_end_ms;)                                     \
	harness_sleep(5)

struct harness {
	char dir[64];        /* for the agent's files */
	const char *session; /* the command of a virtual session; set before the agent starts */
	pid_t xvfb, agent;
	char display[16];
	xcb_connection_t *x; /* the test's own */
	xcb_screen_t *screen;
	struct ipc_channel supervisor;
	struct record_agent_ready ready;
};

/* What a worker knows. */
struct peer {
	struct ipc_channel channel;
	struct ipc_memory memory;
	struct record_framebuffer framebuffer;
	struct record_frame_ready frame; /* the last */
	struct record_cursor cursor;
	struct ipc_memory cursor_memory;
	struct wire_cursor_move place;
	unsigned looks; /* LOOKED came */
	unsigned frames, framebuffers, cursors, places, leds_told;
	uint8_t leds;
	bool closed;
	/* Of messages that it does not keep; NULL: none. */
	void (*heard)(struct peer *p, const struct wire_message *m);
};

/* false: Xvfb is not installed; skip with 77. */
bool harness_possible(void);

/* Ends the test program on failure. */
void harness_start_xvfb(struct harness *h);
void harness_start_xvfb_sized(struct harness *h, const char *screen); /* "1920x1080x24" */
void harness_connect(struct harness *h);
void harness_start_agent(struct harness *h);
/* Sends the configuration: to attach to the display, or for a virtual session; waits for
 * AGENT_READY. */
void harness_configure(struct harness *h);
void harness_configure_virtual(struct harness *h, uint16_t width_px, uint16_t height_px);
/* The same, where the command waits for a viewer's DPI. */
void harness_configure_awaiting(struct harness *h, uint16_t width_px, uint16_t height_px);
/* Waits for a record of that type from the agent; logs are printed. false: none came, or the
 * channel closed. */
bool harness_wait(
	struct harness *h, enum record_type type, struct agent_record *out, int timeout_ms);
void harness_stop_agent(struct harness *h);
/* SIGKILL. */
void harness_kill_agent(struct harness *h);
void harness_finish(struct harness *h);

void peer_attach(struct harness *h, struct peer *p, uint32_t worker, uint32_t caps);
void peer_finish(struct peer *p);
void peer_send(struct peer *p, enum record_type type);
void peer_send_wire(struct peer *p, const struct wire_message *m);
void peer_key(struct peer *p, uint16_t evdev, uint32_t keysym, bool down);
void peer_text(struct peer *p, const char *text);
/* Takes what comes for timeout_ms, or until *counter is above its value at the call. */
bool peer_wait(struct peer *p, const unsigned *counter, int timeout_ms);
/* Asks for a frame, waits for it, answers TAKEN. */
bool peer_frame(struct peer *p, int timeout_ms);
/* Whether the memory is what the root window shows. */
bool peer_is_exact(struct harness *h, struct peer *p);

/* Milliseconds. */
void harness_sleep(int ms);
