#include "server/admin/tunnel_key.h"
#include "server/admin/admin.h"

#include "common/base/file.h"
#include "common/crypto/key.h"
#include "common/wire/reader.h"
#include "server/registry/relay_order.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PUBLIC_MAX_BYTES 1024 /* RSA of 4096 bits: 740 */

static int public_path(const char *key, char out[static PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s.pub", key);

	return n > 0 && n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int write_public(const struct crypto_key *key, const char *path, const char *comment)
{
	char text[CRYPTO_KEY_SSH_MAX_BYTES], line[CRYPTO_KEY_SSH_MAX_BYTES + 160], public[PATH_MAX];
	int r = crypto_key_to_ssh(key, text);

	if (r == 0)
		r = public_path(path, public);
	if (r < 0)
		return r;
	int len = snprintf(line, sizeof(line), "%s %.150s\n", text, comment);
	return file_replace(public, line, (size_t)len, 0644);
}

/* The public half is written anew each time: an earlier attempt may have ended before it. */
static int make_ours(const char *path, const char *comment)
{
	struct crypto_key *key = NULL;
	int r = crypto_key_from_file(&key, path, NULL);

	if (r == -ENOENT) {
		r = crypto_key_generate(&key);
		if (r == 0)
			r = crypto_key_to_file(key, path);
	}
	if (r == 0)
		r = write_public(key, path, comment);
	crypto_key_destroy(key);
	return r;
}

int tunnel_key_make(
	const struct settings_tunnel *t, const char *comment, char path[static PATH_MAX])
{
	int r = relay_key_path(t, path);

	if (r == 0 && t->key[0] != '\0')
		r = access(path, R_OK) < 0 ? -errno : 0;
	else if (r == 0)
		r = make_ours(path, comment);
	if (r < 0)
		return admin_fail("the tunnel's key %s cannot be used: %s", path, strerror(-r));
	return EXIT_OK;
}

/* One line of a public key file, without its end. */
static bool one_line(const struct buffer *text, char out[static PUBLIC_MAX_BYTES])
{
	size_t len = text->len;
	const char *at = (const char *)buffer_front(text);

	while (len > 0 && (at[len - 1] == '\n' || at[len - 1] == '\r'))
		len--;
	if (len == 0 || len >= PUBLIC_MAX_BYTES || !wire_text_clean(at, len))
		return false;
	memcpy(out, at, len);
	out[len] = '\0';
	return true;
}

int tunnel_key_line(const struct settings_tunnel *t, char out[static TUNNEL_LINE_MAX_BYTES])
{
	char path[PATH_MAX] = "", public[PATH_MAX] = "", key[PUBLIC_MAX_BYTES];
	struct buffer text = { 0 };
	int r = relay_key_path(t, path);

	if (r == 0)
		r = public_path(path, public);
	if (r == 0)
		r = file_read(public, PUBLIC_MAX_BYTES, &text);
	if (r == -ENOENT && t->key[0] != '\0')
		return admin_fail(
			"%s is not there: ssh-keygen -y -f '%s' > '%s'", public, path, public);
	if (r == -ENOENT)
		return admin_fail("there is no key yet: farseatctl tunnel init");
	if (r < 0)
		return admin_fail("cannot read %s: %s", public, strerror(-r));
	bool good = one_line(&text, key);
	buffer_finish(&text);
	if (!good)
		return admin_fail("%s is no public key", public);
	/* 'restrict' alone forbids forwarding, and allows commands; a port is asked for by exactly
	 * this address; and permitopen names one where nobody listens, since it has no "none". */
	snprintf(out, TUNNEL_LINE_MAX_BYTES,
		"restrict,port-forwarding,permitlisten=\"%s:%u\",permitopen=\"localhost:1\",command=\"/bin/false\" %s",
		t->bind_host, (unsigned)t->bind_port, key);
	return EXIT_OK;
}
