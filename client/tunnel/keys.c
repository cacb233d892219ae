#include "client/tunnel/keys.h"

#include "common/base/file.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* "openssh-key-v1" and its end, then the cipher's name: length 4, "none" (PROTOCOL.key of OpenSSH);
 * in base64 this is how every key without a passphrase begins. */
#define OPENSSH_PLAIN "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"
#define OPENSSH_BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----"

bool tunnel_key_encrypted(const char *pem, size_t len)
{
	const char *openssh = memmem(pem, len, OPENSSH_BEGIN, strlen(OPENSSH_BEGIN));

	if (!openssh) /* "BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED" */
		return memmem(pem, len, "ENCRYPTED", strlen("ENCRYPTED")) != NULL;
	const char *end = pem + len;
	const char *at = openssh + strlen(OPENSSH_BEGIN);
	while (at < end && (*at == '\r' || *at == '\n'))
		at++;
	size_t want = strlen(OPENSSH_PLAIN);
	return (size_t)(end - at) < want || memcmp(at, OPENSSH_PLAIN, want) != 0;
}

static void word(const struct buffer *text, size_t index, const char **at, size_t *len)
{
	const char *p = (const char *)buffer_front(text);
	size_t left = text->len;

	*len = 0;
	*at = p;
	for (size_t i = 0; left > 0; i++) {
		size_t n = 0;
		while (n < left && p[n] != ' ' && p[n] != '\n' && p[n] != '\r')
			n++;
		if (i == index) {
			*at = p;
			*len = n;
			return;
		}
		n = MIN(n + 1, left);
		p += n;
		left -= n;
	}
}

void tunnel_key_type(const struct buffer *public, char *out, size_t size)
{
	const char *at;
	size_t len;

	word(public, 0, &at, &len);
	if (len >= size)
		len = 0;
	snprintf(out, size, "%.*s", (int)len, len ? at : "");
}

bool tunnel_key_is(const struct buffer *public, const char *key)
{
	const char *at;
	size_t len;

	word(public, 1, &at, &len);
	return len > 0 && len == strlen(key) && memcmp(at, key, len) == 0;
}

/* Why a key file is not used. One that is missing is nothing to talk of: ssh names six by default. */
static void note_skipped(struct tunnel_keys *keys, const char *path, int error)
{
	const char *why = error == -EPERM    ? "others may read it (chmod 600)"
			  : error == -E2BIG  ? "it is too long for a key"
			  : error == -EISDIR ? "it is a folder"
			  : error == 0       ? "it is empty"
					     : strerror(-error);

	if (error == -ENOENT)
		return;
	log_warn("the key %s is not used: %s", path, why);
	snprintf(keys->skipped, sizeof(keys->skipped), "; the key %.100s is not used: %s", path,
		why);
}

static void read_one(struct tunnel_keys *keys, const char *path)
{
	struct tunnel_key *k = &keys->list[keys->count];
	char public_path[RECORD_PATH_MAX_BYTES + 8];

	*k = (struct tunnel_key){ .path = path };
	buffer_init(&k->private, KEYS_FILE_MAX_BYTES);
	buffer_init(&k->public, KEYS_FILE_MAX_BYTES);
	snprintf(public_path, sizeof(public_path), "%s.pub", path);
	/* The public part alone is enough for a key that the agent has. */
	bool has_public = file_read(public_path, KEYS_FILE_MAX_BYTES, &k->public) == 0;
	int r = file_is_private(path) == 0 ? -EPERM
					   : file_read(path, KEYS_FILE_MAX_BYTES, &k->private);
	if (r == 0 && k->private.len > 0)
		k->encrypted = tunnel_key_encrypted(
			(const char *)buffer_front(&k->private), k->private.len);
	else
		note_skipped(keys, path, r);
	if (k->private.len > 0 || has_public)
		keys->count++;
}

void tunnel_keys_read(struct tunnel_keys *keys, const struct record_tunnel_config *config)
{
	keys->count = 0;
	keys->skipped[0] = '\0';
	for (size_t i = 0; i < config->identity_count; i++)
		read_one(keys, config->identities[i]);
}

void tunnel_keys_finish(struct tunnel_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		buffer_wipe_finish(&keys->list[i].private);
		buffer_finish(&keys->list[i].public);
	}
	keys->count = 0;
}
