/* The words for each fault. Runs in every process; pure. */
#include "common/crypto/errors.h"

#include "common/base/macros.h"

static const char *const texts[] = {
	[CRYPTO_OK] = "no fault",
	[CRYPTO_NO_CERTIFICATE] = "the other end sent no certificate",
	[CRYPTO_UNKNOWN_CA] = "the certificate is not signed by the authority we trust",
	[CRYPTO_EXPIRED] = "the certificate has expired",
	[CRYPTO_NOT_YET_VALID] = "the certificate is not valid yet: is the clock right?",
	[CRYPTO_REVOKED] = "the certificate has been revoked",
	[CRYPTO_WRONG_PURPOSE] = "the certificate is not made for this purpose",
	[CRYPTO_WRONG_NAME] = "the certificate names another server or device",
	[CRYPTO_NOT_ADMITTED] = "the certificate is valid but not admitted here",
	[CRYPTO_WRONG_VERSION] = "no TLS version that both ends allow",
	[CRYPTO_NO_COMMON_SUITE] = "no cipher suite, group or signature that both ends allow",
	[CRYPTO_WRONG_PROTOCOL] = "the other end speaks another protocol",
	[CRYPTO_TAMPERED] = "a record was changed on its way",
	[CRYPTO_REFUSED] = "the other end refused the connection",
	[CRYPTO_CLOSED] = "the connection ended in the middle",
	[CRYPTO_MALFORMED] = "the other end does not speak TLS by its rules",
	[CRYPTO_INTERNAL] = "a failure of our own, such as out of memory",
};

const char *crypto_fault_text(enum crypto_fault fault)
{
	return (size_t)fault < ARRAY_LEN(texts) ? texts[fault] : texts[CRYPTO_INTERNAL];
}
