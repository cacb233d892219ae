/*
 * What logind knows of the graphical session of our user, and its news of that. login_systemd.c asks
 * systemd's library, which reads logind's files and no bus; login_none.c is for builds without it.
 */
#pragma once

#include "common/base/macros.h"
#include "common/ipc/records_agent.h"

#include <uv.h>

/* Of an identifier of logind's that is kept, as "c2". */
#define LOGIN_ID_MAX_BYTES 32

enum login_type {
	/* There is no logind, or we were started within a session, whose environment knows better. */
	LOGIN_UNKNOWN,
	LOGIN_NONE, /* our user is not logged in to a desktop */
	LOGIN_X11,
	LOGIN_WAYLAND,
};

struct login {
	enum login_type type;
	char id[LOGIN_ID_MAX_BYTES];
	char display[RECORD_DISPLAY_MAX_BYTES]; /* of X11: ":0"; empty: not told (yet) */
	bool active; /* it is what its seat shows; a session without a seat always is */
};

/* What there is now. */
void login_look(struct login *out);

struct login_watch {
	uv_poll_t poll;
	void *monitor; /* owned; NULL: not open */
	void (*changed)(void *user);
	void *user;
};

/* Calls changed whenever a session of logind's comes, changes or goes. Without logind: never. Before
 * the confinement. */
void login_watch_open(
	struct login_watch *w, uv_loop_t *loop, void (*changed)(void *user), void *user);
/* A zeroed one is fine. */
void login_watch_close(struct login_watch *w);
