/* What the parts of raw_client share: one client that is connected once at a time. */
#pragma once

#include "common/crypto/cert.h"
#include "common/crypto/tls.h"
#include "common/peer/peer.h"

#define RAW_PATIENCE_MS 12000

struct raw {
	char host[256], port[16], server_id[WIRE_NAME_MAX_BYTES];
	unsigned sources, dialled; /* loopback addresses to come from, one after the other; 0: the
				      system's choice */
	struct crypto_der cert, ca;
	struct crypto_key *key;
	uint8_t key_der[CRYPTO_KEY_DER_MAX_BYTES];
	size_t key_len;
	uint8_t fingerprint[CRYPTO_FINGERPRINT_BYTES];
	uint8_t session[TLS_SESSION_MAX_BYTES];
	size_t session_len;

	struct peer peer;
	bool connected;
	uint8_t binding[TLS_BINDING_BYTES]; /* that its proof names */
	char binding_text[80];
	long flip_at; /* byte of what is written; -1 none */
	struct wire_hello hello;
	struct wire_welcome welcome;
	uint32_t features; /* that HELLO names, beside the bound proof */
	bool unbound;      /* proves itself as clients did before */
	bool misbound;     /* to another connection */
	uint32_t frames;
	uint16_t bye_code;
	char bye_reason[WIRE_REASON_MAX_BYTES];
	int lost; /* 0, or how reading ended */
};

/* Says what went wrong, with errno, and ends the program with status 1. */
void raw_die(const char *what);

/* A TCP connection from the next of the sources; -1 when it is refused. */
int raw_dial(struct raw *c);
void raw_hang_up(struct raw *c);

/* poll(2) on the connection. */
int raw_wait_on(struct raw *c, short events, int timeout_ms);

/* Encodes and sends; a connection that ends is noted in lost. */
void raw_send(struct raw *c, const struct wire_message *m);

/* Reads until a message of that type came (0: for the whole time), the other end is gone, or time
 * is over. */
bool raw_read_until(struct raw *c, int type, int timeout_ms);

/* TLS and both HELLOs; then the proof as that device; then WELCOME. false: refused; lost, bye_code
 * and tls_fault say why. */
bool raw_greet(struct raw *c);
void raw_prove(struct raw *c, const uint8_t fingerprint[static CRYPTO_FINGERPRINT_BYTES]);
bool raw_open_session(struct raw *c);

/* The same; where it is refused it prints so and ends the program with status 3. */
void raw_must_open(struct raw *c);

/* The line about how it ended; more: " key=value" that stand in it too. */
void raw_say_end(struct raw *c, const char *more);

/* A valid message of a type from WIRE_KEY to WIRE_REFRESH, or of the clipboard. */
struct wire_message raw_input(enum wire_type type, uint32_t serial);

/* The actions (raw_client.c says what they do); args: what stands behind the action's name, NULL at
 * the end. */
void act_session(struct raw *c, char **args);
void act_resume(struct raw *c, char **args);
void act_inputs(struct raw *c, char **args);
void act_clipboard(struct raw *c, char **args);
void act_flood(struct raw *c, char **args);
void act_type(struct raw *c, char **args);
void act_flip(struct raw *c, char **args);
void act_stall(struct raw *c, char **args);
void act_malformed(struct raw *c, char **args);
void act_unproven(struct raw *c, char **args);
void act_claim(struct raw *c, char **args);
void act_no_proof(struct raw *c, char **args);
void act_half_open(struct raw *c, char **args);
void act_drip(struct raw *c, char **args);
