/* What we issue is what we accept; every departure from the profile is refused with its own word.
 */
#include "cmocka_all.h"

#include "pair.h"

#include "common/base/clock.h"
#include "common/crypto/cert.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SERVER_NAME "office" CRYPTO_SERVER_SUFFIX
#define DEVICE_NAME "farseat:device:123e4567-e89b-12d3-a456-426614174000"
#define DAY_S       86400

static struct {
	struct crypto_key *ca_key, *key;
	struct crypto_der ca, server, device;
	uint8_t spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	size_t spki_len;
	int64_t now_s;
} world;

static int sign(enum crypto_purpose purpose, const char *name, int64_t days, int64_t not_before_s,
	struct crypto_der *out)
{
	struct crypto_cert_request request = {
		.purpose = purpose,
		.name = name,
		.public_key = world.spki,
		.public_key_len = world.spki_len,
		.days = days,
		.not_before_s = not_before_s,
	};
	return crypto_ca_sign(world.ca_key, &world.ca, &request, out);
}

static int start(void **state)
{
	(void)state;
	world.now_s = clock_wall_s();
	if (crypto_init() < 0 || crypto_key_generate(&world.ca_key) < 0 ||
		crypto_key_generate(&world.key) < 0)
		return -1;
	if (crypto_key_public_der(world.key, world.spki, sizeof(world.spki), &world.spki_len) < 0)
		return -1;
	if (crypto_ca_create(world.ca_key, "Office CA", &world.ca) < 0)
		return -1;
	if (sign(CRYPTO_FOR_SERVER, SERVER_NAME, 0, 0, &world.server) < 0)
		return -1;
	return sign(CRYPTO_FOR_DEVICE, DEVICE_NAME, 0, 0, &world.device);
}

static int stop(void **state)
{
	(void)state;
	crypto_key_destroy(world.ca_key);
	crypto_key_destroy(world.key);
	crypto_finish();
	return 0;
}

static enum crypto_fault check(
	const struct crypto_der *cert, enum crypto_purpose purpose, const char *name)
{
	return crypto_cert_check(cert, &world.ca, purpose, name, world.now_s);
}

static void issued_is_accepted(void **state)
{
	(void)state;
	assert_int_equal(check(&world.server, CRYPTO_FOR_SERVER, SERVER_NAME), CRYPTO_OK);
	assert_int_equal(check(&world.server, CRYPTO_FOR_SERVER, NULL), CRYPTO_OK);
	assert_int_equal(check(&world.device, CRYPTO_FOR_DEVICE, NULL), CRYPTO_OK);
	assert_int_equal(check(&world.device, CRYPTO_FOR_DEVICE, DEVICE_NAME), CRYPTO_OK);
}

static void info_tells_what_is_in_it(void **state)
{
	(void)state;
	struct crypto_cert_info info;
	uint8_t hash[32];

	assert_int_equal(crypto_cert_info(world.device.bytes, world.device.len, &info), 0);
	assert_string_equal(info.subject, DEVICE_NAME);
	assert_string_equal(info.issuer, "Office CA");
	assert_false(info.is_ca);
	assert_int_equal(info.not_after_s - info.not_before_s, 90 * DAY_S);
	assert_int_equal(info.serial_len, 16);
	assert_int_equal(info.public_key_len, world.spki_len);
	assert_memory_equal(info.public_key, world.spki, world.spki_len);
	assert_int_equal(crypto_sha256(world.device.bytes, world.device.len, hash), 0);
	assert_memory_equal(info.fingerprint, hash, 32);
	assert_int_equal(crypto_cert_info(world.server.bytes, world.server.len, &info), 0);
	assert_string_equal(info.subject, SERVER_NAME);
	assert_int_equal(info.not_after_s - info.not_before_s, 397 * DAY_S);
	assert_int_equal(crypto_cert_info(world.ca.bytes, world.ca.len, &info), 0);
	assert_string_equal(info.subject, "Office CA");
	assert_true(info.is_ca);
}

