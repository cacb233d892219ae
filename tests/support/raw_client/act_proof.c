/* What a device says that did not prove itself, or as somebody else. */
#include "tests/support/raw_client/raw.h"

#include <stdio.h>
#include <stdlib.h>

void act_claim(struct raw *c, char **args)
{
	uint8_t other[CRYPTO_FINGERPRINT_BYTES];

	if (!args[0] || crypto_fingerprint_parse(args[0], other) < 0) {
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
