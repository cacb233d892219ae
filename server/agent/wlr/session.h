/* A Wayland session of its own without a screen: the session command is a compositor, run by
 * farseat-session with a headless output. */
#pragma once

#include "common/base/macros.h"
#include "server/agent/desktop.h"

#include <sys/un.h>

struct wlr_session {
	struct desktop desktop; /* the compositor, and all that it starts */
	int compositor_fd;      /* owned; the process itself (pidfd). Counts where socket is set */
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* its path; empty: none yet */
};

/*
 * Starts the command with what makes compositors of the wlroots family do without screen, keyboard and
 * graphics card, and waits until the socket of one of its processes is there (15 s at most). On
 * failure a sentence for the administrator is written to reason. -errno.
 */
int wlr_session_start(struct wlr_session *s, const char *command, const char *runtime_dir,
	char *reason, size_t reason_size) MUST_CHECK;

/* Whether the child that ended was the compositor. */
bool wlr_session_ended(struct wlr_session *s, pid_t pid);

/* Ends it, with every other child of this process. A zeroed one is fine. */
void wlr_session_finish(struct wlr_session *s);
