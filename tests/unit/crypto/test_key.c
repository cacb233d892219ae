/* Keys: the same bytes back, known answers of RFC 6979, and everything that must not be taken as a
 * key. */
#include "cmocka_all.h"

#include "common/base/file.h"
#include "common/crypto/errors.h"
#include "common/crypto/key.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/farseat-key-XXXXXX";

static int start(void **state)
{
	(void)state;
	return crypto_init() == 0 && mkdtemp(folder) ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	crypto_finish();
	return rmdir(folder);
}

static void bytes_from_hex(const char *hex, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned value;
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
		out[i] = (uint8_t)value;
	}
}

static void signs_and_verifies(void **state)
{
	(void)state;
	struct crypto_key *key;
	uint8_t spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES], hash[32],
		signature[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t spki_len, len;

	assert_int_equal(crypto_key_generate(&key), 0);
	assert_int_equal(crypto_key_public_der(key, spki, sizeof(spki), &spki_len), 0);
	assert_int_equal(spki_len, 91);
	assert_int_equal(crypto_random(hash, sizeof(hash)), 0);
	assert_int_equal(crypto_key_sign(key, hash, signature, &len), 0);
	assert_int_equal(crypto_verify(spki, spki_len, hash, signature, len), 0);

	hash[31] ^= 1;
	assert_int_equal(crypto_verify(spki, spki_len, hash, signature, len), -EBADMSG);
	hash[31] ^= 1;
	assert_int_equal(crypto_verify(spki, spki_len, hash, signature, len - 1), -EBADMSG);
	assert_int_equal(crypto_verify(spki, spki_len, hash, signature, 0), -EBADMSG);
	signature[len - 1] ^= 1;
	assert_int_equal(crypto_verify(spki, spki_len, hash, signature, len), -EBADMSG);
	signature[len - 1] ^= 1;
	spki[spki_len - 1] ^= 1; /* off the curve */
	assert_int_equal(crypto_verify(spki, spki_len, hash, signature, len), -EINVAL);
	assert_int_equal(crypto_verify(spki, spki_len - 1, hash, signature, len), -EINVAL);
	assert_int_equal(crypto_verify(spki, 0, hash, signature, len), -EINVAL);
	crypto_key_destroy(key);
}

/* RFC 6979, A.2.5: P-256, SHA-256, message "sample". */
static void signature_is_deterministic(void **state)
{
	(void)state;
	static const char r_hex[] =
		"EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716";
	static const char s_hex[] =
		"F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
	uint8_t scalar[32], back[32], r[32], s[32], hash[32], signature[CRYPTO_SIGNATURE_MAX_BYTES];
	struct crypto_key *key;
	size_t len;

	bytes_from_hex(
		"C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", scalar, 32);
	bytes_from_hex(r_hex, r, 32);
	bytes_from_hex(s_hex, s, 32);
	assert_int_equal(crypto_key_from_scalar(&key, scalar), 0);
	assert_int_equal(crypto_key_scalar(key, back), 0);
	assert_memory_equal(back, scalar, 32);
	assert_int_equal(crypto_sha256("sample", 6, hash), 0);
	assert_int_equal(crypto_key_sign(key, hash, signature, &len), 0);
	/* SEQUENCE, INTEGER 00 r, INTEGER 00 s */
	assert_int_equal(len, 72);
	assert_memory_equal(signature + 5, r, 32);
	assert_memory_equal(signature + 5 + 32 + 3, s, 32);
	crypto_key_destroy(key);
}

/* The same key's public half, by 'ssh-keygen -y'. */
static void public_half_as_ssh_writes_it(void **state)
{
	(void)state;
	uint8_t scalar[32];
	char line[CRYPTO_KEY_SSH_MAX_BYTES];
	struct crypto_key *key;

	bytes_from_hex(
		"C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", scalar, 32);
	assert_int_equal(crypto_key_from_scalar(&key, scalar), 0);
	assert_int_equal(crypto_key_to_ssh(key, line), 0);
	assert_string_equal(line,
		"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGD+1LolWp0x"
		"yWHrdMY1bWjASbiSO2H6bOZpYi5g8p+2eQP+EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk=");
	crypto_key_destroy(key);
}

static void scalar_out_of_range_is_refused(void **state)
{
	(void)state;
	struct crypto_key *key;
	uint8_t scalar[32] = { 0 };

	assert_int_equal(crypto_key_from_scalar(&key, scalar), -EINVAL);
	/* n of P-256 (SEC 2, 2.4.2): 0 again; n - 1 is the last that is right */
	bytes_from_hex(
		"FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", scalar, 32);
	assert_int_equal(crypto_key_from_scalar(&key, scalar), -EINVAL);
	scalar[31]--;
	assert_int_equal(crypto_key_from_scalar(&key, scalar), 0);
	crypto_key_destroy(key);
	memset(scalar, 0xff, sizeof(scalar));
	assert_int_equal(crypto_key_from_scalar(&key, scalar), -EINVAL);
}

