/*
 * Gateways: addresses from which every connection begins with a PROXY protocol header (version 2)
 * that names the client's real address. A worker reads the header; here are only the list, from
 * the configuration, and the address that comes back in a record.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define GATEWAYS_MAX 16

/* An address or a network. IPv4 addresses are kept as IPv6 ones that map them, with 96 bits more.
 */
struct gateway_network {
	uint8_t bytes[16];
	uint8_t bits; /* of a leading part that counts */
};

struct gateways {
	struct gateway_network networks[GATEWAYS_MAX];
	size_t count;
};

/* config_take_fn: "10.0.0.1, 2001:db8::/64", separated by commas or blanks. */
const char *gateways_take(void *gateways, const char *value);

/* Whether connections from address are a gateway's. */
bool gateways_have(const struct gateways *g, const struct sockaddr *address);
