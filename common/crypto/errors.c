/* The words for each fault. Runs in every process; pure. */
#include "common/crypto/errors.h"

#include "common/base/macros.h"

static const struct {
	const char *name;
	const char *text;
} faults[] = {
	[CRYPTO_OK] = { "ok", "no fault" },
	[CRYPTO_NO_CERTIFICATE] = { "no-certificate", "the other end sent no certificate" },
	[CRYPTO_UNKNOWN_CA] = { "unknown-ca",
		"the certificate is not signed by the authority we trust" },
	[CRYPTO_EXPIRED] = { "expired", "the certificate has expired" },
	[CRYPTO_NOT_YET_VALID] = { "not-yet-valid",
		"the certificate is not valid yet: is the clock right?" },
	[CRYPTO_REVOKED] = { "revoked", "the certificate has been revoked" },
	[CRYPTO_WRONG_PURPOSE] = { "wrong-purpose",
		"the certificate is not made for this purpose" },
	[CRYPTO_WRONG_NAME] = { "wrong-name", "the certificate names another server or device" },
	[CRYPTO_NOT_ADMITTED] = { "not-admitted",
		"the certificate is valid but not admitted here" },
	[CRYPTO_WRONG_VERSION] = { "wrong-version", "no TLS version that both ends allow" },
	[CRYPTO_NO_COMMON_SUITE] = { "no-common-suite",
		"no cipher suite, group or signature that both ends allow" },
	[CRYPTO_WRONG_PROTOCOL] = { "wrong-protocol", "the other end speaks another protocol" },
	[CRYPTO_TAMPERED] = { "tampered", "a record was changed on its way" },
	[CRYPTO_REFUSED] = { "refused", "the other end refused the connection" },
	[CRYPTO_CLOSED] = { "closed", "the connection ended in the middle" },
	[CRYPTO_MALFORMED] = { "malformed", "the other end does not speak TLS by its rules" },
	[CRYPTO_INTERNAL] = { "internal", "a failure of our own, such as out of memory" },
};

const char *crypto_fault_text(enum crypto_fault fault)
{
	return (size_t)fault < ARRAY_LEN(faults) ? faults[fault].text
						 : faults[CRYPTO_INTERNAL].text;
}

const char *crypto_fault_name(enum crypto_fault fault)
{
	return (size_t)fault < ARRAY_LEN(faults) ? faults[fault].name
						 : faults[CRYPTO_INTERNAL].name;
}
