/*
 * Where an SSH login goes and with what: what the person typed, completed by their ~/.ssh/config as
 * `ssh -G` reads it (Host, HostName, Port, User, IdentityFile, ProxyJump, UserKnownHostsFile,
 * Include, Match ...). Where ssh is not installed: its plain defaults. farseat.
 *
 * FARSEAT_SSH_CONFIG=FILE reads that file instead of the usual two (tests).
 */
#pragma once

#include "common/ipc/records_tunnel.h"
#include "common/ssh/ssh_destination.h"

#define SSH_HOPS_MAX       6
#define SSH_JUMP_MAX_BYTES 512
#define SSH_CONFIG_BYTES   (64U * 1024) /* of ssh -G's answer; about 6 KB */

struct ssh_host {
	struct record_tunnel_config config; /* all but mode, target, command, ask */
	char jump[SSH_JUMP_MAX_BYTES];      /* ProxyJump; "" none */
	bool jump_by_command;               /* ProxyCommand, which we do not run */
	bool strict;    /* StrictHostKeyChecking yes, or BatchMode: do not ask */
	char text[384]; /* user@host:port, for messages */
};

/* Completes d by what ssh -G said (len bytes; 0: defaults). home: of the person. */
void ssh_host_from(const struct ssh_destination *d, const char *said, size_t len, const char *home,
	struct ssh_host *out);

/*
 * The hops that via names ("A,B"), completed; the first one's ProxyJump comes before it. Runs ssh
 * -G for each. -EINVAL: via is no list of destinations; -E2BIG: too many; -ELOOP: ProxyCommand in
 * the configuration of the hop that *out's last one is.
 */
int ssh_hops(const char *via, struct ssh_host out[static SSH_HOPS_MAX], size_t *count) MUST_CHECK;

/* What is wrong with via, static text, or NULL. Runs nothing. */
const char *ssh_via_wrong(const char *via);
