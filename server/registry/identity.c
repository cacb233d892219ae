#include "server/registry/identity.h"

#include "common/base/clock.h"
#include "common/base/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int choose(const char *configured, const char *usual, char out[static PATH_MAX])
{
	if (configured[0] == '\0')
		return path_of(PATH_DATA, usual, out);
	int n = snprintf(out, PATH_MAX, "%s", configured);
	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static const char *why_no_cert(int error)
{
	switch (error) {
	case -EINVAL:
		return "it is not a PEM certificate, or one in it is malformed or longer than 2048 bytes";
	case -EKEYREJECTED:
		return "only certificates of and by EC keys (P-256, P-384) are taken, RSA is not";
	case -E2BIG:
		return "there are more than " TEXT_OF(CRYPTO_CHAIN_MAX) " certificates in it";
	case -ENOENT:
		return "it is not there (run 'farseatctl init', or see [tls] in farseat.conf(5))";
	default:
		return strerror(-error);
	}
}

static int read_certs(const char *configured, const char *usual, struct crypto_der *out,
	size_t *count, char error[static CONFIG_ERROR_MAX_BYTES])
{
	char path[PATH_MAX] = "";
	int r = choose(configured, usual, path);

	if (r == 0)
		r = crypto_certs_from_file(path, out, CRYPTO_CHAIN_MAX, count);
	if (r < 0)
		snprintf(error, CONFIG_ERROR_MAX_BYTES, "cannot read the certificate %.300s: %s",
			path, why_no_cert(r));
	return r;
}

static int read_first(const char *configured, const char *usual, struct crypto_der *out,
	char error[static CONFIG_ERROR_MAX_BYTES])
{
	struct crypto_der all[CRYPTO_CHAIN_MAX];
	size_t count = 0;
	int r = read_certs(configured, usual, all, &count, error);

	if (r == 0)
		*out = all[0];
	return r;
}

int identity_ca(
	const struct settings *s, struct crypto_der *out, char error[static CONFIG_ERROR_MAX_BYTES])
{
	return read_first(s->ca, IDENTITY_CA, out, error);
}

int identity_cert(
	const struct settings *s, struct crypto_der *out, char error[static CONFIG_ERROR_MAX_BYTES])
{
	return read_first(s->cert, IDENTITY_CERT, out, error);
}

int identity_key_path(const struct settings *s, char out[static PATH_MAX])
{
	return choose(s->key, IDENTITY_KEY, out);
}

static int read_key(
	const struct settings *s, struct identity *i, char error[static CONFIG_ERROR_MAX_BYTES])
{
	char path[PATH_MAX] = "";
	struct crypto_key *key = NULL;
	int r = identity_key_path(s, path);

	if (r == 0)
		r = crypto_key_from_file(&key, path, NULL);
	if (r == 0 && !crypto_key_is_of(key, &i->chain[0]))
		r = -EKEYREJECTED;
	if (r == 0)
		i->key = key;
	else
		crypto_key_destroy(key);
	if (r == -EKEYREJECTED)
		snprintf(error, CONFIG_ERROR_MAX_BYTES,
			"the key %.200s does not belong to the server's certificate %.200s", path,
			s->cert[0] ? s->cert : IDENTITY_CERT);
	else if (r < 0)
		snprintf(error, CONFIG_ERROR_MAX_BYTES, "the key %.300s cannot be used: %s", path,
			crypto_key_error(r));
	return r;
}

static int check_cas(const struct identity *i, const struct settings *s,
	char error[static CONFIG_ERROR_MAX_BYTES])
{
	for (size_t k = 0; k < i->ca_count; k++) {
		enum crypto_fault fault = crypto_ca_check(&i->cas[k], clock_wall_s());
		if (fault == CRYPTO_OK)
			continue;
		snprintf(error, CONFIG_ERROR_MAX_BYTES,
			"the CA certificate in %.200s (number %zu) cannot be used: %s",
			s->ca[0] ? s->ca : IDENTITY_CA, k + 1, crypto_fault_text(fault));
		return -EINVAL;
	}
	return 0;
}

static int check_server(struct identity *i, const struct settings *s, const char *server_id,
	char error[static CONFIG_ERROR_MAX_BYTES])
{
	struct crypto_cert_info info;

	snprintf(i->server_name, sizeof(i->server_name), "%s%s", server_id, CRYPTO_SERVER_SUFFIX);
	enum crypto_fault fault = crypto_chain_check(i->chain, i->chain_len, i->cas, i->ca_count,
		CRYPTO_FOR_SERVER, i->server_name, clock_wall_s());
	if (fault != CRYPTO_OK) {
		snprintf(error, CONFIG_ERROR_MAX_BYTES,
			"the server's certificate %.200s cannot be used: %s%s%s",
			s->cert[0] ? s->cert : "", crypto_fault_text(fault),
			fault == CRYPTO_WRONG_NAME ? ": its alternative name must be DNS:" : "",
			fault == CRYPTO_WRONG_NAME      ? i->server_name
			: fault == CRYPTO_WRONG_PURPOSE ? " (its profile: farseat-company(7))"
			: fault == CRYPTO_EXPIRED && !s->cert[0] ? " (run 'farseatctl renew')"
								 : "");
		return -EINVAL;
	}
	int r = crypto_cert_info(i->chain[0].bytes, i->chain[0].len, &info);
	if (r < 0)
		snprintf(error, CONFIG_ERROR_MAX_BYTES, "the server's certificate cannot be read");
	else
		i->not_after_s = info.not_after_s;
	return r;
}

int identity_load(struct identity *out, const struct settings *s, const char *server_id,
	char error[static CONFIG_ERROR_MAX_BYTES])
{
	struct identity i = { 0 };
	int r = read_certs(s->cert, IDENTITY_CERT, i.chain, &i.chain_len, error);

	if (r == 0)
		r = read_certs(s->ca, IDENTITY_CA, i.cas, &i.ca_count, error);
	if (r == 0)
		r = read_key(s, &i, error);
	if (r == 0)
		r = check_cas(&i, s, error);
	if (r == 0)
		r = check_server(&i, s, server_id, error);
	if (r < 0) {
		identity_finish(&i);
		return r;
	}
	*out = i;
	return 0;
}

void identity_finish(struct identity *i)
{
	crypto_key_destroy(i->key);
	*i = (struct identity){ 0 };
}
