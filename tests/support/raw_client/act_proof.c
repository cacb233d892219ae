/* What a device says that did not prove itself, or as somebody else. */
#include "tests/support/raw_client/raw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Exactly 64 hexadecimal digits, in lower case. */
static bool parse_fingerprint(const char *hex, uint8_t out[static CRYPTO_FINGERPRINT_BYTES])
{
	static const char digits[] = "0123456789abcdef";

	if (strspn(hex, digits) != 2 * CRYPTO_FINGERPRINT_BYTES ||
		hex[2 * CRYPTO_FINGERPRINT_BYTES] != '\0')
		return false;
	for (size_t i = 0; i < CRYPTO_FINGERPRINT_BYTES; i++)
		out[i] = (uint8_t)((strchr(digits, hex[2 * i]) - digits) << 4 |
				   (strchr(digits, hex[2 * i + 1]) - digits));
	return true;
}

void act_claim(struct raw *c, char **args)
{
	uint8_t other[CRYPTO_FINGERPRINT_BYTES];

	if (!args[0] || !parse_fingerprint(args[0], other)) {
		fputs("raw_client: claim needs 64 hexadecimal digits\n", stderr);
		exit(2);
	}
	if (raw_greet(c)) {
		raw_prove(c, other);
		raw_read_until(c, WIRE_WELCOME, RAW_PATIENCE_MS);
	}
	raw_say_end(c, "");
}

void act_no_proof(struct raw *c, char **args)
{
	struct wire_message m = raw_input(WIRE_KEY, 1);

	(void)args;
	if (raw_greet(c)) {
		raw_send(c, &m);
		raw_read_until(c, WIRE_GOODBYE, RAW_PATIENCE_MS);
	}
	raw_say_end(c, "");
}
