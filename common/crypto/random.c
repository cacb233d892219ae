/*
 * One CTR-DRBG a process, seeded from the kernel alone: after exec every process has its own
 * (ARCHITECTURE.md, D-EXEC). mbedTLS locks it. Runs in every process; its state is the generator,
 * which is never saved.
 */
#include "common/crypto/random.h"

#include "common/base/log.h"
#include "common/base/machine.h"
#include "common/crypto/mbedtls_compat.h"

#include <errno.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/sha256.h>
#include <string.h>
#include <time.h>
#if MBEDTLS_VERSION_MAJOR >= 3
#include <psa/crypto.h>
#endif

static struct {
	bool ready;
	mbedtls_ctr_drbg_context drbg;
} generator;

static int kernel_entropy(void *user, unsigned char *out, size_t len)
{
	(void)user;
	return machine_random(out, len) < 0 ? MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED : 0;
}

/* The library reads certificates' dates by gmtime_r, whose first call may open /etc/localtime. */
static void touch_calendar(void)
{
	time_t now = time(NULL);
	struct tm parts;
	(void)gmtime_r(&now, &parts);
}

int crypto_init(void)
{
	static const unsigned char personal[] = "farseat";

	if (generator.ready)
		return 0;
	touch_calendar();
	mbedtls_ctr_drbg_init(&generator.drbg);
	/* Seeding encrypts with AES: this is also the touch before threads start. */
	int r = mbedtls_ctr_drbg_seed(
		&generator.drbg, kernel_entropy, NULL, personal, sizeof(personal) - 1);
	if (r != 0) {
		log_error("random: seeding failed (mbedTLS -0x%04x)", (unsigned)-r);
		mbedtls_ctr_drbg_free(&generator.drbg);
		return -EIO;
	}
#if MBEDTLS_VERSION_MAJOR >= 3
	if (psa_crypto_init() != PSA_SUCCESS) {
		log_error("random: the library's PSA core does not start");
		mbedtls_ctr_drbg_free(&generator.drbg);
		return -EIO;
	}
#endif
	generator.ready = true;
	return 0;
}

void crypto_finish(void)
{
	if (!generator.ready)
		return;
#if MBEDTLS_VERSION_MAJOR >= 3
	mbedtls_psa_crypto_free();
#endif
	mbedtls_ctr_drbg_free(&generator.drbg);
	generator.ready = false;
}

int crypto_rng(void *user, unsigned char *out, size_t len)
{
	(void)user;
	if (!generator.ready)
		return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
	while (len > 0) {
		size_t part = MIN(len, (size_t)MBEDTLS_CTR_DRBG_MAX_REQUEST);
		int r = mbedtls_ctr_drbg_random(&generator.drbg, out, part);
		if (r != 0)
			return r;
		out += part;
		len -= part;
	}
	return 0;
}

int crypto_random(void *out, size_t len)
{
	return crypto_rng(NULL, out, len) == 0 ? 0 : -EIO;
}

int crypto_sha256(const void *bytes, size_t len, uint8_t out[static CRYPTO_SHA256_BYTES])
{
#if MBEDTLS_VERSION_MAJOR < 3
	return mbedtls_sha256_ret(bytes, len, out, 0) == 0 ? 0 : -EIO;
#else
	return mbedtls_sha256(bytes, len, out, 0) == 0 ? 0 : -EIO;
#endif
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
	const volatile uint8_t *left = a, *right = b;
	uint8_t difference = 0;
	for (size_t i = 0; i < len; i++)
		difference |= (uint8_t)(left[i] ^ right[i]);
	return difference == 0;
}

const char *crypto_library(void)
{
	static char name[32]; /* the library asks for 18 bytes or more */
	if (name[0] == '\0')
		mbedtls_version_get_string_full(name);
	return name;
}
