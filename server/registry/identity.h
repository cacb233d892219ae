/* What the daemon proves itself with, and the CA whose certificates it looks at. Read at start and
 * on reload. */
#pragma once

#include "common/base/paths.h"
#include "common/crypto/cert.h"
#include "server/registry/settings.h"

struct identity {
	struct crypto_der
		chain[CRYPTO_CHAIN_MAX]; /* the server's certificate, and what is between */
	size_t chain_len;
	struct crypto_der cas[CRYPTO_CHAIN_MAX]; /* the first is the one that invitations name */
	size_t ca_count;
	struct crypto_key *key;                  /* owned */
	char server_name[CRYPTO_NAME_MAX_BYTES]; /* of the certificate */
	int64_t not_after_s;
};

/*
 * Files of `farseatctl init` in the data folder. The daemon may read and write in server/ (with the
 * registry); nothing that it needs stands beside the CA's key.
 */
#define IDENTITY_KEY    "server/server.key"
#define IDENTITY_CERT   "server/server.crt"
#define IDENTITY_CA     "server/ca.crt"
#define IDENTITY_CA_KEY "ca/ca.key"
#define IDENTITY_CRL    "server/crl.pem"

/* All of it is checked, and that it belongs together. error: one line for people. */
int identity_load(struct identity *out, const struct settings *s, const char *server_id,
	char error[static CONFIG_ERROR_MAX_BYTES]) MUST_CHECK;
void identity_finish(struct identity *i);

/*
 * The CA that invitations name and that signs laptops' certificates: the first of ca=, or ours.
 * identity_cert: the server's certificate. Neither is checked.
 */
int identity_ca(const struct settings *s, struct crypto_der *out,
	char error[static CONFIG_ERROR_MAX_BYTES]) MUST_CHECK;
int identity_cert(const struct settings *s, struct crypto_der *out,
	char error[static CONFIG_ERROR_MAX_BYTES]) MUST_CHECK;
/* Where the server's key is. */
int identity_key_path(const struct settings *s, char out[static PATH_MAX]) MUST_CHECK;
