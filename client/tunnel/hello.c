/* Key exchange by methods of our choice, and the host key by known_hosts. */
#include "client/tunnel/tunnel.h"

#include "common/base/base64.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/wire/reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HASH_BYTES 32 /* SHA-256 */

/* libssh2 leaves out what it does not know, so both Debian's 1.10 and newer ones get their best.
 * The last two of the key exchange are no methods: RSA with SHA-2, and the strict exchange
 * (CVE-2023-48795), which the library would otherwise offer by itself. */
static const struct {
	int what;
	const char *methods;
} preferences[] = {
	{ LIBSSH2_METHOD_KEX,
		"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
		"ecdh-sha2-nistp521,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"
		"diffie-hellman-group14-sha256,diffie-hellman-group-exchange-sha256,ext-info-c,"
		"kex-strict-c-v00@openssh.com" },
	{ LIBSSH2_METHOD_CRYPT_CS,
		"aes256-gcm@openssh.com,aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,"
		"aes128-ctr,aes256-ctr,aes192-ctr" },
	{ LIBSSH2_METHOD_CRYPT_SC,
		"aes256-gcm@openssh.com,aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,"
		"aes128-ctr,aes256-ctr,aes192-ctr" },
	{ LIBSSH2_METHOD_MAC_CS,
		"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,"
		"hmac-sha2-512" },
	{ LIBSSH2_METHOD_MAC_SC,
		"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,"
		"hmac-sha2-512" },
	{ LIBSSH2_METHOD_COMP_CS, "none" },
	{ LIBSSH2_METHOD_COMP_SC, "none" },
};

static struct known_hosts known_of(struct tunnel *t)
{
	return (struct known_hosts){
		.session = t->session, .texts = t->known_texts, .count = t->known_count
	};
}

static int prefer(struct tunnel *t)
{
	char host_methods[KNOWN_METHODS_MAX_BYTES];
	const struct known_hosts known = known_of(t);

	known_hosts_methods(&known, t->config.host, host_methods);
	int r = libssh2_session_method_pref(t->session, LIBSSH2_METHOD_HOSTKEY, host_methods);
	for (size_t i = 0; i < ARRAY_LEN(preferences) && r == 0; i++)
		r = libssh2_session_method_pref(
			t->session, preferences[i].what, preferences[i].methods);
	return r == 0 ? 0 : tunnel_fail_ssh(t, "choosing methods");
}

/* The key as known_hosts has it. */
struct host_key {
	char type[64];
	char base64[RECORD_LINE_MAX_BYTES];
	char fingerprint[64];
};

static int read_host_key(struct tunnel *t, struct host_key *out)
{
	size_t len = 0;
	int kind;
	const char *blob = libssh2_session_hostkey(t->session, &len, &kind);
	const char *hash = libssh2_hostkey_hash(t->session, LIBSSH2_HOSTKEY_HASH_SHA256);
	struct wire_reader r;

	if (!blob || !hash)
		return tunnel_fail_ssh(t, "reading the host key");
	/* RFC 4253, 6.6: string algorithm, then what belongs to it. */
	wire_reader_init(&r, (const uint8_t *)blob, len);
	uint32_t type_len = wire_read_u32(&r);
	const uint8_t *type = wire_read_view(&r, type_len);
	int prefix = snprintf(out->fingerprint, sizeof(out->fingerprint), "SHA256:");
	if (!type || type_len == 0 || type_len >= sizeof(out->type) ||
		!base64_encode((const uint8_t *)blob, len, BASE64_PADDED, out->base64,
			sizeof(out->base64)) ||
		!base64_encode((const uint8_t *)hash, HASH_BYTES, BASE64_BARE,
			out->fingerprint + prefix, sizeof(out->fingerprint) - (size_t)prefix))
		return tunnel_fail(t, RECORD_TUNNEL_PROTOCOL, false,
			"the SSH server %.100s showed a key of a size that is not usable",
			t->config.host);
	tunnel_clean(out->type, sizeof(out->type), type, type_len);
	return 0;
}

