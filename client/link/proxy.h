/*
 * Asking a proxy for a connection to the workstation, before the first byte of TLS: HTTP CONNECT
 * (RFC 9110, 9.3.6) with Basic authentication (RFC 7617), and SOCKS5 (RFC 1928) with user name and
 * password (RFC 1929). The proxy resolves the workstation's name.
 *
 * A state machine: bytes in, bytes out, no descriptor. farseat-link, confined: what a proxy says is
 * a stranger's. Memory is fixed; an answer over PROXY_ANSWER_MAX_BYTES ends it.
 */
#pragma once

#include "common/base/macros.h"
#include "common/ipc/records_link.h"

#include <stdbool.h>

#define PROXY_OUT_MAX_BYTES    2048
#define PROXY_ANSWER_MAX_BYTES 16384 /* all that may come before the connection is there */
/* Of a header's line; the rest of a longer one is not looked at. */
#define PROXY_LINE_MAX_BYTES 512
#define PROXY_REASON_BYTES   220

struct proxy {
	struct record_link_way way;       /* secret: wiped by proxy_finish */
	uint8_t out[PROXY_OUT_MAX_BYTES]; /* to be sent; secret too */
	size_t out_len, out_at;
	uint8_t in[PROXY_LINE_MAX_BYTES]; /* HTTP: the line so far; SOCKS5: the answer so far */
	size_t in_len, total;
	unsigned step; /* how far the exchange is, by the kind's own count */

	unsigned status;                 /* HTTP, of the answer that is being read; 0 none yet */
	bool basic;                      /* HTTP: the proxy offers Basic authentication */
	char scheme[24];                 /* HTTP: another kind that it offers; "" none */
	char said[48];                   /* HTTP: the words behind the status */
	char reason[PROXY_REASON_BYTES]; /* a sentence, once it failed; clean text */
	bool retry;                      /* it may go better later */
};

/* way->proxy_kind is not RECORD_PROXY_NONE. Makes the first bytes to send. -EINVAL: the address
 * cannot be written for a proxy of this kind. */
int proxy_init(struct proxy *p, const struct record_link_way *way) MUST_CHECK;

/* What is to be sent now: its length, 0 nothing. proxy_sent says how much of it went. */
size_t proxy_output(const struct proxy *p, const uint8_t **bytes);
void proxy_sent(struct proxy *p, size_t len);

/*
 * Takes what came. 1: the way is open, the next byte is the workstation's; 0: more is needed;
 * -EPROTO, -EACCES (it wants other credentials), -ECONNREFUSED: it failed, reason says why.
 */
int proxy_input(struct proxy *p, const uint8_t *bytes, size_t len) MUST_CHECK;

/* Wipes. */
void proxy_finish(struct proxy *p);

/* ---- between proxy.c, proxy_http.c and proxy_socks.c ---- */

struct proxy_impl {
	int (*begin)(struct proxy *p);
	/* As proxy_input, for one byte. */
	int (*take)(struct proxy *p, uint8_t byte);
};
extern const struct proxy_impl proxy_http, proxy_socks;

/* Queues bytes to send. -EINVAL: no room. */
int proxy_put(struct proxy *p, const void *bytes, size_t len) MUST_CHECK;

/* Writes reason and returns result. */
int proxy_fail(struct proxy *p, int result, const char *format, ...) PRINTF_LIKE(3, 4);
