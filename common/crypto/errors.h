/*
 * Why a handshake or a certificate was refused, in words that a log, a person and a program
 * understand. One list for both ends and both library versions.
 */
#pragma once

enum crypto_fault {
	CRYPTO_OK,
	CRYPTO_NO_CERTIFICATE, /* the peer sent none */
	CRYPTO_UNKNOWN_CA,     /* does not chain to the CA we trust */
	CRYPTO_EXPIRED,
	CRYPTO_NOT_YET_VALID,
	CRYPTO_REVOKED,
	/* extended key usage, key usage, CA:TRUE, version or key type: not a certificate for this
	 * use */
	CRYPTO_WRONG_PURPOSE,
	CRYPTO_WRONG_NAME,      /* not the server that was asked for */
	CRYPTO_NOT_ADMITTED,    /* valid, but not active in the registry */
	CRYPTO_WRONG_VERSION,   /* TLS version */
	CRYPTO_NO_COMMON_SUITE, /* cipher suite, group or signature algorithm */
	CRYPTO_WRONG_PROTOCOL,  /* ALPN */
	CRYPTO_TAMPERED,        /* a record failed its authentication */
	CRYPTO_REFUSED,         /* the peer sent a fatal alert; its number is in the channel */
	CRYPTO_CLOSED,          /* the connection ended in the middle */
	CRYPTO_MALFORMED,       /* not TLS, or not by its rules */
	CRYPTO_INTERNAL,        /* out of memory, library failure */
};

/* One sentence, lower case, without a full stop: "the certificate has expired". Static. */
const char *crypto_fault_text(enum crypto_fault fault);
