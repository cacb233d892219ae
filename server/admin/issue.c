#include "server/admin/issue.h"

#include "common/base/clock.h"
#include "common/base/process.h"
#include "server/registry/identity.h"
#include "server/registry/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* nextUpdate: longer than a device's certificate lives, since a new list comes with each
 * revocation only. */
#define CRL_DAYS 397

int issuer_open(struct issuer *out)
{
	struct issuer issuer = { 0 };
	struct settings settings;
	char path[PATH_MAX] = "", error[CONFIG_ERROR_MAX_BYTES];

	int r = process_guard();
	if (r == 0)
		r = settings_read(&settings, NULL, error);
	if (r == 0)
		r = identity_ca(&settings, &issuer.cert, error);
	if (r == 0)
		r = path_of(PATH_DATA, IDENTITY_CA_KEY, path);
	if (r == 0) {
		r = crypto_key_from_file(&issuer.key, path, NULL);
		if (r == -ENOENT)
			r = -ENOKEY;
	}
	if (r == 0 && !crypto_key_is_of(issuer.key, &issuer.cert)) {
		issuer_close(&issuer);
		r = -EKEYREJECTED;
	}
	if (r == 0)
		*out = issuer;
	return r;
}

const char *issuer_error(int error, char text[static ISSUER_ERROR_MAX_BYTES])
{
	char path[PATH_MAX];

	if (path_of(PATH_DATA, IDENTITY_CA_KEY, path) < 0)
		path[0] = '\0';
	if (error == -ENOKEY)
		snprintf(text, ISSUER_ERROR_MAX_BYTES,
			"the CA's private key is not here, so that nobody can enrol or renew; restore %.300s from a backup",
			path);
	else if (error == -EKEYREJECTED)
		snprintf(text, ISSUER_ERROR_MAX_BYTES,
			"the private key %.300s is not that of the CA's certificate; put the CA's key there",
			path);
	else if (error == -EPERM)
		snprintf(text, ISSUER_ERROR_MAX_BYTES,
			"the CA's private key %.300s cannot be used: %s", path,
			crypto_key_error(error));
	else
		snprintf(text, ISSUER_ERROR_MAX_BYTES,
			"the certificate authority cannot be opened: %s", strerror(-error));
	return text;
}

void issuer_close(struct issuer *issuer)
{
	crypto_key_destroy(issuer->key);
	issuer->key = NULL;
}

int issue_server(const struct issuer *issuer, const char *server_id, const struct crypto_key *key,
	struct crypto_der *out)
{
	uint8_t public_key[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	char name[CRYPTO_NAME_MAX_BYTES];
	struct crypto_cert_request request = { .purpose = CRYPTO_FOR_SERVER, .name = name };

	int r = crypto_key_public_der(key, public_key, sizeof(public_key), &request.public_key_len);
	if (r < 0)
		return r;
	request.public_key = public_key;
	snprintf(name, sizeof(name), "%s" CRYPTO_SERVER_SUFFIX, server_id);
	return crypto_ca_sign(issuer->key, &issuer->cert, &request, out);
}

static int sign_device(const struct issuer *issuer, const char *id, const uint8_t *public_key,
	size_t public_key_len, struct crypto_der *out, struct registry_key *key)
{
	char name[CRYPTO_NAME_MAX_BYTES];
	struct crypto_cert_info info = { 0 };
	const struct crypto_cert_request request = {
		.purpose = CRYPTO_FOR_DEVICE,
		.name = name,
		.public_key = public_key,
		.public_key_len = public_key_len,
	};

	snprintf(name, sizeof(name), "farseat:device:%s", id);
	int r = crypto_ca_sign(issuer->key, &issuer->cert, &request, out);
	if (r == 0)
		r = crypto_cert_info(out->bytes, out->len, &info);
	if (r < 0)
		return r;
	*key = (struct registry_key){
		.public_key_len = info.public_key_len,
		.serial_len = info.serial_len,
		.issued_s = clock_wall_s(),
		.expires_s = info.not_after_s,
	};
	memcpy(key->fingerprint, info.fingerprint, sizeof(key->fingerprint));
	memcpy(key->public_key, info.public_key, info.public_key_len);
	memcpy(key->serial, info.serial, info.serial_len);
	return 0;
}

int issue_device(const struct issuer *issuer, struct registry *r, const char *name, uint32_t caps,
	const char *label, const uint8_t *public_key, size_t public_key_len, struct crypto_der *out,
	struct registry_device **device)
{
	struct registry_device d = { .caps = caps };

	/* Nothing is signed that could not be registered. */
	if (registry_find_name(r, name))
		return -EEXIST;
	if (!registry_has_room(r))
		return -E2BIG;
	snprintf(d.name, sizeof(d.name), "%s", name);
	snprintf(d.label, sizeof(d.label), "%s", label);
	int result = registry_new_id(d.id);
	if (result == 0)
		result = sign_device(issuer, d.id, public_key, public_key_len, out, &d.key);
	if (result == 0)
		result = registry_add_device(r, &d);
	if (result == 0)
		*device = &r->devices[r->device_count - 1];
	return result;
}

int issue_renewal(const struct issuer *issuer, struct registry *r,
	const uint8_t fingerprint[static 32], const uint8_t *public_key, size_t public_key_len,
	struct crypto_der *out, struct registry_device **device)
{
	const struct registry_key *present = NULL;
	struct registry_key renewed;

	struct registry_device *d = registry_find_fingerprint(r, fingerprint, &present);
	if (!d)
		return -ENOENT;
	if (present->expires_s <= clock_wall_s())
		return -EKEYEXPIRED;
	if (!registry_renewal_due(d, present, clock_wall_s()))
		return -EBUSY;
	if (present->public_key_len == public_key_len &&
		memcmp(present->public_key, public_key, public_key_len) == 0)
		return -EALREADY;
	int result = sign_device(issuer, d->id, public_key, public_key_len, out, &renewed);
	if (result < 0)
		return result;
	/* Renewed with the previous one: the answer to the renewal before never arrived. */
	if (present == &d->key)
		d->previous = d->key;
	d->key = renewed;
	*device = d;
	return 0;
}

static void add_revoked(
	struct crypto_revoked *list, size_t *count, const struct registry_key *key, int64_t when_s)
{
	if (key->serial_len == 0)
		return;
	struct crypto_revoked *one = &list[(*count)++];

	one->serial_len = key->serial_len;
	memcpy(one->serial, key->serial, key->serial_len);
	one->when_s = when_s;
}

int issue_crl(struct registry *r)
{
	struct issuer issuer = { 0 };
	char path[PATH_MAX];
	size_t count = 0;

	int result = issuer_open(&issuer);
	if (result < 0)
		return result;
	struct crypto_revoked *list = calloc(2 * r->device_count + 1, sizeof(*list));
	result = list ? path_of(PATH_DATA, IDENTITY_CRL, path) : -ENOMEM;
	for (size_t i = 0; result == 0 && i < r->device_count; i++) {
		const struct registry_device *d = &r->devices[i];
		if (!d->revoked)
			continue;
		add_revoked(list, &count, &d->key, d->revoked_s);
		add_revoked(list, &count, &d->previous, d->revoked_s);
	}
	if (result == 0)
		result = crypto_crl_to_file(
			issuer.key, &issuer.cert, list, count, r->number + 1, CRL_DAYS, path);
	if (result == 0)
		r->number++;
	free(list);
	issuer_close(&issuer);
	return result;
}
