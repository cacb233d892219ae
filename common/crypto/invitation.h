/*
 * The text of an invitation (design.md, section 4):
 *   farseat://HOST[:PORT]/SERVER-ID#v1.<base64url of: scalar 32, CA key hash 32, expiry
 * u64>.<check: first 4 bytes of SHA-256, base64url> The secret stands in the fragment, which no
 * proxy or web log sees. server id: lower-case letters, digits, '-'.
 */
#pragma once

#include "common/crypto/cert.h"

#define INVITATION_TEXT_MAX_BYTES 512
/* Where farseatd listens unless it is told otherwise; an invitation then says no port (design.md,
 * section 9). */
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

/* -EINVAL when it is not an invitation; *why then says what is wrong, static text. */
int invitation_parse(const char *text, struct invitation *out, const char **why) MUST_CHECK;
void invitation_wipe(struct invitation *in);

/* Whether id is a valid server id. */
bool server_id_valid(const char *id);
