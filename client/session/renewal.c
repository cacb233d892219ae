#include "client/session/renewal.h"

#include "common/base/clock.h"

#include <errno.h>
#include <string.h>

bool renewal_due_at(int64_t not_before_s, int64_t not_after_s, int64_t now_s)
{
	int64_t life = not_after_s - not_before_s;

	return life > 0 && now_s >= not_before_s + life / 3 * 2;
}

static int load(const struct workstation *w, const char *file, struct crypto_der *out)
{
	char path[PATH_MAX];
	int r = workstation_path(w->name, file, path);

	return r < 0 ? r : crypto_cert_from_file(path, out);
}

bool renewal_due(const struct workstation *w)
{
	struct crypto_der cert;
	struct crypto_cert_info info;

	if (load(w, "device.crt", &cert) < 0 || crypto_cert_info(cert.bytes, cert.len, &info) < 0)
		return false;
	return renewal_due_at(info.not_before_s, info.not_after_s, clock_wall_s());
}

int renewal_start(struct renewal *r, struct connection *c)
{
	uint8_t csr[CRYPTO_CSR_DER_MAX_BYTES];
	struct wire_message m = { .type = WIRE_RENEW };

	renewal_finish(r);
	int error = crypto_key_generate(&r->key);
	if (error == 0)
		error = crypto_csr_create(r->key, csr, &m.renew.csr_len);
	m.renew.csr = csr;
	if (error == 0 && !connection_send(c, &m))
		error = -ENOTCONN;
	if (error < 0)
		renewal_finish(r);
	return error;
}

int renewal_take(struct renewal *r, const struct workstation *w, const struct wire_renewed *m)
{
	struct crypto_der cert, ca;
	struct crypto_cert_info info;
	uint8_t public_key[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	size_t len = 0;

	if (!r->key)
		return -ENOENT;
	if (m->cert_len > sizeof(cert.bytes))
		return -EBADMSG;
	memcpy(cert.bytes, m->cert, m->cert_len);
	cert.len = m->cert_len;
	int error = load(w, "ca.crt", &ca);
	if (error == 0)
		error = crypto_key_public_der(r->key, public_key, sizeof(public_key), &len);
	if (error < 0)
		return error;
	if (crypto_cert_info(cert.bytes, cert.len, &info) < 0 || len != info.public_key_len ||
		memcmp(public_key, info.public_key, len) != 0 ||
		crypto_cert_check(&cert, &ca, CRYPTO_FOR_DEVICE, NULL, clock_wall_s()) != CRYPTO_OK)
		return -EBADMSG;
	error = workstation_store_renewed(w, r->key, &cert);
	renewal_finish(r);
	return error;
}

void renewal_finish(struct renewal *r)
{
	crypto_key_destroy(r->key);
	r->key = NULL;
}
