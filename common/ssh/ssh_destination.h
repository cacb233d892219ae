/* Where an SSH login goes, as people write it. Pure text. */
#pragma once

#include "common/base/macros.h"

#include <stddef.h>
#include <stdint.h>

#define SSH_PORT           22
#define SSH_HOST_MAX_BYTES 256

/* [USER@]HOST[:PORT], [V6] in brackets; ssh:// in front is fine. */
struct ssh_destination {
	char user[64];                 /* "": not said */
	char host[SSH_HOST_MAX_BYTES]; /* letters, digits, '.', '_', '-', ':'; never an option */
	uint16_t port;                 /* 0: not said */
};

/* -EINVAL: it is none. len bytes of text. */
int ssh_destination_parse(const char *text, size_t len, struct ssh_destination *out) MUST_CHECK;

/* How known_hosts calls it: "host", or "[host]:port" where the port is another than 22. */
void ssh_known_name(const char *host, uint16_t port, char out[static SSH_HOST_MAX_BYTES]);
