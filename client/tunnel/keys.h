/* The person's key files, read before the confinement. farseat-tunnel. */
#pragma once

#include "common/ipc/records_tunnel.h"

#define KEYS_FILE_MAX_BYTES (64U * 1024) /* RSA of 16384 bits in PEM: 13 KB */

struct tunnel_key {
	const char *path;      /* borrowed from the config */
	struct buffer private; /* PEM; secret */
	struct buffer public;  /* the .pub beside it; may be empty */
	bool encrypted;
};

struct tunnel_keys {
	struct tunnel_key list[RECORD_IDENTITIES_MAX];
	size_t count;
	/* The last file that is not used, and why, as the end of a sentence; or "". */
	char skipped[192];
};

/* Reads what is there. Files that are missing are passed over (ssh names six by default); those that
 * others may read, or that cannot be read, are not used, which is said. */
void tunnel_keys_read(struct tunnel_keys *keys, const struct record_tunnel_config *config);
void tunnel_keys_finish(struct tunnel_keys *keys);

/* Whether a PEM of OpenSSH, PKCS#8 or the older kinds needs a passphrase. */
bool tunnel_key_encrypted(const char *pem, size_t len);

/* The type that a .pub names ("ssh-ed25519"), "" when it cannot be told. */
void tunnel_key_type(const struct buffer *public, char *out, size_t size);

/* Whether public (a .pub) holds the key whose base64 is key. */
bool tunnel_key_is(const struct buffer *public, const char *key);
