/* Sessions that end by a broken message, after the proof or before. */
#include "tests/support/raw_client/raw.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

static const uint8_t types[] = { WIRE_KEY, WIRE_TEXT, WIRE_POINTER, WIRE_BUTTON, WIRE_WHEEL,
	WIRE_POINTER_BY, WIRE_RELEASE_ALL, WIRE_VIEW, WIRE_REFRESH, WIRE_FRAME_ACK,
	WIRE_CHECKSUM_ASK, WIRE_PING, WIRE_PONG, WIRE_GOODBYE };
#define TYPES ARRAY_LEN(types)
#define WAYS  9
#define END_MS                                                                                     \
	8000 /* a session that goes on longer is left; less than a connection has for its          \
		handshake */

/* Some valid message's bytes. */
static size_t some_message(uint8_t type, uint32_t *seed, uint8_t out[static WIRE_MESSAGE_MAX_BYTES])
{
	struct wire_message m = raw_input((enum wire_type)type, random_next(seed));

	if (m.type == WIRE_GOODBYE)
		m.goodbye.code = WIRE_BYE_CLOSED;
	int len = wire_encode(&m, out);
	if (len < 0)
		raw_die("message");
	return (size_t)len;
}

/* Breaks a message in one of the WAYS that a message can be broken in; its new length. */
static size_t break_message(unsigned way, uint32_t *seed, uint8_t *bytes, size_t len)
{
	uint32_t payload = (uint32_t)len - WIRE_HEADER_BYTES;

	switch (way) {
	case 0: /* a type nobody knows */
		bytes[0] = (uint8_t)(200 + random_next(seed) % 50);
		break;
	case 1: /* flags nobody knows */
		bytes[1] |= (uint8_t)(2U << random_next(seed) % 7);
		break;
	case 2: /* longer than a message may be */
		bytes[2] = (uint8_t)(0x40 + random_next(seed) % 0xbf);
		break;
	case 3: /* shorter than its fields */
		payload = payload ? random_next(seed) % payload : 0;
		bytes[2] = (uint8_t)(payload >> 8);
		bytes[3] = (uint8_t)payload;
		return WIRE_HEADER_BYTES + payload;
	case 4: /* longer than its fields */
		payload += 1 + random_next(seed) % 64;
		bytes[2] = (uint8_t)(payload >> 8);
		bytes[3] = (uint8_t)payload;
		memset(bytes + len, 0xaa, payload + WIRE_HEADER_BYTES - len);
		return WIRE_HEADER_BYTES + payload;
	case 5: /* what only the other end may say */
		bytes[0] = (uint8_t[]){ WIRE_WELCOME, WIRE_SCREEN, WIRE_FRAME, WIRE_CURSOR,
			WIRE_CHECKSUM, WIRE_CAPS, WIRE_ENROLLED }[random_next(seed) % 7];
		break;
	case 6: /* twice what may be said once */
		bytes[0] = random_next(seed) % 2 ? WIRE_HELLO : WIRE_PROOF;
		break;
	case 7: /* noise, header included */
		len = 16 + random_next(seed) % 2000;
		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)random_next(seed);
		break;
	default: /* some bits of the payload */
		for (int i = 0; i < 4 && payload; i++)
			bytes[WIRE_HEADER_BYTES + random_next(seed) % payload] ^=
				(uint8_t)(1U << random_next(seed) % 8);
		break;
	}
	return len;
}

/* One broken message, and the stream's end in the middle of it where it promises more than it has.
 */
static void send_broken(struct raw *c, unsigned number, uint32_t *seed)
{
	uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	size_t len = some_message(types[number % TYPES], seed, bytes);

	len = break_message(number / TYPES % WAYS, seed, bytes, len);

	if (tls_write(c->peer.tls, bytes, len) == -EAGAIN)
		raw_wait_on(c, POLLOUT, 100);
	(void)!shutdown(c->peer.fd, SHUT_WR);
	raw_read_until(c, 0, END_MS);
}

static void broken_sessions(struct raw *c, char **args, bool proven)
{
	int count = args[0] ? atoi(args[0]) : 100;
	uint32_t seed = args[0] && args[1] ? (uint32_t)atoi(args[1]) : 1;
	unsigned ended = 0, protocol = 0, refused = 0, left = 0;
	char more[128];

	for (int i = 0; i < count; i++) {
		if (!(proven ? raw_open_session(c) : raw_greet(c))) {
			/* Limits of the server: wait a little and go on. */
			refused++;
			usleep(100000);
			if (refused > 50 + (unsigned)count / 10)
				break;
			continue;
		}
		send_broken(c, (unsigned)i, &seed);
		if (c->lost == 0)
			left++;
		else
			ended++;
		if (c->bye_code == WIRE_BYE_PROTOCOL)
			protocol++;
	}
	snprintf(more, sizeof(more), " sessions=%u protocol=%u refused=%u left=%u", ended, protocol,
		refused, left);
	raw_say_end(c, more);
}

void act_malformed(struct raw *c, char **args)
{
	broken_sessions(c, args, true);
}

void act_unproven(struct raw *c, char **args)
{
	broken_sessions(c, args, false);
}
