/* Addresses as people write them, in the configuration and on the command line. */
#pragma once

#include "common/crypto/invitation.h"

/*
 * "HOST", "HOST:PORT", "[V6]:PORT", bare "V6", ":PORT" (host ""), "*" (host "*"). Without a port
 * *port stays as it is. A host is an address or a name; nothing is looked up. -EINVAL.
 */
int address_parse(
	const char *text, char host[static INVITATION_HOST_MAX_BYTES], uint16_t *port) MUST_CHECK;

/* Whether a host of address_parse stands for every address of this machine. */
bool address_is_any(const char *host);
