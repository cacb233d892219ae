/*
 * The invitation's text. The check at the end covers everything before it, so that a letter lost in
 * a chat or a hand-typed address is found here and not by a failed connection. Input is hostile: it
 * comes from a clipboard.
 */
#include "common/crypto/invitation.h"

#include "common/base/base64.h"
#include "common/base/net_address.h"
#include "common/base/port.h"
#include "common/crypto/random.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SCHEME        "farseat://"
#define VERSION_MARK  "#v1."
#define PAYLOAD_BYTES (CRYPTO_SCALAR_BYTES + CRYPTO_FINGERPRINT_BYTES + 8)
#define CHECK_BYTES   4

/* Exactly len bytes. */
static bool decode(const char *text, size_t text_len, uint8_t *out, size_t len)
{
	return base64_decode(text, text_len, BASE64_URL, out, len) == (int)len;
}

bool server_id_valid(const char *id)
{
	size_t len = strnlen(id, SERVER_ID_MAX_BYTES);
	/* One label of a DNS name (RFC 1123, 2.1): 63 at most, no '-' at either end. */
	if (len == 0 || len >= SERVER_ID_MAX_BYTES || id[0] == '-' || id[len - 1] == '-')
		return false;
	return strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

bool invitation_host_valid(const char *host)
{
	size_t len = strnlen(host, INVITATION_HOST_MAX_BYTES);
	if (len == 0 || len >= INVITATION_HOST_MAX_BYTES || host[0] == '-')
		return false;
	if (strchr(host, ':')) {
		char address[NET_IP_TEXT_BYTES];
		uint8_t bytes[NET_IP_BYTES];
		size_t address_len = strcspn(host, "%");
		if (address_len >= sizeof(address))
			return false;
		memcpy(address, host, address_len);
		address[address_len] = '\0';
		for (const char *p = host + address_len; *p != '\0'; p++)
			if (!isalnum((unsigned char)*p) && !strchr("%._-", *p))
				return false;
		return net_ip_parse(address, bytes) == 16;
	}
	for (const char *p = host; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
			return false;
	return true;
}

static int check_of(const char *text, size_t len, uint8_t out[static CHECK_BYTES])
{
	uint8_t hash[CRYPTO_SHA256_BYTES];
	int r = crypto_sha256(text, len, hash);
	if (r == 0)
		memcpy(out, hash, CHECK_BYTES);
	return r;
}

static void payload_pack(const struct invitation *in, uint8_t out[static PAYLOAD_BYTES])
{
	memcpy(out, in->scalar, CRYPTO_SCALAR_BYTES);
	memcpy(out + CRYPTO_SCALAR_BYTES, in->ca_key_hash, CRYPTO_FINGERPRINT_BYTES);
	for (unsigned i = 0; i < 8; i++)
		out[PAYLOAD_BYTES - 8 + i] = (uint8_t)((uint64_t)in->expires_s >> (56 - 8 * i));
}

static bool payload_unpack(const uint8_t bytes[static PAYLOAD_BYTES], struct invitation *out)
{
	uint64_t expires_s = 0;
	memcpy(out->scalar, bytes, CRYPTO_SCALAR_BYTES);
	memcpy(out->ca_key_hash, bytes + CRYPTO_SCALAR_BYTES, CRYPTO_FINGERPRINT_BYTES);
	for (unsigned i = 0; i < 8; i++)
		expires_s = expires_s << 8 | bytes[PAYLOAD_BYTES - 8 + i];
	out->expires_s = (int64_t)expires_s;
	return expires_s <= INT64_MAX;
}

int invitation_format(const struct invitation *in, char out[static INVITATION_TEXT_MAX_BYTES])
{
	uint8_t payload[PAYLOAD_BYTES], check[CHECK_BYTES];
	char secret[BASE64_TEXT_BYTES(PAYLOAD_BYTES)], tail[BASE64_TEXT_BYTES(CHECK_BYTES)],
		port[8] = "";

	if (!invitation_host_valid(in->host) || !server_id_valid(in->server_id) || in->port == 0 ||
		in->expires_s < 0)
		return -EINVAL;
	if (in->port != INVITATION_DEFAULT_PORT)
		snprintf(port, sizeof(port), ":%u", (unsigned)in->port);
	bool v6 = strchr(in->host, ':') != NULL;
	payload_pack(in, payload);
	bool fits = base64_encode(payload, sizeof(payload), BASE64_URL, secret, sizeof(secret));
	int n = snprintf(out, INVITATION_TEXT_MAX_BYTES, SCHEME "%s%s%s%s/%s" VERSION_MARK "%s",
		v6 ? "[" : "", in->host, v6 ? "]" : "", port, in->server_id, secret);
	secure_wipe(payload, sizeof(payload));
	secure_wipe(secret, sizeof(secret));
	size_t room = INVITATION_TEXT_MAX_BYTES - sizeof(tail) - 1;
	if (!fits || n < 0 || (size_t)n > room) {
		secure_wipe(out, INVITATION_TEXT_MAX_BYTES);
		return -E2BIG;
	}
	int r = check_of(out, (size_t)n, check);
	if (r < 0)
		return r;
	if (!base64_encode(check, sizeof(check), BASE64_URL, tail, sizeof(tail)))
		return -E2BIG;
	snprintf(out + n, INVITATION_TEXT_MAX_BYTES - (size_t)n, ".%s", tail);
	return 0;
}

static bool copy_part(char *out, size_t size, const char *from, size_t len)
{
	if (len == 0 || len >= size)
		return false;
	memcpy(out, from, len);
	out[len] = '\0';
	return true;
}

/* Without leading zeros: other encodings of the same are invalid (PROTOCOL.md, section 5). */
static bool read_port(const char *text, size_t len, uint16_t *out)
{
	return len > 0 && text[0] != '0' && port_parse(text, len, out) == 0;
}

/* HOST[:PORT] or [IPv6][:PORT], len bytes. */
static bool address_parse(const char *text, size_t len, struct invitation *out)
{
	const char *host = text, *end = text + len, *host_end;
	if (len > 0 && text[0] == '[') {
		host++;
		host_end = memchr(host, ']', len - 1);
	} else {
		host_end = memchr(text, ':', len);
		if (!host_end)
			host_end = end;
	}
	if (!host_end || !copy_part(out->host, sizeof(out->host), host, (size_t)(host_end - host)))
		return false;
	bool v6 = host != text;
	if (!invitation_host_valid(out->host) || v6 != (strchr(out->host, ':') != NULL))
		return false;
	const char *rest = v6 ? host_end + 1 : host_end;
	out->port = INVITATION_DEFAULT_PORT;
	return rest == end ||
	       (*rest == ':' && read_port(rest + 1, (size_t)(end - rest - 1), &out->port));
}

static bool secret_parse(const char *text, size_t len, struct invitation *out)
{
	uint8_t payload[PAYLOAD_BYTES];
	bool ok = decode(text, len, payload, sizeof(payload)) && payload_unpack(payload, out);
	secure_wipe(payload, sizeof(payload));
	return ok;
}

static bool check_matches(const char *text, const char *dot)
{
	uint8_t check[CHECK_BYTES], wanted[CHECK_BYTES];
	return decode(dot + 1, strlen(dot + 1), check, sizeof(check)) &&
	       check_of(text, (size_t)(dot - text), wanted) == 0 &&
	       memcmp(check, wanted, sizeof(check)) == 0;
}

/* What is wrong with text, or NULL and *out filled. */
static const char *parse(const char *text, struct invitation *out)
{
	if (strnlen(text, INVITATION_TEXT_MAX_BYTES) >= INVITATION_TEXT_MAX_BYTES)
		return "it is too long for an invitation";
	if (strncmp(text, SCHEME, strlen(SCHEME)) != 0)
		return "it does not start with " SCHEME;
	const char *address = text + strlen(SCHEME);
	const char *slash = strchr(address, '/'), *mark = strchr(address, '#');
	if (!mark)
		return "the part after '#' is missing: was the text quoted?";
	if (!slash || slash > mark)
		return "the server's id is missing";
	if (strncmp(mark, VERSION_MARK, strlen(VERSION_MARK)) != 0)
		return "it is of a version that this program does not know";
	const char *secret = mark + strlen(VERSION_MARK), *dot = strchr(secret, '.');
	if (!dot || !check_matches(text, dot))
		return "it is incomplete or damaged";
	if (!address_parse(address, (size_t)(slash - address), out))
		return "its address is not valid";
	if (!copy_part(out->server_id, sizeof(out->server_id), slash + 1,
		    (size_t)(mark - slash - 1)) ||
		!server_id_valid(out->server_id))
		return "the server's id is not valid";
	if (!secret_parse(secret, (size_t)(dot - secret), out))
		return "its secret is not valid";
	return NULL;
}

int invitation_parse(const char *text, struct invitation *out, const char **why)
{
	struct invitation in = { 0 };
	const char *wrong = parse(text, &in);
	if (why)
		*why = wrong;
	if (!wrong)
		*out = in;
	invitation_wipe(&in);
	return wrong ? -EINVAL : 0;
}

void invitation_wipe(struct invitation *in)
{
	secure_wipe(in, sizeof(*in));
}
