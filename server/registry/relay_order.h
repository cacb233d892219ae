/*
 * The reverse tunnel's order to farseat-tunnel, and its files: for farseatd, which keeps the
 * tunnel, and for farseatctl tunnel, which prepares it. Everything that the tunnel trusts is the
 * workstation's own: its key and its known_hosts, no agent, no ~/.ssh.
 */
#pragma once

#include "common/ipc/records_tunnel.h"
#include "server/registry/settings.h"

#include <limits.h>

/* In the data folder, beside the registry: what farseatd may read anyway. */
#define RELAY_KEY         "server/tunnel.key"
#define RELAY_KNOWN_HOSTS "server/tunnel_known_hosts"

/* The key that is used: the configured one, or ours. -ENAMETOOLONG, -ENOENT as path_of. */
int relay_key_path(const struct settings_tunnel *t, char out[static PATH_MAX]) MUST_CHECK;

/* Asks nobody. -ENOENT: there is no relay; -ENAMETOOLONG. */
int relay_order(const struct settings_tunnel *t, struct record_tunnel_config *out) MUST_CHECK;

/* A RECORD_TUNNEL_ fault as a word, for scripts; farseatctl knows a remedy for each. "": it is
 * none.
 */
const char *relay_fault_word(uint8_t fault);
