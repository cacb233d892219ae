/* The vectors of common/PROTOCOL.md, section 14: who writes the other end compares with them. */
#include "cmocka_all.h"

#include "common/crypto/invitation.h"
#include "common/crypto/proof.h"
#include "common/crypto/random.h"

#include <stdio.h>
#include <string.h>

static const char cert_hex[] =
	"30820212308201b8a003020102021059628a615918fedc67d878fffcf47da7300a06082a8648ce3d0403"
	"02303e313c303a06035504030c33666172736561743a696e7669746174696f6e3a663164353934343962"
	"37323731363564653733326266323833333338313232623020170d3230303130313030303030305a180f"
	"39393939313233313233353935395a303e313c303a06035504030c33666172736561743a696e76697461"
	"74696f6e3a66316435393434396237323731363564653733326266323833333338313232623059301306"
	"072a8648ce3d020106082a8648ce3d03010703420004515c3d6eb9e396b904d3feca7f54fdcd0cc1e997"
	"bf375dca515ad0a6c3b4035f4536be3a50f318fbf9a5475902a221502bef0d57e08c53b2cc0a56f17d9f"
	"9354a38195308192300c0603551d130101ff04023000300e0603551d0f0101ff04040302078030130603"
	"551d25040c300a06082b06010505070302303e0603551d11043730358633666172736561743a696e7669"
	"746174696f6e3a6631643539343439623732373136356465373332626632383333333831323262301d06"
	"03551d0e04160414f1d59449b727165de732bf283338122b99628a61300a06082a8648ce3d0403020348"
	"00304502201fccbed1d85298067fabdb4fde49ff1e372c3b1b55eca6f890e42fc1262822be022100c5ee"
	"e69b5cca4d93fc7deb0154cfd4245a25f51a809b64f0a1ded6b8c9459dcc";
static const char fingerprint_hex[] =
	"f5ae8ee66562d9015ac80c1a5c9e5980d53e497b5f0e3d13e6571eef4ad97a99";
static const char proof_hex[] =
	"3045022100d44977b078b8b8d17106d2c2ec3e8ac1fbda8c0053a94c14d5b23094330f512d"
	"022021fbe83d4b69c823afd5933a419b18fb65ad8d15abfc9dbd400e4bb02a87d423";
static const char bound_hex[] =
	"304402203c13bae157b6f3303a93bf94306bbe91e033c2fad64522cfa8d710d0d057a0a60220"
	"1eda52118aee57187597f4550471fb3d6555cc06bbeb91001b5eee164b6187af";
static const char text[] =
	"farseat://pc.example.org/ab12#v1."
	"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyBAQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eXw"
	"AAAABrSdIA.tmFaAw";

static void count_up(uint8_t *out, uint8_t from)
{
	for (unsigned i = 0; i < 32; i++)
		out[i] = (uint8_t)(from + i);
}

static void assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
	assert_int_equal(strlen(hex), 2 * len);
	for (size_t i = 0; i < len; i++) {
		char two[3];
		snprintf(two, sizeof(two), "%02x", bytes[i]);
		assert_memory_equal(hex + 2 * i, two, 2);
	}
}

static void test_certificate_and_proof(void **state)
{
	uint8_t scalar[CRYPTO_SCALAR_BYTES], nonce[PROOF_NONCE_BYTES];
	uint8_t fingerprint[CRYPTO_FINGERPRINT_BYTES], signature[CRYPTO_SIGNATURE_MAX_BYTES];
	uint8_t binding[PROOF_BINDING_BYTES];
	struct crypto_key *key = NULL;
	struct crypto_der cert;
	size_t len = 0;

	(void)state;
	count_up(scalar, 1);
	count_up(nonce, 0xa0);
	assert_int_equal(crypto_key_from_scalar(&key, scalar), 0);
	assert_int_equal(crypto_invitation_cert(key, &cert), 0);
	assert_hex(cert.bytes, cert.len, cert_hex);
	assert_int_equal(crypto_cert_fingerprint(cert.bytes, cert.len, fingerprint), 0);
	assert_hex(fingerprint, sizeof(fingerprint), fingerprint_hex);
	assert_int_equal(proof_sign(key, "ab12", nonce, fingerprint, NULL, signature, &len), 0);
	assert_hex(signature, len, proof_hex);
	count_up(binding, 0xc0);
	assert_int_equal(proof_sign(key, "ab12", nonce, fingerprint, binding, signature, &len), 0);
	assert_hex(signature, len, bound_hex);
	crypto_key_destroy(key);
}

static void test_invitation(void **state)
{
	struct invitation in = {
		.host = "pc.example.org", .port = 7420, .server_id = "ab12", .expires_s = 1800000000
	};
	char out[INVITATION_TEXT_MAX_BYTES];

	(void)state;
	count_up(in.scalar, 1);
	count_up(in.ca_key_hash, 0x40);
	assert_int_equal(invitation_format(&in, out), 0);
	assert_string_equal(out, text);
}

static int start(void **state)
{
	(void)state;
	return crypto_init();
}

static int stop(void **state)
{
	(void)state;
	crypto_finish();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certificate_and_proof),
		cmocka_unit_test(test_invitation),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
