/* Limits that modules state each for itself, since none includes the other: they agree. And the
 * page that says how the protocol is names every message by its number. */
#include "tests/unit/cmocka_first.h"

#include "common/codec/codec.h"
#include "common/crypto/invitation.h"
#include "common/crypto/proof.h"
#include "common/crypto/tls.h"
#include "common/wire/messages.h"

#include <stdio.h>
#include <string.h>

_Static_assert(WIRE_SLICE_MAX_BYTES == CODEC_SLICE_MAX_BYTES, "slices");
_Static_assert(WIRE_SIDE_MAX_PX == CODEC_SIDE_MAX_PX, "sides");
_Static_assert(WIRE_AREA_MAX_PX == CODEC_AREA_MAX_PX, "areas");
_Static_assert(WIRE_FEATURE_CLIPBOARD == CODEC_FEATURE_CLIPBOARD, "features");
_Static_assert(WIRE_FEATURE_DPI == CODEC_FEATURE_DPI, "features");
_Static_assert(WIRE_FEATURE_BOUND == CODEC_FEATURE_BOUND, "features");
_Static_assert(WIRE_FEATURE_FILES == CODEC_FEATURE_FILES, "features");
_Static_assert(WIRE_FEATURE_LENDING == CODEC_FEATURE_LENDING, "features");
_Static_assert(WIRE_FEATURE_SOUND == CODEC_FEATURE_SOUND, "features");
_Static_assert(WIRE_MESSAGE_MAX_BYTES == TLS_RECORD_MAX_BYTES, "a message is a record");
_Static_assert(WIRE_CERT_MAX_BYTES == CRYPTO_CERT_DER_MAX_BYTES, "certificates");
_Static_assert(WIRE_CSR_MAX_BYTES == CRYPTO_CSR_DER_MAX_BYTES, "requests");
_Static_assert(WIRE_NONCE_BYTES == PROOF_NONCE_BYTES, "nonces");
_Static_assert(WIRE_BINDING_BYTES == PROOF_BINDING_BYTES, "bindings");
_Static_assert(WIRE_BINDING_BYTES == TLS_BINDING_BYTES, "bindings");
_Static_assert(WIRE_FINGERPRINT_BYTES == CRYPTO_FINGERPRINT_BYTES, "fingerprints");
_Static_assert(WIRE_SIGNATURE_MAX_BYTES == CRYPTO_SIGNATURE_MAX_BYTES, "signatures");
_Static_assert(WIRE_NAME_MAX_BYTES >= SERVER_ID_MAX_BYTES, "a server's id is a name");
_Static_assert(WIRE_NAME_MAX_BYTES >= SERVER_ID_MAX_BYTES + sizeof(CRYPTO_SERVER_SUFFIX) - 1,
	"a server's name is a name");
_Static_assert(WIRE_PAYLOAD_MAX_BYTES >= 2 * (2 + WIRE_CERT_MAX_BYTES) + 2 * WIRE_NAME_MAX_BYTES,
	"ENROLLED fits");
_Static_assert(WIRE_SILENCE_MS > 3 * WIRE_HEARTBEAT_MS, "a lost PING is no dead link");

static const char *page_path;
static char page[256 * 1024];

static int read_page(void **state)
{
	FILE *f = fopen(page_path, "r");

	(void)state;
	if (!f)
		return -1;
	size_t len = fread(page, 1, sizeof(page) - 1, f);
	page[len] = '\0';
	return fclose(f);
}

static void test_the_page_names_every_message(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		const char *name = wire_type_name((uint8_t)type);
		char wanted[64];
		if (strcmp(name, "?") == 0)
			continue;
		snprintf(wanted, sizeof(wanted), "%u %s (", type, name);
		if (!strstr(page, wanted))
			fail_msg("'%s' is missing", wanted);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_the_page_names_every_message) };

	if (argc != 2)
		return 2;
	page_path = argv[1];
	return cmocka_run_group_tests(tests, read_page, NULL);
}
