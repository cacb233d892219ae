/*
 * What the commands of farseatctl share: reading and changing the registry, asking the daemon,
 * printing. farseatctl runs as the daemon's user (or root) and trusts its own files; names and
 * labels in them may come from a laptop and are escaped when shown.
 *
 * Functions that print what went wrong return an exit status (enum exit_status), 0 when all is
 * well. Data on stdout, talk on stderr.
 */
#pragma once

#include "common/cli/options.h"
#include "server/registry/registry.h"

#include <jansson.h>

/* "farseatctl: cannot ...\n" on stderr; returns EXIT_FAILED. */
int admin_fail(const char *format, ...) PRINTF_LIKE(1, 2);

bool admin_wants_json(const struct options *o);

/* Prints object and frees it; EXIT_FAILED when it is NULL (no memory) or stdout is closed. */
int admin_print_json(json_t *object) MUST_CHECK;

/* The registry, to be looked at. */
int admin_read(struct registry *out) MUST_CHECK;

/* The registry, locked, to be changed: begin, change, save, finish (in any case). */
struct admin_change {
	int lock_fd;
	struct registry registry;
};
int admin_change_begin(struct admin_change *c) MUST_CHECK;
int admin_change_save(const struct admin_change *c) MUST_CHECK;
void admin_change_finish(struct admin_change *c);

/* Finds the active device, or says that there is none. */
int admin_find(const struct registry *r, const char *name, struct registry_device **out) MUST_CHECK;

/*
 * Tells the daemon that the registry changed. 0: it has taken it over, *ended sessions ended; 1: it
 * does not run, *ended is 0. Other failures are printed: -errno.
 */
int admin_reload(int64_t *ended) MUST_CHECK;

/* Asks the daemon; prints why it cannot. *reply is the caller's on EXIT_OK, else NULL. */
int admin_ask(json_t *request, json_t **reply) MUST_CHECK;

/* Commands, by file. */
int init_run(const struct options *o, void *user);
int renew_run(const struct options *o, void *user);
int status_run(const struct options *o, void *user);
int sessions_run(const struct options *o, void *user);
int disconnect_run(const struct options *o, void *user);
int clients_run(const struct options *o, void *user);
int revoke_run(const struct options *o, void *user);
int role_run(const struct options *o, void *user);
int caps_run(const struct options *o, void *user);
int invite_run(const struct options *o, void *user);
int invitations_run(const struct options *o, void *user);
int withdraw_run(const struct options *o, void *user);
int sign_run(const struct options *o, void *user);
int signer_run(const struct options *o, void *user);
int log_run(const struct options *o, void *user);
int tunnel_run(const struct options *o, void *user);
int gateway_run(const struct options *o, void *user);
int config_run(const struct options *o, void *user);
