/*
 * farseatctl sign: a device's request becomes a certificate. A person who may run this on the
 * workstation (over SSH, for example) has authenticated there; only the request and public bytes
 * travel.
 */
#include "server/admin/admin.h"
#include "server/admin/issue.h"
#include "server/admin/pem.h"
#include "server/admin/reach.h"
#include "server/admin/table.h"

#include "common/base/fd.h"
#include "common/base/file.h"
#include "server/registry/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CSR_FILE_MAX_BYTES                                                                         \
	(16U * 1024) /* PEM of CRYPTO_CSR_DER_MAX_BYTES, with room for remarks                     \
		      */

static int read_request(
	const char *path, uint8_t public_key[static CRYPTO_PUBLIC_KEY_DER_MAX_BYTES], size_t *len)
{
	struct buffer text;
	const char *file = strcmp(path, "-") == 0 ? "/dev/stdin" : path;

	int r = file_read(file, CSR_FILE_MAX_BYTES, &text);
	if (r < 0)
		return admin_fail("cannot read the request %s: %s", path, strerror(-r));
	r = crypto_csr_file_public_key(buffer_front(&text), text.len, public_key, len);
	buffer_finish(&text);
	if (r < 0)
		return admin_fail("%s is not a certificate request that can be signed: %s", path,
			r == -EBADMSG ? "its own signature is wrong"
				      : "it is malformed, or its key is not P-256 or P-384");
	return EXIT_OK;
}

struct outcome {
	struct crypto_der cert, ca;
	char name[REGISTRY_NAME_MAX_BYTES], id[REGISTRY_ID_MAX_BYTES];
	int64_t expires_s;
};

static int sign_request(struct admin_change *c, const struct outcome *wanted, uint32_t caps,
	const uint8_t *public_key, size_t public_key_len, struct outcome *out)
{
	struct issuer issuer;
	struct registry_device *d = NULL;
	char why[ISSUER_ERROR_MAX_BYTES];

	int r = issuer_open(&issuer);
	if (r < 0)
		return admin_fail("cannot sign: %s", issuer_error(r, why));
	r = issue_device(&issuer, &c->registry, wanted->name, caps, "", public_key, public_key_len,
		&out->cert, &d);
	out->ca = issuer.cert;
	issuer_close(&issuer);
	if (r == -EEXIST)
		return admin_fail(
			"a device named '%s' is enrolled; choose another name, or revoke it first",
			wanted->name);
	if (r < 0)
		return admin_fail("cannot sign: %s",
			r == -E2BIG ? "there are too many devices" : strerror(-r));
	int status = admin_change_save(c);
	if (status != EXIT_OK)
		return status;
	memcpy(out->name, d->name, sizeof(out->name));
	memcpy(out->id, d->id, sizeof(out->id));
	out->expires_s = d->key.expires_s;
	admin_audit("enrolled", json_pack("{s:s, s:s, s:s}", "device", d->name, "device_id", d->id,
					"role", registry_role_name(d->caps)));
	return EXIT_OK;
}

/* Where the daemon listens, for a laptop that knows only the SSH host. */
static uint16_t port_of_daemon(void)
{
	char error[CONFIG_ERROR_MAX_BYTES], host[INVITATION_HOST_MAX_BYTES],
		listen[CONFIG_TEXT_MAX_BYTES];
	struct settings settings;
	uint16_t port = INVITATION_DEFAULT_PORT;
	bool loopback = false;

	if (settings_read(&settings, NULL, error) == 0) {
		reach_listen(&settings, listen);
		reach_guess(listen, host, &port, &loopback);
	}
	return port;
}

static int print_outcome(
	const struct options *o, const struct outcome *out, const struct registry *r, uint32_t caps)
{
	char cert[PEM_TEXT_MAX_BYTES], ca[PEM_TEXT_MAX_BYTES], when[TABLE_TIME_MAX_BYTES];

	pem_of_cert(&out->cert, cert);
	pem_of_cert(&out->ca, ca);
	if (admin_wants_json(o))
		return json_output_print(
			json_pack("{s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:I}", "changed",
				1, "certificate", cert, "ca", ca, "device", out->name, "device_id",
				out->id, "role", registry_role_name(caps), "server_id",
				r->server_id, "workstation", r->workstation, "port",
				(int)port_of_daemon(), "expires", (json_int_t)out->expires_s));
	printf("%s%s", cert, ca);
	fflush(stdout);
	fprintf(stderr, "%s is enrolled until %s: its certificate, then the CA's.\n", out->name,
		date_text(out->expires_s, when));
	return EXIT_OK;
}

/* What was asked for; the name is made where none was given. */
static int read_wanted(const struct options *o, struct outcome *wanted, uint32_t *caps)
{
	const char *name = options_value(o, "name"), *role = options_value(o, "role");
	char id[REGISTRY_ID_MAX_BYTES];

	if (!options_value(o, "csr"))
		return options_wrong(o, "--csr FILE is missing (- is standard input)");
	if (name && !registry_name_valid(name))
		return options_wrong(o,
			"'%s' is not a name for a device: up to %d letters, digits, '.', '-', '_'",
			name, REGISTRY_NAME_MAX_BYTES - 1);
	if (registry_role_caps(role ? role : "control", caps) < 0)
		return options_wrong(o, "there is no role '%s': control or view", role);
	if (!name && registry_new_id(id) < 0)
		return admin_fail("the kernel gives no random numbers");
	if (name)
		snprintf(wanted->name, sizeof(wanted->name), "%s", name);
	else
		snprintf(wanted->name, sizeof(wanted->name), "laptop-%.8s", id);
	return EXIT_OK;
}

int admin_run_sign(const struct options *o, void *user)
{
	uint8_t public_key[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	size_t public_key_len = 0;
	struct outcome wanted = { 0 }, out = { 0 };
	struct admin_change c;
	uint32_t caps = 0;
	int64_t ended = 0;

	(void)user;
	int status = read_wanted(o, &wanted, &caps);
	if (status == EXIT_OK)
		status = read_request(options_value(o, "csr"), public_key, &public_key_len);
	if (status == EXIT_OK)
		status = admin_change_begin(&c);
	if (status != EXIT_OK)
		return status;
	status = sign_request(&c, &wanted, caps, public_key, public_key_len, &out);
	int told = status == EXIT_OK ? admin_reload_locked(&ended) : 0;
	if (status == EXIT_OK)
		status = told < 0 ? EXIT_FAILED : print_outcome(o, &out, &c.registry, caps);
	admin_change_finish(&c);
	return status;
}
