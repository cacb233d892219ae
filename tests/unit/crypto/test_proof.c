/* The second proof: bound to key, server, nonce and certificate; nothing else passes. */
#include "cmocka_all.h"

#include "common/crypto/proof.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <string.h>

static int start(void **state)
{
	(void)state;
	return crypto_init();
}

static void proof_is_bound_to_all_its_parts(void **state)
{
	(void)state;
	struct crypto_key *key, *other;
	uint8_t spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES], foreign[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	uint8_t nonce[32], print[32], proof[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t spki_len, foreign_len, len;

	assert_int_equal(crypto_key_generate(&key), 0);
	assert_int_equal(crypto_key_generate(&other), 0);
	assert_int_equal(crypto_key_public_der(key, spki, sizeof(spki), &spki_len), 0);
	assert_int_equal(crypto_key_public_der(other, foreign, sizeof(foreign), &foreign_len), 0);
	assert_int_equal(crypto_random(nonce, sizeof(nonce)), 0);
	assert_int_equal(crypto_random(print, sizeof(print)), 0);
	assert_int_equal(proof_sign(key, "office", nonce, print, NULL, proof, &len), 0);
	assert_int_equal(proof_verify(spki, spki_len, "office", nonce, print, NULL, proof, len), 0);

	assert_int_equal(
		proof_verify(spki, spki_len, "offic", nonce, print, NULL, proof, len), -EBADMSG);
	assert_int_equal(
		proof_verify(foreign, foreign_len, "office", nonce, print, NULL, proof, len),
		-EBADMSG);
	nonce[0] ^= 1;
	assert_int_equal(
		proof_verify(spki, spki_len, "office", nonce, print, NULL, proof, len), -EBADMSG);
	nonce[0] ^= 1;
	print[31] ^= 1;
	assert_int_equal(
		proof_verify(spki, spki_len, "office", nonce, print, NULL, proof, len), -EBADMSG);
	crypto_key_destroy(key);
	crypto_key_destroy(other);
}

/* One for another connection, one that names none, and one in place of the other. */
static void proof_is_bound_to_its_connection(void **state)
{
	(void)state;
	struct crypto_key *key;
	uint8_t spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES], proof[CRYPTO_SIGNATURE_MAX_BYTES];
	uint8_t nonce[32] = { 1 }, print[32] = { 2 }, binding[32] = { 3 }, other[32] = { 4 };
	size_t spki_len, len;

	assert_int_equal(crypto_key_generate(&key), 0);
	assert_int_equal(crypto_key_public_der(key, spki, sizeof(spki), &spki_len), 0);
#define VERIFY(from) proof_verify(spki, spki_len, "office", nonce, print, from, proof, len)
	assert_int_equal(proof_sign(key, "office", nonce, print, binding, proof, &len), 0);
	assert_int_equal(VERIFY(binding), 0);
	assert_int_equal(VERIFY(other), -EBADMSG);
	assert_int_equal(VERIFY(NULL), -EBADMSG);
	assert_int_equal(proof_sign(key, "office", nonce, print, NULL, proof, &len), 0);
	assert_int_equal(VERIFY(NULL), 0);
	assert_int_equal(VERIFY(binding), -EBADMSG);
#undef VERIFY
	crypto_key_destroy(key);
}

/* Each part of an enrolment's proof, and that neither proof passes for the other. */
static void enrolment_is_bound_to_all_its_parts(void **state)
{
	(void)state;
	static const uint8_t csr[] = { 0x30, 1, 2, 3 }, other_csr[] = { 0x30, 1, 2, 4 };
	const struct proof_enrolment good = {
		.fingerprint = { 7 }, .csr = csr, .csr_len = 4, .label = "laptop"
	};
	struct proof_enrolment changed[] = { good, good, good, good, good };
	uint8_t spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES], foreign[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	uint8_t nonce[32] = { 1 }, other_nonce[32] = { 2 }, proof[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t spki_len, foreign_len, len;
	struct crypto_key *key, *other;
	char long_label[300];

	assert_int_equal(crypto_key_generate(&key), 0);
	assert_int_equal(crypto_key_generate(&other), 0);
	assert_int_equal(crypto_key_public_der(key, spki, sizeof(spki), &spki_len), 0);
	assert_int_equal(crypto_key_public_der(other, foreign, sizeof(foreign), &foreign_len), 0);
	assert_int_equal(proof_sign_enrolment(key, "office", nonce, &good, proof, &len), 0);
#define VERIFY(key, id, nonce, enrolment)                                                          \
	proof_verify_enrolment(key, key##_len, id, nonce, enrolment, proof, len)
	assert_int_equal(VERIFY(spki, "office", nonce, &good), 0);
	assert_int_equal(VERIFY(foreign, "office", nonce, &good), -EBADMSG);
	assert_int_equal(VERIFY(spki, "offic", nonce, &good), -EBADMSG);
	assert_int_equal(VERIFY(spki, "office", other_nonce, &good), -EBADMSG);
	changed[0].fingerprint[31] = 1;
	changed[1].csr = other_csr;
	changed[2].csr_len = 3;
	changed[3].label = "laptoq";
	changed[4].label = "";
	for (size_t i = 0; i < ARRAY_LEN(changed); i++)
		assert_int_equal(VERIFY(spki, "office", nonce, &changed[i]), -EBADMSG);
	assert_int_equal(
		proof_verify(spki, spki_len, "office", nonce, good.fingerprint, NULL, proof, len),
		-EBADMSG);
	assert_int_equal(proof_sign(key, "office", nonce, good.fingerprint, NULL, proof, &len), 0);
	assert_int_equal(VERIFY(spki, "office", nonce, &good), -EBADMSG);

	memset(long_label, 'a', sizeof(long_label));
	long_label[256] = '\0';
	changed[0].label = long_label;
	assert_int_equal(
		proof_sign_enrolment(key, "office", nonce, &changed[0], proof, &len), -EINVAL);
	crypto_key_destroy(key);
	crypto_key_destroy(other);
}

static void bad_server_ids_are_refused(void **state)
{
	(void)state;
	struct crypto_key *key;
	uint8_t nonce[32] = { 0 }, print[32] = { 0 }, proof[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t len;
	char long_id[80];

	memset(long_id, 'a', sizeof(long_id));
	long_id[79] = '\0';
	assert_int_equal(crypto_key_generate(&key), 0);
	assert_int_equal(proof_sign(key, "", nonce, print, NULL, proof, &len), -EINVAL);
	assert_int_equal(proof_sign(key, "Office", nonce, print, NULL, proof, &len), -EINVAL);
	assert_int_equal(proof_sign(key, long_id, nonce, print, NULL, proof, &len), -EINVAL);
	crypto_key_destroy(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proof_is_bound_to_all_its_parts),
		cmocka_unit_test(proof_is_bound_to_its_connection),
		cmocka_unit_test(enrolment_is_bound_to_all_its_parts),
		cmocka_unit_test(bad_server_ids_are_refused),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
