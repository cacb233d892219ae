/* Whole sessions: a good one, one that comes back, one that says too much or listens to nothing. */
#include "tests/support/raw_client/raw.h"

#include "common/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void act_session(struct raw *c, char **args)
{
	struct wire_message bye = { .type = WIRE_GOODBYE };

	raw_must_open(c);
	raw_read_until(c, 0, args[0] ? atoi(args[0]) * 1000 : 0);
	bye.goodbye.code = WIRE_BYE_CLOSED;
	raw_send(c, &bye);
	raw_say_end(c, "");
}

void act_resume(struct raw *c, char **args)
{
	char line[16];

	(void)args;
	raw_must_open(c);
	/* TLS 1.3 sends its tickets after the handshake: they came with WELCOME. */
	if (c->session_len == 0) {
		fputs("raw_client: the server gave no ticket\n", stderr);
		exit(1);
	}
	puts("open");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(1);
	raw_say_end(c, raw_open_session(c) ? " session=open" : " session=refused");
}

void act_inputs(struct raw *c, char **args)
{
	char sent[32];
	unsigned count = 0;

	(void)args;
	raw_must_open(c);
	for (int type = WIRE_KEY; type <= WIRE_REFRESH && c->lost == 0; type++, count++) {
		struct wire_message m = raw_input((enum wire_type)type, count + 1);
		raw_send(c, &m);
	}
	raw_read_until(c, WIRE_GOODBYE, RAW_PATIENCE_MS);
	snprintf(sent, sizeof(sent), " sent=%u", count);
	raw_say_end(c, sent);
}

void act_clipboard(struct raw *c, char **args)
{
	int type = args[0] ? atoi(args[0]) : WIRE_CLIPBOARD_OFFER;

	if (type < WIRE_CLIPBOARD_OFFER || type > WIRE_CLIPBOARD_STOP) {
		fputs("raw_client: no message of the clipboard\n", stderr);
		exit(2);
	}
	c->features = WIRE_FEATURE_CLIPBOARD;
	raw_must_open(c);
	struct wire_message m = raw_input((enum wire_type)type, 1);
	raw_send(c, &m);
	raw_read_until(c, WIRE_GOODBYE, 1000);
	raw_say_end(c, "");
}

void act_flood(struct raw *c, char **args)
{
	uint64_t end_ms = clock_now_ms() + (args[0] ? (uint64_t)atoi(args[0]) * 1000 : 1000);
	uint32_t count = 0;
	char sent[32];

	raw_must_open(c);
	while (clock_now_ms() < end_ms && c->lost == 0) {
		struct wire_message m = raw_input(WIRE_POINTER, ++count);
		if (peer_send(&c->peer, &m) == -E2BIG)
			raw_wait_on(c, POLLOUT, 10);
		if (peer_flush(&c->peer) < 0)
			c->lost = -EPIPE;
		if (count % 64 == 0)
			raw_read_until(c, 0, 0);
	}
	snprintf(sent, sizeof(sent), " sent=%u", count);
	raw_say_end(c, sent);
}

void act_type(struct raw *c, char **args)
{
	uint8_t letters[WIRE_TEXT_INPUT_MAX_BYTES];
	struct wire_message m = { .type = WIRE_TEXT };
	size_t left = args[0] ? (size_t)atol(args[0]) : 1;

	memset(letters, 'x', sizeof(letters));
	m.text.utf8 = letters;
	raw_must_open(c);
	while (left > 0 && c->lost == 0) {
		m.text.len = MIN(left, sizeof(letters));
		m.text.serial++;
		left -= m.text.len;
		raw_send(c, &m);
		raw_read_until(c, 0, 0);
	}
	raw_read_until(c, WIRE_GOODBYE, 2000);
	raw_say_end(c, "");
}

void act_flip(struct raw *c, char **args)
{
	struct wire_message m = raw_input(WIRE_POINTER, 1);

	raw_must_open(c);
	c->flip_at = args[0] ? atol(args[0]) : 20;
	for (int i = 0; i < 50 && c->lost == 0; i++) {
		raw_send(c, &m);
		raw_read_until(c, 0, 200);
	}
	raw_say_end(c, "");
}

void act_stall(struct raw *c, char **args)
{
	raw_must_open(c);
	raw_read_until(c, 0, args[0] ? atoi(args[0]) * 1000 : 5000);
	raw_say_end(c, "");
}
