/*
 * The input is a host's name, a line's end, and a known_hosts file. Whatever that says: one more
 * line that revokes a key for every host revokes it, and the methods are a list of names.
 */
#include "client/tunnel/known_hosts.h"

#include "common/base/macros.h"

#include <stdlib.h>
#include <string.h>

#define TYPE "ssh-ed25519"
#define KEY  "AAAAC3NzaC1lZDI1NTE5AAAAIFarseatFuzz"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static LIBSSH2_SESSION *session(void)
{
	static LIBSSH2_SESSION *one; /* it only hashes names */

	if (!one && libssh2_init(0) == 0)
		one = libssh2_session_init();
	if (!one)
		abort();
	return one;
}

static void add(struct buffer *b, const void *bytes, size_t len)
{
	if (buffer_append(b, bytes, len) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char revoked[] = "\n@revoked * " TYPE " " KEY "\n";
	char host[256] = "", methods[KNOWN_METHODS_MAX_BYTES];
	const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
	size_t len = newline ? (size_t)(newline - data) : size;
	size_t rest = newline ? size - len - 1 : 0;
	struct buffer file;

	memcpy(host, data, MIN(len, sizeof(host) - 1)); /* ends at a NUL, as names do */
	buffer_init(&file, KNOWN_HOSTS_FILE_MAX_BYTES + sizeof(revoked));
	if (rest > KNOWN_HOSTS_FILE_MAX_BYTES)
		rest = KNOWN_HOSTS_FILE_MAX_BYTES;
	if (rest)
		add(&file, newline + 1, rest);
	struct known_hosts k = { session(), &file, 1 };
	(void)known_hosts_check(&k, host, TYPE, KEY);
	(void)known_hosts_has_authority(&k, host);
	known_hosts_methods(&k, host, methods);
	if (strlen(methods) == 0 || !strstr(methods, TYPE))
		abort();
	add(&file, revoked, strlen(revoked));
	if (host[0] && known_hosts_check(&k, host, TYPE, KEY) != KNOWN_REVOKED)
		abort();
	buffer_finish(&file);
	return 0;
}
