/*
 * The text of an invitation (ARCHITECTURE.md, D-INVITATION; PROTOCOL.md, section 5):
 *
 *	farseat://HOST[:PORT]/SERVER-ID#v1.PAYLOAD.CHECK
 *
 *	PAYLOAD  base64url of scalar (32 bytes), hash of the CA's key (32), expiry (u64)
 *	CHECK    base64url of the first 4 bytes of SHA-256 over all before the last '.'
 *
 * The secret stands in the fragment, which no proxy or web log sees. A server id has lower-case
 * letters, digits and '-'.
 */
#pragma once

#include "common/crypto/cert.h"

#define INVITATION_TEXT_MAX_BYTES 512
/* Where farseatd listens unless it is told otherwise; an invitation for this port names none. */
#define INVITATION_DEFAULT_PORT   7420
#define INVITATION_HOST_MAX_BYTES 256
#define SERVER_ID_MAX_BYTES       64 /* with its end */

struct invitation {
	char host[INVITATION_HOST_MAX_BYTES]; /* name, IPv4, or IPv6 without brackets */
	uint16_t port;
	char server_id[SERVER_ID_MAX_BYTES];
	uint8_t scalar[CRYPTO_SCALAR_BYTES]; /* secret: wiped by invitation_wipe */
	uint8_t ca_key_hash[CRYPTO_FINGERPRINT_BYTES];
	int64_t expires_s;
};

int invitation_format(
	const struct invitation *in, char out[static INVITATION_TEXT_MAX_BYTES]) MUST_CHECK;

/* Whether it is a name of RFC 1123, an IPv4 address, or an IPv6 address (with a scope) without
 * brackets. */
bool invitation_host_valid(const char *host);

/* -EINVAL when text is no invitation; *why then says what is wrong, as static text. */
int invitation_parse(const char *text, struct invitation *out, const char **why) MUST_CHECK;
void invitation_wipe(struct invitation *in);

/* Whether id is a valid server id. */
bool server_id_valid(const char *id);