static int ask_about(struct tunnel *t, const struct host_key *key)
{
	struct tunnel_record q = { .type = RECORD_TUNNEL_QUESTION };
	struct record_tunnel_answer answer;
	const struct known_hosts known = known_of(t);

	q.tunnel_question.kind = RECORD_ASK_HOST_KEY;
	snprintf(q.tunnel_question.about, sizeof(q.tunnel_question.about), "%s", t->config.host);
	memcpy(q.tunnel_question.key_type, key->type, sizeof(key->type));
	memcpy(q.tunnel_question.key, key->base64, sizeof(key->base64));
	memcpy(q.tunnel_question.fingerprint, key->fingerprint, sizeof(key->fingerprint));
	int r = tunnel_ask(t, &q, &answer);
	if (r == 0 && answer.count == 1 && strcmp(answer.texts[0], "yes") == 0)
		return 0;
	if (r < 0 && r != -ENOENT)
		return tunnel_fail_wait(t, -EPIPE);
	return tunnel_fail(t, RECORD_TUNNEL_HOST_UNKNOWN, false,
		"the host key of %.80s is not known (%s, %s)%s", t->config.host, key->type,
		key->fingerprint,
		known_hosts_has_authority(&known, t->config.host)
			? "; known_hosts names an authority for it, which needs ssh itself"
			: "");
}

static int judge(struct tunnel *t, const struct host_key *key)
{
	const struct known_hosts known = known_of(t);

	switch (known_hosts_check(&known, t->config.host, key->type, key->base64)) {
	case KNOWN_GOOD:
		return 0;
	case KNOWN_NOT:
		return ask_about(t, key);
	case KNOWN_CHANGED:
		return tunnel_fail(t, RECORD_TUNNEL_HOST_CHANGED, false,
			"the host key of %.80s has CHANGED (now %s): somebody may be in between; nothing was sent",
			t->config.host, key->fingerprint);
	case KNOWN_OTHER_TYPE:
		return tunnel_fail(t, RECORD_TUNNEL_HOST_CHANGED, false,
			"%.80s showed a key of type %s (%s), but known_hosts has only others for it; nothing was sent",
			t->config.host, key->type, key->fingerprint);
	case KNOWN_REVOKED:
		return tunnel_fail(t, RECORD_TUNNEL_HOST_REVOKED, false,
			"the host key of %.80s is marked @revoked in known_hosts; nothing was sent",
			t->config.host);
	}
	return tunnel_fail(t, RECORD_TUNNEL_INTERNAL, false, "no verdict on the host key");
}

static void note_suite(struct tunnel *t)
{
	const char *kex = libssh2_session_methods(t->session, LIBSSH2_METHOD_KEX);
	const char *cipher = libssh2_session_methods(t->session, LIBSSH2_METHOD_CRYPT_SC);

	snprintf(t->open.suite, sizeof(t->open.suite), "%.60s, %.60s", kex ? kex : "?",
		cipher ? cipher : "?");
}

int tunnel_hello(struct tunnel *t)
{
	static struct host_key key;
	int r = prefer(t);

	if (r < 0)
		return r;
	t->in_budget = SIZE_MAX;
	TUNNEL_REPEAT(t, r, libssh2_session_handshake(t->session, t->transport));
	if (r != 0)
		return tunnel_fail_ssh(t, "exchanging keys");
	note_suite(t);
	tunnel_step(t, "SSH key exchange", t->open.suite);
	r = read_host_key(t, &key);
	if (r == 0)
		r = judge(t, &key);
	if (r < 0)
		return r;
	memcpy(t->open.fingerprint, key.fingerprint, sizeof(t->open.fingerprint));
	tunnel_step(t, "SSH host key", key.fingerprint);
	return 0;
}
