/* A request gives its public key only when it is signed by that key. */
#include "cmocka_all.h"

#include "common/crypto/cert.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct crypto_key *key;
static uint8_t csr[CRYPTO_CSR_DER_MAX_BYTES + 8], spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
static size_t csr_len, spki_len;

static int start(void **state)
{
	(void)state;
	if (crypto_init() < 0 || crypto_key_generate(&key) < 0)
		return -1;
	if (crypto_key_public_der(key, spki, sizeof(spki), &spki_len) < 0)
		return -1;
	return crypto_csr_create(key, csr, &csr_len);
}

static int stop(void **state)
{
	(void)state;
	crypto_key_destroy(key);
	crypto_finish();
	return 0;
}

static void gives_the_key(void **state)
{
	(void)state;
	uint8_t out[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	char pem[2 * CRYPTO_CSR_DER_MAX_BYTES];
	size_t len;

	assert_int_equal(crypto_csr_public_key(csr, csr_len, out, &len), 0);
	assert_int_equal(len, spki_len);
	assert_memory_equal(out, spki, len);
	assert_int_equal(crypto_csr_to_pem(csr, csr_len, pem, sizeof(pem)), 0);
	assert_int_equal(
		crypto_csr_file_public_key((const uint8_t *)pem, strlen(pem), out, &len), 0);
	assert_memory_equal(out, spki, len);
	/* PEM is for files: what comes from the network is not searched for a beginning. */
	const uint8_t *text = (const uint8_t *)pem;
	assert_int_equal(crypto_csr_public_key(text, strlen(pem), out, &len), -EINVAL);
	assert_int_equal(crypto_csr_public_key(text, 0, out, &len), -EINVAL);
	assert_int_equal(crypto_csr_file_public_key(text, 0, out, &len), -EINVAL);
	assert_int_equal(crypto_csr_to_pem(csr, csr_len, pem, 64), -E2BIG);
}

static void changed_or_cut_gives_none(void **state)
{
	(void)state;
	uint8_t out[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	size_t len;

	for (size_t i = 0; i < csr_len; i++) {
		csr[i] ^= 1;
		int r = crypto_csr_public_key(csr, csr_len, out, &len);
		assert_true(r == -EINVAL || r == -EBADMSG);
		csr[i] ^= 1;
		assert_int_equal(crypto_csr_public_key(csr, i, out, &len), -EINVAL);
	}
	csr[csr_len - 1] ^= 1;
	assert_int_equal(crypto_csr_public_key(csr, csr_len, out, &len), -EBADMSG);
	csr[csr_len - 1] ^= 1;
	assert_int_equal(crypto_csr_public_key(csr, csr_len + 1, out, &len), -EINVAL);
	assert_int_equal(
		crypto_csr_public_key(csr, CRYPTO_CSR_DER_MAX_BYTES + 1, out, &len), -E2BIG);
}

/* From openssl req; its names are not looked at. */
static const char foreign[] = "-----BEGIN CERTIFICATE REQUEST-----\n"
			      "MIIBGzCBoQIBADAiMREwDwYDVQQKDAhTb21lYm9keTENMAsGA1UEAwwEcm9vdDB2\n"
			      "MBAGByqGSM49AgEGBSuBBAAiA2IABKpJ1Y8dI4iuugTOZlvoVmmRXoSfFI6LwAZQ\n"
			      "UpTlfnY3ulOY9bbKl20YezZIOn3f69aVnsic2tFvgeNLPjw1s6w3zMucPbCkF6kV\n"
			      "OUqrnszB6AVEgKTQDj/m19Wq6lbTgaAAMAoGCCqGSM49BAMDA2kAMGYCMQDLGBe/\n"
			      "0w0minEnsHp30hKChcUlUXg1f9DWtGCA5cbPwmgTUGzmxQkQsHdOHjvbDE8CMQC5\n"
			      "SSPkDbz9Vmq7AkU1gAXmpAW58/P4dqO7ylY85814gzfgor2OeJQkIFDKMxvMPEk=\n"
			      "-----END CERTIFICATE REQUEST-----\n";
static const char foreign_rsa[] =
	"-----BEGIN CERTIFICATE REQUEST-----\n"
	"MIICUTCCATkCAQAwDDEKMAgGA1UEAwwBeDCCASIwDQYJKoZIhvcNAQEBBQADggEP\n"
	"ADCCAQoCggEBAK4/yGvQjg0JjpPUpeW6k5gjUsthpa1bWV1FFY8p6bBHgNK0Kdr9\n"
	"+JjczghoTNhmwcnkr/uLilkW7CtKuEYfycsUrymyUPzI7BJ9vOxVM5GIwunjRS94\n"
	"42qLLeTiIqisO0BF4XPaMDv0cM7FEmHmiNFj9sCvS4LXiaazLcK7QZ0LT3KHgc7/\n"
	"DMKbETSSQTE6C5Pe2z69m0A1aKFmdxRaOgFFPvEf5JF918Ee4oNI/IHMLboUehxQ\n"
	"Zw43sB60qlC3pLBFPG56kPTk7pxyIeeFpUYNEtW8BPs0OeTNwrSk8apUcAu8wtS5\n"
	"nnhYy6d3kLanxFEdllbxox0vJ+PhzZugkwkCAwEAAaAAMA0GCSqGSIb3DQEBCwUA\n"
	"A4IBAQA4P1A66on3QuEhE42MbuKpDAyX7h8WJqUbIM1aT06TUaHX5diB08Qhc3bF\n"
	"ZNAwBQyst3n+L105YEP5uIWxKcgtvqMC1CxHteCQAwjmJAIzoSwCAexFgVED5ecD\n"
	"Om1GwN/tFoza3L97NGnG79A/o2SLRhVU7BvD/kRZVKFkHGYlLbRcHf4hWaus6rmg\n"
	"nDn3S0fmYeRQT+SW+V4Tum2LCNx3Gbc/0Hn4ZM/RPDy99z2V46sACSOwWDI8axnH\n"
	"+6Y1C6GhDZxENdOXFexO5zra8hhbvFIkkHl5jH5W2P0EtYIUDftc+yrQVKLlpZ6w\n"
	"nwbf9wQoTUuIc3Kt3HnLs/gUVCth\n"
	"-----END CERTIFICATE REQUEST-----\n";

static void foreign_requests(void **state)
{
	(void)state;
	uint8_t out[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	size_t len;

	assert_int_equal(
		crypto_csr_file_public_key((const uint8_t *)foreign, strlen(foreign), out, &len),
		0);
	assert_int_equal(len, 120); /* P-384 */
	assert_int_equal(crypto_csr_file_public_key(
				 (const uint8_t *)foreign_rsa, strlen(foreign_rsa), out, &len),
		-EINVAL);
	assert_int_equal(
		crypto_csr_file_public_key((const uint8_t *)"hello", 5, out, &len), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_key),
		cmocka_unit_test(changed_or_cut_gives_none),
		cmocka_unit_test(foreign_requests),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