static void der_comes_back(void **state)
{
	(void)state;
	struct crypto_key *key, *again;
	uint8_t der[CRYPTO_KEY_DER_MAX_BYTES], a[32], b[32];
	size_t len;

	assert_int_equal(crypto_key_generate(&key), 0);
	assert_int_equal(crypto_key_to_der(key, der, 16, &len), -E2BIG);
	assert_int_equal(crypto_key_to_der(key, der, sizeof(der), &len), 0);
	assert_int_equal(crypto_key_from_der(&again, der, len), 0);
	assert_int_equal(crypto_key_scalar(key, a), 0);
	assert_int_equal(crypto_key_scalar(again, b), 0);
	assert_memory_equal(a, b, 32);
	crypto_key_destroy(again);

	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(crypto_key_from_der(&again, der, cut), -EINVAL);
	der[8] ^= 1; /* the scalar no longer fits the public half */
	assert_int_equal(crypto_key_from_der(&again, der, len), -EINVAL);
	assert_int_equal(crypto_key_from_der(&again, der, CRYPTO_KEY_DER_MAX_BYTES + 1), -EINVAL);
	crypto_key_destroy(key);
	crypto_key_destroy(NULL);
}

static void file_comes_back(void **state)
{
	(void)state;
	struct crypto_key *key, *again;
	uint8_t a[32], b[32];
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "%s/key.pem", folder);
	assert_int_equal(crypto_key_from_file(&again, path, NULL), -ENOENT);
	assert_int_equal(crypto_key_generate(&key), 0);
	assert_int_equal(crypto_key_to_file(key, path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(crypto_key_from_file(&again, path, NULL), 0);
	assert_int_equal(crypto_key_scalar(key, a), 0);
	assert_int_equal(crypto_key_scalar(again, b), 0);
	assert_memory_equal(a, b, 32);
	crypto_key_destroy(again);
	crypto_key_destroy(key);

	/* Others may read it: root's group alone may, and nobody writes. */
	static const mode_t open_modes[] = { 0644, 0604, 0601, 0660, 0620, 0666 };
	for (size_t i = 0; i < ARRAY_LEN(open_modes); i++) {
		assert_int_equal(chmod(path, open_modes[i]), 0);
		assert_int_equal(crypto_key_from_file(&again, path, NULL), -EPERM);
	}
	assert_int_equal(chmod(path, 0640), 0);
	int r = crypto_key_from_file(&again, path, NULL);
	assert_int_equal(r, geteuid() == 0 ? 0 : -EPERM);
	if (r == 0)
		crypto_key_destroy(again);
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(crypto_key_from_file(&again, path, NULL), 0);
	crypto_key_destroy(again);
	assert_non_null(strstr(crypto_key_error(-EPERM), "chmod 600"));

	assert_int_equal(file_replace(path, "", 0, 0600), 0);
	assert_int_equal(crypto_key_from_file(&again, path, NULL), -EINVAL);
	assert_int_equal(file_replace(path, "hello", 5, 0600), 0);
	assert_int_equal(crypto_key_from_file(&again, path, NULL), -EINVAL);
	assert_int_equal(unlink(path), 0);
}

/* Test keys only; from openssl genpkey, encrypted with "secret". */
static const char encrypted_pem[] =
	"-----BEGIN EC PRIVATE KEY-----\n"
	"Proc-Type: 4,ENCRYPTED\n"
	"DEK-Info: AES-256-CBC,98C2CC62120144C76CD02A942CEDFB43\n"
	"\n"
	"eiTPynj+VjQOUc43CVqJmsiIPSxwn+EkOZKhA3vNFTKVfVNa/Sk3FFQelgi34LlT\n"
	"xSODuUJIAvP9nwnvOUZuE0Yp+4aoXtXH4zHqltOe3g4EPZUMqzplTGWedSbnj6FU\n"
	"9LumUMw9xrZNra8ew4uPdeNfrW+/b8Ajupo0A8PJffw=\n"
	"-----END EC PRIVATE KEY-----\n";
static const char weak_pem[] = "-----BEGIN EC PRIVATE KEY-----\n"
			       "MF8CAQEEGLXbRoNRKHyoc3s5R4EaOZdS8ckCHC/sTqAKBggqhkjOPQMBAaE0AzIA\n"
			       "BKbPXUdFaT3oes8FjukBuA87iszqbG3BKnCiZ2TmtGUkvBk9JcdiAWZ+ADOJXVzF\n"
			       "VA==\n"
			       "-----END EC PRIVATE KEY-----\n"; /* P-192: mbedTLS would take it */
static const char rsa_pem[] = "-----BEGIN RSA PRIVATE KEY-----\n"
			      "MIICXAIBAAKBgQC3LGXj+irNRi6zEAtJU1Dzye7sanuYtY6SS6rj7XTQGE71Rjru\n"
			      "jby4211UwJHn7DHD6Roou1Vzk9A60Voz0VlQCXXpnexAw+ohJfdm4mJZNjPdDvcm\n"
			      "M1XcCTNAEc453PRgnnqRfHb8bADlaRnk4+k5xfcqFlVmLBEtXUlyusj7pwIDAQAB\n"
			      "AoGAZVQcMVdMoi2227t+YtvCJnqIvyPQp5OYAPn22Quc2Rj5ZNmq9BhYU/KV2LKG\n"
			      "hEO26+dhXzLyfHNCd6ckPRIMUzcBuC09vhmxWw+8mbXwKicvayuJbLIEyVSzbf0k\n"
			      "rVQ4magb2w05VQqRTWi/FZh3Poz0w97YCJqv/gu5ce6GArECQQDz3cQ7pQQvhYgR\n"
			      "Di7caEuZP9yA1tzKv4iz7FLh6BvklVJ/PFnnXj2a7o7k6QA0wNuM3jvcPgS81nLd\n"
			      "VUlHyA/lAkEAwEmPRKnuDEiLkqHyMpAIyasSFrOOLOFvGgqlfzFGK7xSUKIVdGLU\n"
			      "n2ZsiHsTqLnaCMZV/P9rIbE2NzKkg3wsmwJAB8UBA4V2ZK00cJarF4qbHf7S36f4\n"
			      "0NzZViIpYdkrSlUXk8Ywdxahj9YZ52ElCIk8dXh/H706GWobrsGQ3CCboQJAdx2a\n"
			      "aLizxFw0ShOUS4o6R2N4AyQb0OWdw44Q02gcxf8VJuohTEXk3RG/7hQAK6dlz8W9\n"
			      "gspe/TIgGbV/gAwuPQJBAOQ+GRAH+gAYg91T34sohnPpP7VDJtl05LTeGw35SRRV\n"
			      "a5Ee9CfN+wZwT5htGYs9hSvg2dhipwZJi/SA6zfK4Kg=\n"
			      "-----END RSA PRIVATE KEY-----\n";

static void check_file(const char *text, const char *passphrase, int expected)
{
	struct crypto_key *key;
	char path[64];
	snprintf(path, sizeof(path), "%s/other.pem", folder);
	assert_int_equal(file_replace(path, text, strlen(text), 0600), 0);
	int r = crypto_key_from_file(&key, path, passphrase);
	assert_int_equal(r, expected);
	if (r == 0)
		crypto_key_destroy(key);
	assert_int_equal(unlink(path), 0);
}

static void foreign_files(void **state)
{
	(void)state;
	check_file(encrypted_pem, NULL, -EACCES);
	check_file(encrypted_pem, "wrong", -EACCES);
	check_file(encrypted_pem, "secret", 0);
	check_file(weak_pem, NULL, -EINVAL);
	check_file(rsa_pem, NULL, -EINVAL);
}

static void equal_compares_all(void **state)
{
	(void)state;
	assert_true(crypto_equal("abc", "abc", 3));
	assert_true(crypto_equal("abc", "xyz", 0));
	assert_false(crypto_equal("abc", "abd", 3));
	assert_false(crypto_equal("abc", "bbc", 3));
}

static void every_fault_has_words(void **state)
{
	(void)state;
	for (int fault = CRYPTO_OK; fault <= CRYPTO_INTERNAL; fault++)
		assert_non_null(crypto_fault_text((enum crypto_fault)fault));
	assert_string_equal(crypto_fault_text(CRYPTO_EXPIRED), "the certificate has expired");
	assert_string_equal(
		crypto_fault_text((enum crypto_fault)1000), crypto_fault_text(CRYPTO_INTERNAL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_and_verifies),
		cmocka_unit_test(signature_is_deterministic),
		cmocka_unit_test(public_half_as_ssh_writes_it),
		cmocka_unit_test(scalar_out_of_range_is_refused),
		cmocka_unit_test(der_comes_back),
		cmocka_unit_test(file_comes_back),
		cmocka_unit_test(foreign_files),
		cmocka_unit_test(equal_compares_all),
		cmocka_unit_test(every_fault_has_words),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
