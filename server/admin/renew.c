/* farseatctl renew: a new certificate for the server's key. */
#include "server/admin/admin.h"
#include "server/admin/issue.h"
#include "server/admin/table.h"

#include "server/registry/identity.h"
#include "server/registry/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The key stays, so that certificate and key never disagree, whenever this is interrupted. */
static int write_certificate(const struct registry *r, const struct settings *s,
	const struct issuer *issuer, struct crypto_cert_info *info)
{
	char key_path[PATH_MAX] = "", cert_path[PATH_MAX];
	struct crypto_key *key = NULL;
	struct crypto_der cert;

	int result = identity_key_path(s, key_path);
	if (result == 0)
		result = crypto_key_from_file(&key, key_path, NULL);
	if (result < 0)
		return admin_fail("the server's key %s cannot be used: %s", key_path,
			crypto_key_error(result));
	result = path_of(PATH_DATA, IDENTITY_CERT, cert_path);
	if (result == 0)
		result = issue_server(issuer, r->server_id, key, &cert);
	if (result == 0)
		result = crypto_cert_info(cert.bytes, cert.len, info);
	if (result == 0)
		result = crypto_cert_to_file(&cert, cert_path, 0644);
	crypto_key_destroy(key);
	return result < 0
		       ? admin_fail("cannot renew the server's certificate: %s", strerror(-result))
		       : EXIT_OK;
}

static int renew_certificate(const struct registry *r, struct crypto_cert_info *info)
{
	char error[CONFIG_ERROR_MAX_BYTES], why[ISSUER_ERROR_MAX_BYTES];
	struct settings settings;
	struct issuer issuer;

	if (settings_read(&settings, NULL, error) < 0)
		return admin_fail("%s", error);
	if (settings.cert[0] != '\0')
		return admin_fail(
			"[tls] cert= names a certificate of your own, %s: whoever issued it renews it, and farseatd takes it over when it is reloaded",
			settings.cert);
	int result = issuer_open(&issuer);
	if (result < 0)
		return admin_fail(
			"cannot renew the server's certificate: %s", issuer_error(result, why));
	int status = write_certificate(r, &settings, &issuer, info);
	issuer_close(&issuer);
	return status;
}

int admin_run_renew(const struct options *o, void *user)
{
	struct admin_change c;
	struct crypto_cert_info info = { 0 };
	char until[TABLE_TIME_MAX_BYTES];
	int64_t ended = 0;

	(void)user;
	int status = admin_change_begin(&c);
	if (status != EXIT_OK)
		return status;
	status = renew_certificate(&c.registry, &info);
	admin_change_finish(&c);
	if (status != EXIT_OK)
		return status;
	admin_audit("server-renewed", json_pack("{s:I}", "expires", (json_int_t)info.not_after_s));
	int told = admin_reload(&ended);
	if (admin_wants_json(o))
		status = json_output_print(json_pack("{s:b, s:I, s:b}", "changed", 1,
			"certificate_expires", (json_int_t)info.not_after_s, "applied", told == 0));
	else
		printf("The server's certificate is valid until %s.\n",
			time_text(info.not_after_s, until));
	return told < 0 ? EXIT_FAILED : status;
}
