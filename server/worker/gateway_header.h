/*
 * The PROXY protocol's header, version 2 (haproxy.org, proxy-protocol.txt, section 2.2): what a
 * gateway says of the client before the client's first byte. Only addresses of TCP count; of the
 * TLVs behind them only the form is looked at.
 *
 * A state machine: bytes in, no descriptor. farseat-worker, confined. It never asks for a byte
 * behind the header: that is the client's.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Signature, version, family, length; then at most so much. HAProxy's own are below 300 bytes. */
#define GATEWAY_HEADER_FIXED_BYTES 16
#define GATEWAY_HEADER_MAX_BYTES   1024

struct gateway_header {
	uint8_t bytes[GATEWAY_HEADER_MAX_BYTES];
	size_t len;
};

struct gateway_client {
	uint8_t family;      /* 4 or 6; 0: the gateway speaks for itself, as in a health check */
	uint8_t address[16]; /* 4 or 16 bytes of it */
	uint16_t port;
};

/* How many bytes are needed next; read them to bytes + len and add them to len. 0: it is whole.
 * -EPROTO: what is there cannot become a header. */
int gateway_header_wanted(const struct gateway_header *h, size_t *wanted) MUST_CHECK;

/* Reads a whole header. -EPROTO: it is malformed, or names no client of TCP. */
int gateway_header_parse(const struct gateway_header *h, struct gateway_client *out) MUST_CHECK;