static void cut_and_longer_bytes_are_no_certificate(void **state)
{
	(void)state;
	struct crypto_cert_info info;
	uint8_t bytes[CRYPTO_CERT_DER_MAX_BYTES] = { 0 };

	memcpy(bytes, world.device.bytes, world.device.len);
	assert_int_equal(crypto_cert_info(bytes, world.device.len + 1, &info), -EINVAL);
	for (size_t len = 0; len < world.device.len; len++)
		assert_int_equal(crypto_cert_info(bytes, len, &info), -EINVAL);
	assert_int_equal(crypto_cert_info(bytes, CRYPTO_CERT_DER_MAX_BYTES + 1, &info), -EINVAL);
}

static void wrong_purpose_and_name(void **state)
{
	(void)state;
	assert_int_equal(check(&world.server, CRYPTO_FOR_DEVICE, NULL), CRYPTO_WRONG_PURPOSE);
	assert_int_equal(check(&world.device, CRYPTO_FOR_SERVER, NULL), CRYPTO_WRONG_PURPOSE);
	assert_int_equal(check(&world.device, CRYPTO_FOR_INVITATION, NULL), CRYPTO_WRONG_PURPOSE);
	assert_int_equal(check(&world.ca, CRYPTO_FOR_SERVER, NULL), CRYPTO_WRONG_PURPOSE);
	assert_int_equal(check(&world.server, CRYPTO_FOR_SERVER, "other" CRYPTO_SERVER_SUFFIX),
		CRYPTO_WRONG_NAME);
	assert_int_equal(check(&world.server, CRYPTO_FOR_SERVER, "office"), CRYPTO_WRONG_NAME);
	assert_int_equal(check(&world.server, CRYPTO_FOR_SERVER, ""), CRYPTO_WRONG_NAME);
	assert_int_equal(
		check(&world.device, CRYPTO_FOR_DEVICE, DEVICE_NAME "0"), CRYPTO_WRONG_NAME);
}

static void dates_are_judged_at_the_given_time(void **state)
{
	(void)state;
	struct crypto_der cert;

	assert_int_equal(
		sign(CRYPTO_FOR_DEVICE, DEVICE_NAME, 1, world.now_s - 2 * DAY_S, &cert), 0);
	assert_int_equal(check(&cert, CRYPTO_FOR_DEVICE, NULL), CRYPTO_EXPIRED);
	assert_int_equal(crypto_cert_check(&cert, &world.ca, CRYPTO_FOR_DEVICE, NULL,
				 world.now_s - 2 * DAY_S + 60),
		CRYPTO_NOT_YET_VALID); /* the CA is younger */
	assert_int_equal(sign(CRYPTO_FOR_DEVICE, DEVICE_NAME, 1, world.now_s + 60, &cert), 0);
	assert_int_equal(check(&cert, CRYPTO_FOR_DEVICE, NULL), CRYPTO_NOT_YET_VALID);
	assert_int_equal(
		crypto_cert_check(&cert, &world.ca, CRYPTO_FOR_DEVICE, NULL, world.now_s + 3600),
		CRYPTO_OK);
	assert_int_equal(crypto_cert_check(&world.device, &world.ca, CRYPTO_FOR_DEVICE, NULL,
				 world.now_s + 91 * DAY_S),
		CRYPTO_EXPIRED);
	assert_int_equal(crypto_cert_check(&world.server, &world.ca, CRYPTO_FOR_SERVER, NULL,
				 world.now_s + 4000 * (int64_t)DAY_S),
		CRYPTO_EXPIRED);
}

static void another_ca_is_not_ours(void **state)
{
	(void)state;
	struct crypto_der twin;
	struct crypto_key *key;

	assert_int_equal(crypto_key_generate(&key), 0);
	assert_int_equal(
		crypto_ca_create(key, "Office CA", &twin), 0); /* the same name, another key */
	assert_int_equal(
		crypto_cert_check(&world.device, &twin, CRYPTO_FOR_DEVICE, NULL, world.now_s),
		CRYPTO_UNKNOWN_CA);
	assert_int_equal(crypto_cert_check(&world.device, &world.server, CRYPTO_FOR_DEVICE, NULL,
				 world.now_s),
		CRYPTO_UNKNOWN_CA);
	assert_int_not_equal(crypto_cert_check(&world.device, &world.device, CRYPTO_FOR_DEVICE,
				     NULL, world.now_s),
		CRYPTO_OK);
	crypto_key_destroy(key);
}

