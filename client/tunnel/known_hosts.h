/*
 * What known_hosts says about a key (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): names with patterns and
 * negation, hashed names, the markers @revoked and @cert-authority. The files are the person's own
 * and trusted; a line that is not understood is passed over. farseat-tunnel.
 */
#pragma once

#include "common/base/buffer.h"

#include <libssh2.h>

#define KNOWN_HOSTS_FILE_MAX_BYTES (4U * 1024 * 1024)

enum known_verdict {
	KNOWN_NOT,        /* no line for this host */
	KNOWN_GOOD,       /* this very key */
	KNOWN_CHANGED,    /* another key of the same type */
	KNOWN_OTHER_TYPE, /* only keys of other types */
	KNOWN_REVOKED,    /* marked @revoked, for this host */
};

struct known_hosts {
	LIBSSH2_SESSION *session;   /* borrowed: libssh2 knows how names are hashed */
	const struct buffer *texts; /* borrowed; the files */
	size_t count;
};

/*
 * host: as known_hosts writes it: "name", or "[name]:port" where the port is not 22; then, where
 * nothing is known under that, a key that "name" has is good, too. key: base64.
 */
enum known_verdict known_hosts_check(
	const struct known_hosts *k, const char *host, const char *type, const char *key);

/*
 * The order of host key methods to ask a server for: the types that are known for host first, since
 * one known under another type would look like a changed one.
 */
#define KNOWN_METHODS_MAX_BYTES 256
void known_hosts_methods(
	const struct known_hosts *k, const char *host, char out[static KNOWN_METHODS_MAX_BYTES]);

/* Whether a @cert-authority line is for host (we do not check certificates: a hint to give). */
bool known_hosts_has_authority(const struct known_hosts *k, const char *host);
