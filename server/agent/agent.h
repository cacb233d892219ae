/*
 * farseat-agent: one a session, as the session's user. Owns the display's pixels and its input;
 * serves the workers that the supervisor attaches, within what the supervisor lets each do. It
 * never parses what came from the network: workers hand on decoded messages, which are decoded and
 * checked again here.
 *
 * One thread, one loop. Handlers set down what has changed; agent_settle, before each sleep, acts
 * on it once.
 */
#pragma once

#include "common/ipc/records_agent.h"
#include "server/agent/agent_clipboard.h"
#include "server/agent/desktop.h"
#include "server/agent/display.h"
#include "server/agent/frames.h"
#include "server/agent/sound_server.h"
#include "server/agent/viewer.h"
#include "server/agent/watch.h"

#define AGENT_VIEWERS_MAX 64 /* as many workers as the supervisor lets live */

struct agent {
	uv_loop_t loop;
	struct ipc_channel supervisor;
	uv_poll_t supervisor_poll;
	uv_prepare_t prepare;
	uv_signal_t sigterm, sigint, sigchld;
	uv_timer_t rested;  /* runs only while somebody's input waits for a keycode */
	uv_timer_t answers; /* runs only while somebody's input was not answered by a picture */
	uv_timer_t tidy;    /* runs only while nobody types and keycodes are still lent */
	uv_timer_t pasting; /* runs only while something of the clipboard is under way */

	bool configured, ending, failed;
	struct record_agent_config config;
	const char *session_command; /* borrowed */
	const struct display_impl *display_impl;
	struct display_listener listener;
	struct display *display;          /* owned; NULL: not configured yet */
	struct watch watch;               /* of the display's descriptors */
	bool open;                        /* READY was told: there is something to see */
	struct desktop desktop;           /* of a virtual session */
	struct sound_server sound_server; /* the same */
	bool desktop_due;                 /* it starts when a viewer tells its DPI */
	struct frames frames;
	struct input input;
	struct agent_clipboard clipboard; /* the display's, shared by the viewers */

	struct viewer *viewers;
};

/* Takes the supervisor's channel over. Displays will be of this kind. session_command: of a virtual
 * session, "" the desktop's own; borrowed. */
int agent_init(struct agent *a, int supervisor_fd, const struct display_impl *display_impl,
	const char *session_command) MUST_CHECK;

/* Runs until the end. */
void agent_run(struct agent *a);

/* Lets go of everything; the process's exit status. */
int agent_finish(struct agent *a);

/* Opens a display of that kind. Called once. -ENOMEM. */
int agent_configure(struct agent *a, const struct record_agent_config *config) MUST_CHECK;

/* A viewer told its DPI (0: none): a desktop that waited for it is started. */
void agent_take_dpi(struct agent *a, uint16_t dpi);

/* Leaves the loop. */
void agent_end(struct agent *a);

/* Ends the agent: the supervisor is told why. */
void agent_fail(struct agent *a, const char *reason);

/* Who may type has changed: auto-repeat follows. */
void agent_update_use(struct agent *a);

/* Input waits for a keycode to rest: viewer_resume is called then. */
void agent_wake_rested(struct agent *a);

/* Input waits for a picture that answers it: viewer_answer is called in time. */
void agent_wake_answers(struct agent *a);
