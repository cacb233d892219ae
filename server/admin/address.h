/* Addresses as people write them, and the one under which a laptop probably reaches this machine.
 */
#pragma once

#include "common/crypto/invitation.h"

/* "HOST", "HOST:PORT", "[V6]:PORT", bare "V6". Without a port *port stays as it is. -EINVAL. */
int address_parse(
	const char *text, char host[static INVITATION_HOST_MAX_BYTES], uint16_t *port) MUST_CHECK;

/*
 * A guess: what the daemon's listen setting names; where that is every address, the first global
 * one of a real network card, else the host's name. *loopback: nobody else can reach it.
 */
void address_guess(const char *listen, char host[static INVITATION_HOST_MAX_BYTES], uint16_t *port,
	bool *loopback);