/* The CA's own key and name, and other bytes around them: what somebody in between can make. */
static void a_changed_ca_is_none(void **state)
{
	(void)state;
	struct crypto_der ca = world.ca, forged;
	struct crypto_key *other;
	unsigned changed = 0;

	assert_int_equal(crypto_ca_check(&ca, world.now_s), CRYPTO_OK);
	assert_int_equal(crypto_ca_check(&ca, world.now_s + 11LL * 366 * 86400), CRYPTO_EXPIRED);
	/* Names that differ are another issuer's, as a company's is: compared elsewhere. */
	const uint8_t *issuer = memmem(ca.bytes, ca.len, "Office CA", 9);
	const uint8_t *subject = memmem(issuer + 9, 64, "Office CA", 9);
	assert_non_null(subject);
	for (size_t i = 0; i < ca.len; i++) {
		const uint8_t *at = ca.bytes + i;
		if ((at >= issuer - 14 && at < issuer + 9) ||
			(at >= subject - 14 && at < subject + 9))
			continue;
		ca.bytes[i] ^= 1;
		changed += crypto_ca_check(&ca, world.now_s) == CRYPTO_OK;
		ca.bytes[i] ^= 1;
	}
	assert_int_equal(changed, 0);
	/* pathlen 7 in place of 0, signed by another key */
	assert_int_equal(crypto_key_generate(&other), 0);
	cert_forge(other, &world.ca, "\x01\x01\xff\x02\x01\x00", "\x01\x01\xff\x02\x01\x07", 6,
		&forged);
	assert_int_equal(crypto_ca_check(&forged, world.now_s), CRYPTO_UNKNOWN_CA);
	crypto_key_destroy(other);
	assert_int_not_equal(crypto_ca_check(&world.device, world.now_s), CRYPTO_OK);
}

static void forge(const struct crypto_der *from, const void *old, const void *new, size_t len,
	struct crypto_der *out)
{
	cert_forge(world.ca_key, from, old, new, len, out);
}

#define FORGE(from, old, new, out) forge(from, old, new, sizeof(old) - 1, out)

static void forged_profiles_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *what, *old, *new;
		size_t len;
	} cases[] = {
#define CASE(what, old, new) { what, old, new, sizeof(old) - 1 }
		CASE("key usage: key agreement too", "\x03\x02\x07\x80", "\x03\x02\x03\x88"),
		CASE("key usage: another", "\x03\x02\x07\x80", "\x03\x02\x05\x20"),
		CASE("extended key usage: another", "\x05\x05\x07\x03\x02", "\x05\x05\x07\x03\x03"),
		CASE("extended key usage: absent", "\x06\x03\x55\x1D\x25", "\x06\x03\x55\x1D\x63"),
		CASE("alternative name: absent", "\x06\x03\x55\x1D\x11", "\x06\x03\x55\x1D\x63"),
		CASE("alternative name: a mail address",
			"\x86\x33"
			"farseat",
			"\x81\x33"
			"farseat"),
		CASE("alternative name: a host",
			"\x86\x33"
			"farseat",
			"\x82\x33"
			"farseat"),
		CASE("alternative name: other scheme",
			"\x86\x33"
			"farseat:d",
			"\x86\x33"
			"fbrseat:d"),
		CASE("alternative name: an end inside",
			"\x86\x33"
			"farseat:device:1",
			"\x86\x33"
			"farseat:device:\0"),
#undef CASE
	};
	struct crypto_der cert;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		forge(&world.device, cases[i].old, cases[i].new, cases[i].len, &cert);
		if (check(&cert, CRYPTO_FOR_DEVICE, NULL) != CRYPTO_WRONG_PURPOSE)
			fail_msg("%s", cases[i].what);
	}
	FORGE(&world.device, "Office CA", "Office CB", &cert);
	assert_int_equal(check(&cert, CRYPTO_FOR_DEVICE, NULL), CRYPTO_UNKNOWN_CA);
	FORGE(&world.device, "Office CA", "Office CA", &cert);
	assert_int_equal(check(&cert, CRYPTO_FOR_DEVICE, NULL), CRYPTO_OK);
}

