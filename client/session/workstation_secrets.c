/* What proves who this laptop is to a workstation, and the session to resume. */
#include "client/session/workstation.h"

#include "common/base/file.h"

#include <string.h>

static int load_session(const struct workstation *w, struct workstation_secrets *out)
{
	char path[PATH_MAX];
	struct buffer bytes;
	int r = workstation_path(w->name, "session.tls", path);

	if (r < 0)
		return r;
	r = file_read(path, sizeof(out->session), &bytes);
	if (r < 0)
		return 0; /* without it the handshake only takes longer */
	out->session_len = bytes.len;
	if (bytes.len > 0)
		memcpy(out->session, buffer_front(&bytes), bytes.len);
	buffer_wipe_finish(&bytes);
	return 0;
}

int workstation_load_secrets(
	const struct workstation *w, struct workstation_secrets *out, const char **what)
{
	char path[PATH_MAX];
	struct crypto_key *key = NULL;

	memset(out, 0, sizeof(*out));
	*what = "device.key";
	int r = workstation_path(w->name, *what, path);
	if (r == 0)
		r = crypto_key_from_file(&key, path, NULL);
	if (r == 0)
		r = crypto_key_to_der(key, out->key_der, sizeof(out->key_der), &out->key_len);
	crypto_key_destroy(key);
	if (r < 0)
		goto fail;

	*what = "device.crt";
	r = workstation_path(w->name, *what, path);
	if (r == 0)
		r = crypto_cert_from_file(path, &out->cert);
	if (r < 0)
		goto fail;

	*what = "ca.crt";
	r = workstation_path(w->name, *what, path);
	if (r == 0)
		r = crypto_cert_from_file(path, &out->ca);
	if (r < 0)
		goto fail;
	return load_session(w, out);

fail:
	workstation_secrets_wipe(out);
	return r;
}

void workstation_secrets_wipe(struct workstation_secrets *s)
{
	secure_wipe(s, sizeof(*s));
}

int workstation_store_session(const struct workstation *w, const uint8_t *session, size_t len)
{
	char path[PATH_MAX];
	int r = workstation_path(w->name, "session.tls", path);

	if (r < 0)
		return r;
	if (len == 0)
		return file_remove(path);
	return file_replace(path, session, len, 0600);
}
