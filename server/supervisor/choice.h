/* Which session is shown: what the command line and the configuration name; else what logind knows of our
 * user, else what the environment names. */
#pragma once

#include "server/supervisor/login.h"

struct supervisor;

struct choice {
	struct login login;      /* what was acted on last; LOGIN_UNKNOWN: logind is not followed */
	struct login_watch news; /* of the latter */
};

/*
 * Fills settings.display or settings.wayland, or takes what logind knows, where neither of them nor a virtual
 * session are set. What cannot be shown is said, and farseatd serves all the same: clients are told the
 * reason, and laptops can enrol. EXIT_FAILED, which was said, when there is nothing to show.
 */
int choice_settle(struct supervisor *s) MUST_CHECK;

/* Where it is our user's session that is shown: begins to follow log-ins and log-outs. */
void choice_watch(struct supervisor *s);
void choice_close(struct supervisor *s);

/* Whether it is our user's session that is shown, whichever that is: nothing was named. */
bool choice_follows_login(const struct supervisor *s);

/* Whether farseat-agent-wayland is to show it. */
bool choice_is_wayland(const struct supervisor *s);