static void forged_serials_are_refused(void **state)
{
	(void)state;
	struct crypto_cert_info info;
	struct crypto_der cert;
	uint8_t serial[16], zero[16] = { 0 };

	assert_int_equal(crypto_cert_info(world.device.bytes, world.device.len, &info), 0);
	memcpy(serial, info.serial, sizeof(serial));
	serial[0] |= 0x80;
	forge(&world.device, info.serial, serial, sizeof(serial), &cert);
	assert_int_equal(check(&cert, CRYPTO_FOR_DEVICE, NULL), CRYPTO_WRONG_PURPOSE);
	forge(&world.device, info.serial, zero, sizeof(zero), &cert);
	assert_int_equal(check(&cert, CRYPTO_FOR_DEVICE, NULL), CRYPTO_WRONG_PURPOSE);
}

static void every_flipped_bit_is_found(void **state)
{
	(void)state;
	struct crypto_der cert = world.device;
	for (size_t i = 0; i < cert.len; i++) {
		cert.bytes[i] ^= 1;
		assert_int_not_equal(check(&cert, CRYPTO_FOR_DEVICE, DEVICE_NAME), CRYPTO_OK);
		cert.bytes[i] ^= 1;
	}
}

static void unfit_requests_are_not_signed(void **state)
{
	(void)state;
	struct crypto_der cert;
	struct crypto_cert_request request = { .purpose = CRYPTO_FOR_DEVICE, .name = DEVICE_NAME };

	assert_int_equal(sign(CRYPTO_FOR_DEVICE, SERVER_NAME, 0, 0, &cert), -EINVAL);
	assert_int_equal(sign(CRYPTO_FOR_DEVICE, "farseat:device:", 0, 0, &cert), -EINVAL);
	assert_int_equal(
		sign(CRYPTO_FOR_INVITATION, "farseat:invitation:00", 0, 0, &cert), -EINVAL);
	assert_int_equal(sign(CRYPTO_FOR_SERVER, "", 0, 0, &cert), -EINVAL);
	assert_int_equal(sign(CRYPTO_FOR_SERVER, "a\nb", 0, 0, &cert), -EINVAL);
	assert_int_equal(sign(CRYPTO_FOR_DEVICE, DEVICE_NAME, -1, 0, &cert), -EINVAL);
	request.public_key = world.spki;
	request.public_key_len = world.spki_len - 1;
	assert_int_equal(crypto_ca_sign(world.ca_key, &world.ca, &request, &cert), -EINVAL);
	request.public_key_len = world.spki_len;
	assert_int_equal(crypto_ca_sign(world.key, &world.ca, &request, &cert),
		-EINVAL); /* not the CA's key */
	assert_int_equal(
		crypto_ca_sign(world.key, &world.device, &request, &cert), -EINVAL); /* no CA */
	assert_int_equal(crypto_ca_create(world.ca_key, "", &cert), -EINVAL);
}

static void long_server_name_fits(void **state)
{
	(void)state;
	static const char name[] =
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk" CRYPTO_SERVER_SUFFIX;
	struct crypto_der cert;
	assert_int_equal(sign(CRYPTO_FOR_SERVER, name, 0, 0, &cert), 0);
	assert_int_equal(check(&cert, CRYPTO_FOR_SERVER, name), CRYPTO_OK);
}

