/*
 * What the commands of farseatctl share: reading and changing the registry, asking the daemon,
 * printing. farseatctl runs as the daemon's user (or root) and trusts its own files; names and
 * labels in them may come from a laptop and are escaped when shown.
 *
 * Functions that print what went wrong return an exit status (enum exit_status), 0 when all is
 * well. Data on stdout, talk on stderr.
 */
#pragma once

#include "common/cli/json_output.h"
#include "common/cli/options.h"
#include "server/registry/registry.h"

#include <jansson.h>

/* A user's name, or its number (in number) where it has none. */
#define ADMIN_USER_BYTES 24
const char *admin_user_name(uid_t uid, char number[static ADMIN_USER_BYTES]);

/* "farseatctl: cannot ...\n" on stderr; returns EXIT_FAILED. */
int admin_fail(const char *format, ...) PRINTF_LIKE(1, 2);

bool admin_wants_json(const struct options *o);

/* The command line by which this user starts farseatd: a system service is root's. Static. */
const char *admin_start_line(void);

/* The registry, to be looked at. */
int admin_read(struct registry *out) MUST_CHECK;

/* The registry, locked, to be changed: begin, change, save, finish (in any case). */
struct admin_change {
	int lock_fd;
	struct registry registry;
};
int admin_change_begin(struct admin_change *c) MUST_CHECK;
int admin_change_save(struct admin_change *c) MUST_CHECK;
void admin_change_finish(struct admin_change *c);

/* Finds the active device, or says that there is none. */
int admin_find(const struct registry *r, const char *name, struct registry_device **out) MUST_CHECK;

/*
 * Tells the daemon that the registry changed. 0: it has taken it over, *ended sessions ended; 1: it
 * is not running, *ended is 0. Other failures are printed: -errno.
 */
int admin_reload(int64_t *ended) MUST_CHECK;
/* The same for a caller that holds the registry's lock. */
int admin_reload_locked(int64_t *ended) MUST_CHECK;

/* audit_write, with the person that runs this command: user, login (the login uid) and sudo
 * (SUDO_USER). */
void admin_audit(const char *event, json_t *details);

/* Whether the system's daemon is asked, by who may only read (--system). */
bool admin_wants_system(const struct options *o);

/* admin_ask of that daemon. */
int admin_ask_system(json_t *request, json_t **reply) MUST_CHECK;

/* Asks the daemon; prints why it cannot. *reply is the caller's on EXIT_OK, else NULL. */
int admin_ask(json_t *request, json_t **reply) MUST_CHECK;

/* Commands, by file. */
int admin_run_init(const struct options *o, void *user);
int admin_run_renew(const struct options *o, void *user);
int admin_run_status(const struct options *o, void *user);
int admin_run_sessions(const struct options *o, void *user);
int admin_run_disconnect(const struct options *o, void *user);
int admin_run_clients(const struct options *o, void *user);
int admin_run_revoke(const struct options *o, void *user);
int admin_run_role(const struct options *o, void *user);
int admin_run_caps(const struct options *o, void *user);
int admin_run_invite(const struct options *o, void *user);
int admin_run_invitations(const struct options *o, void *user);
int admin_run_withdraw(const struct options *o, void *user);
int admin_run_sign(const struct options *o, void *user);
int admin_run_signer(const struct options *o, void *user);
int admin_run_log(const struct options *o, void *user);
int admin_run_tunnel(const struct options *o, void *user);
int admin_run_gateway(const struct options *o, void *user);
int admin_run_restore(const struct options *o, void *user);
int admin_run_config(const struct options *o, void *user);
