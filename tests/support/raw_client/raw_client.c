/*
 * A client that misbehaves: speaks the protocol with a given identity and then does what a bad one
 * would. For tests alone.
 *
 * usage: raw_client OPTIONS ACTION [ARGUMENT]...
 *   --connect HOST:PORT --server-id ID --cert FILE --key FILE --ca FILE
 *   --proof unbound|elsewhere  as clients made it before; for another connection
 *   --sources COUNT          comes from so many loopback addresses in turn: limits hold for each
 *
 *   session [SECONDS]        opens a session, stays so long, says goodbye
 *   inputs                   sends every message of input, view and refresh
 *   clipboard TYPE           sends one message of the clipboard, 64 to 69 (PROTOCOL.md, section 8)
 *   flood SECONDS            sends pointer moves as fast as they go
 *   type CHARACTERS          types so many in one go
 *   resume                   opens a session, says "open", waits for a line on standard input, and
 *                            comes back with the ticket of that session
 *   malformed COUNT [SEED]   one broken message in each of so many sessions (resumed, where the
 *                            server gives tickets): 126 are each message broken in each way
 *   unproven COUNT [SEED]    the same before the proof
 *   claim FINGERPRINT        proves itself as another device
 *   no-proof                 asks for input before the session is granted
 *   flip BYTE                changes one byte of what it sends after WELCOME
 *   half-open COUNT SECONDS  so many connections that say nothing, until all are closed or for so
 *                            long; how many are left
 *   drip COUNT SECONDS       the same, sending one byte of a handshake a second
 *   stall SECONDS            takes the picture and never acknowledges it
 *
 * Prints one line, "key=value ...", about how it ended. Exit status 0 when the action could be
 * done, whatever came of it.
 */
#include "tests/support/raw_client/raw.h"

#include "common/crypto/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	void (*act)(struct raw *c, char **args);
} actions[] = {
	{ "session", act_session },
	{ "resume", act_resume },
	{ "inputs", act_inputs },
	{ "clipboard", act_clipboard },
	{ "flood", act_flood },
	{ "type", act_type },
	{ "malformed", act_malformed },
	{ "unproven", act_unproven },
	{ "claim", act_claim },
	{ "no-proof", act_no_proof },
	{ "flip", act_flip },
	{ "half-open", act_half_open },
	{ "drip", act_drip },
	{ "stall", act_stall },
};

static void take_address(struct raw *c, const char *address)
{
	const char *colon = strrchr(address, ':');

	snprintf(c->host, sizeof(c->host), "%.*s", colon ? (int)(colon - address) : 255, address);
	snprintf(c->port, sizeof(c->port), "%s", colon ? colon + 1 : "7420");
}

static void take_option(struct raw *c, const char *name, const char *value)
{
	if (strcmp(name, "--connect") == 0) {
		take_address(c, value);
	} else if (strcmp(name, "--server-id") == 0) {
		snprintf(c->server_id, sizeof(c->server_id), "%s", value);
	} else if (strcmp(name, "--sources") == 0) {
		c->sources = (unsigned)atoi(value);
	} else if (strcmp(name, "--proof") == 0) {
		c->unbound = strcmp(value, "unbound") == 0;
		c->misbound = strcmp(value, "elsewhere") == 0;
	} else if (strcmp(name, "--cert") == 0) {
		if (crypto_cert_from_file(value, &c->cert) < 0 ||
			crypto_cert_fingerprint(c->cert.bytes, c->cert.len, c->fingerprint) < 0)
			raw_die(value);
	} else if (strcmp(name, "--ca") == 0) {
		if (crypto_cert_from_file(value, &c->ca) < 0)
			raw_die(value);
	} else if (strcmp(name, "--key") == 0) {
		if (crypto_key_from_file(&c->key, value, NULL) < 0 ||
			crypto_key_to_der(c->key, c->key_der, sizeof(c->key_der), &c->key_len) < 0)
			raw_die(value);
	} else {
		fprintf(stderr, "raw_client: no option %s\n", name);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static struct raw c = { .flip_at = -1 };
	int i = 1;

	if (crypto_init() < 0)
		return 1;
	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2)
		take_option(&c, argv[i], argv[i + 1]);
	for (size_t a = 0; i < argc && a < ARRAY_LEN(actions); a++) {
		if (strcmp(argv[i], actions[a].name) == 0) {
			actions[a].act(&c, argv + i + 1);
			raw_hang_up(&c);
			crypto_key_destroy(c.key);
			return 0;
		}
	}
	fputs("raw_client: no such action; see the top of raw_client.c\n", stderr);
	return 2;
}