static void files_come_back(void **state)
{
	(void)state;
	char path[] = "/tmp/farseat-cert-XXXXXX";
	struct crypto_der again = { .len = 0 };

	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(crypto_cert_to_file(&world.server, path, 0644), 0);
	assert_int_equal(crypto_cert_from_file(path, &again), 0);
	assert_int_equal(again.len, world.server.len);
	assert_memory_equal(again.bytes, world.server.bytes, again.len);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(crypto_cert_from_file(path, &again), -EINVAL);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(crypto_cert_from_file(path, &again), -EINVAL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(crypto_cert_from_file(path, &again), -ENOENT);
}

static void fingerprints_as_text(void **state)
{
	(void)state;
	uint8_t print[32];
	char hex[CRYPTO_FINGERPRINT_HEX_BYTES];

	for (size_t i = 0; i < sizeof(print); i++)
		print[i] = (uint8_t)(i * 0x11);
	crypto_fingerprint_hex(print, hex);
	assert_string_equal(
		hex, "00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f");
}

/* The scalar 1 .. 32 gives this certificate on every library version: its hash was taken once. */
static void invitation_is_the_same_everywhere(void **state)
{
	(void)state;
	static const char expected[] =
		"f5ae8ee66562d9015ac80c1a5c9e5980d53e497b5f0e3d13e6571eef4ad97a99";
	uint8_t scalar[32], print[32];
	char hex[CRYPTO_FINGERPRINT_HEX_BYTES];
	struct crypto_key *key;
	struct crypto_der cert, again;

	for (unsigned i = 0; i < 32; i++)
		scalar[i] = (uint8_t)(i + 1);
	assert_int_equal(crypto_key_from_scalar(&key, scalar), 0);
	assert_int_equal(crypto_invitation_cert(key, &cert), 0);
	assert_int_equal(crypto_invitation_cert(key, &again), 0);
	assert_int_equal(cert.len, again.len);
	assert_memory_equal(cert.bytes, again.bytes, cert.len);
	assert_int_equal(crypto_cert_fingerprint(cert.bytes, cert.len, print), 0);
	crypto_fingerprint_hex(print, hex);
	assert_string_equal(hex, expected);
	assert_int_equal(crypto_cert_check(&cert, &cert, CRYPTO_FOR_INVITATION, NULL, world.now_s),
		CRYPTO_OK);
	assert_int_not_equal(
		crypto_cert_check(&cert, &cert, CRYPTO_FOR_DEVICE, NULL, world.now_s), CRYPTO_OK);
	assert_int_equal(check(&cert, CRYPTO_FOR_INVITATION, NULL), CRYPTO_UNKNOWN_CA);
	crypto_key_destroy(key);
}

static void crl_is_written(void **state)
{
	(void)state;
	char path[] = "/tmp/farseat-crl-XXXXXX";
	struct crypto_revoked revoked[2] = {
		{ .serial = { 0x81, 2 }, .serial_len = 2, .when_s = world.now_s },
		{ .serial = { 7 }, .serial_len = 1, .when_s = world.now_s }
	};

	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(crypto_crl_to_file(world.ca_key, &world.ca, NULL, 0, 1, 7, path), 0);
	assert_int_equal(crypto_crl_to_file(world.ca_key, &world.ca, revoked, 2, 2, 7, path), 0);
	assert_int_equal(crypto_crl_to_file(world.key, &world.ca, revoked, 2, 2, 7, path), -EINVAL);
	assert_int_equal(
		crypto_crl_to_file(world.ca_key, &world.ca, revoked, 2, -1, 7, path), -EINVAL);
	assert_int_equal(
		crypto_crl_to_file(world.ca_key, &world.ca, revoked, 2, 2, 0, path), -EINVAL);
	revoked[0].serial_len = 0;
	assert_int_equal(
		crypto_crl_to_file(world.ca_key, &world.ca, revoked, 2, 2, 7, path), -E2BIG);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(issued_is_accepted),
		cmocka_unit_test(info_tells_what_is_in_it),
		cmocka_unit_test(cut_and_longer_bytes_are_no_certificate),
		cmocka_unit_test(wrong_purpose_and_name),
		cmocka_unit_test(dates_are_judged_at_the_given_time),
		cmocka_unit_test(another_ca_is_not_ours),
		cmocka_unit_test(a_changed_ca_is_none),
		cmocka_unit_test(forged_profiles_are_refused),
		cmocka_unit_test(forged_serials_are_refused),
		cmocka_unit_test(every_flipped_bit_is_found),
		cmocka_unit_test(unfit_requests_are_not_signed),
		cmocka_unit_test(long_server_name_fits),
		cmocka_unit_test(files_come_back),
		cmocka_unit_test(fingerprints_as_text),
		cmocka_unit_test(invitation_is_the_same_everywhere),
		cmocka_unit_test(crl_is_written),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
