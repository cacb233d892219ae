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

static int read_cert(const char *configured, const char *usual, struct crypto_der *out,
	char error[static CONFIG_ERROR_MAX_BYTES])
{
	char path[PATH_MAX];
	int r = choose(configured, usual, path);

	if (r == 0)
		r = crypto_cert_from_file(path, out);
	if (r < 0)
		snprintf(error, CONFIG_ERROR_MAX_BYTES, "cannot read the certificate %.300s: %s%s",
			path, r == -EINVAL ? "it is not a PEM certificate" : strerror(-r),
			r == -ENOENT ? " (run 'farseatctl init')" : "");
	return r;
}

static int read_key(
	const char *configured, struct identity *i, char error[static CONFIG_ERROR_MAX_BYTES])
{
	char path[PATH_MAX];
	struct crypto_key *key = NULL;
	int r = choose(configured, IDENTITY_KEY, path);

	if (r == 0)
		r = crypto_key_from_file(&key, path, NULL);
	if (r == 0)
		r = crypto_key_to_der(key, i->key_der, sizeof(i->key_der), &i->key_der_len);
	crypto_key_destroy(key);
	if (r < 0)
		snprintf(error, CONFIG_ERROR_MAX_BYTES, "cannot read the key %.300s: %s", path,
			strerror(-r));
	return r;
}

int identity_load(struct identity *out, const struct settings *s, const char *server_id,
	char error[static CONFIG_ERROR_MAX_BYTES])
{
	struct identity i = { 0 };
	struct crypto_cert_info info;
	int r = read_cert(s->cert, IDENTITY_CERT, &i.cert, error);

	if (r == 0)
		r = read_cert(s->ca, IDENTITY_CA, &i.ca, error);
	if (r == 0)
		r = read_key(s->key, &i, error);
	if (r == 0) {
		snprintf(i.server_name, sizeof(i.server_name), "%s%s", server_id,
			CRYPTO_SERVER_SUFFIX);
		enum crypto_fault fault = crypto_cert_check(
			&i.cert, &i.ca, CRYPTO_FOR_SERVER, i.server_name, clock_wall_s());
		if (fault != CRYPTO_OK) {
			snprintf(error, CONFIG_ERROR_MAX_BYTES,
				"the server's certificate cannot be used: %s%s",
				crypto_fault_text(fault),
				fault == CRYPTO_EXPIRED ? " (run 'farseatctl renew')" : "");
			r = -EINVAL;
		}
	}
	if (r == 0) {
		r = crypto_cert_info(i.cert.bytes, i.cert.len, &info);
		if (r < 0)
			snprintf(error, CONFIG_ERROR_MAX_BYTES,
				"the server's certificate cannot be read");
		else
			i.not_after_s = info.not_after_s;
	}
	if (r < 0) {
		identity_finish(&i);
		return r;
	}
	*out = i;
	secure_wipe(&i, sizeof(i));
	return 0;
}

void identity_finish(struct identity *i)
{
	secure_wipe(i, sizeof(*i));
}
