/*
 * farseat-tunnel: one SSH login, and what runs through it. One process for each hop: a hop's
 * transport is a connected descriptor, the stream of the hop before, so no hop's bytes or secrets
 * are seen where another's are parsed.
 *
 * Before the first byte of the network: takes its order, connects (if asked to), reads known_hosts
 * and key files, connects to the agent; then it is confined and can open nothing any more. The
 * person's answers come through the parent. One thread; a parent that goes away ends it.
 */
#pragma once

#include "client/tunnel/keys.h"
#include "client/tunnel/known_hosts.h"
#include "common/ipc/records_tunnel.h"

#include <libssh2.h>

#define TUNNEL_PARENT_FD    3
#define TUNNEL_TRANSPORT_FD 4

#define TUNNEL_HANDSHAKE_MS 15000  /* key exchange, and each answer of the SSH server */
#define TUNNEL_ANSWER_MS    110000 /* a person's; sshd's LoginGraceTime is 120 s */
/* What libssh2 may have handed over for sending that the socket has not taken: packets of one
 * round of the pump, and what it sends by itself. */
#define TUNNEL_OUT_MAX_BYTES (8U * 1024 * 1024)
/* From the transport at once. libssh2 asks for 16 KB, and each call costs the kernel a look at
 * whether to acknowledge. */
#define TUNNEL_IN_BYTES (128U * 1024)

struct tunnel {
	struct ipc_channel parent;
	struct record_tunnel_config config;
	int transport;            /* owned */
	int stream;               /* owned; CONNECT and RUN */
	LIBSSH2_SESSION *session; /* owned */
	LIBSSH2_AGENT *agent;     /* owned; NULL: none */
	struct tunnel_keys keys;  /* secrets: wiped after authentication */
	struct buffer known_texts[RECORD_KNOWN_HOSTS_MAX];
	size_t known_count;
	struct buffer out; /* for the transport */
	/* From the transport, what libssh2 has not asked for yet; nothing once it was told EAGAIN. */
	struct buffer in;
	size_t in_budget; /* that may still be read before others get a turn */
	bool is_tcp;
	bool unacknowledged; /* bytes came since tunnel_acknowledge */
	/* The transport has ended with this errno, which not every call of libssh2 says. */
	int lost;
	uint64_t heard_ms; /* when the transport gave bytes last */
	uint64_t begun_us;
	struct record_tunnel_open open;      /* what is said once it is open */
	bool failed;                         /* the parent was told why */
	struct record_tunnel_answer *answer; /* waited for; NULL none */
};

/* ---- transport.c: a session over the descriptor ---- */
int tunnel_session_init(struct tunnel *t) MUST_CHECK;
void tunnel_session_finish(struct tunnel *t);
/* Sends what waits. 0, or -errno when the transport is broken. */
int tunnel_flush(struct tunnel *t) MUST_CHECK;
/*
 * Acknowledges to the kernel's peer at once what came. sshd leaves Nagle's algorithm on for what is
 * no terminal, and waits with a short packet until the one before it is acknowledged: with delayed
 * acknowledgements a frame's end comes 40 ms late (measured on loopback: 15 MB/s instead of 100).
 */
void tunnel_acknowledge(struct tunnel *t);
/*
 * Waits until the transport can go on, for calls of libssh2 that said EAGAIN. -ETIMEDOUT after
 * until_ms, -EPIPE: the parent is gone, other -errno: the transport is.
 */
int tunnel_wait(struct tunnel *t, uint64_t until_ms) MUST_CHECK;
/* Repeats a call of libssh2 that answers with an int while it says EAGAIN. */
#define TUNNEL_REPEAT(t, result, call)                                                             \
	do {                                                                                       \
		uint64_t until_ms_ = clock_now_ms() + TUNNEL_HANDSHAKE_MS;                         \
		while (((result) = (int)(call)) == LIBSSH2_ERROR_EAGAIN) {                         \
			int waited_ = tunnel_wait(t, until_ms_);                                   \
			if (waited_ < 0)                                                           \
				return tunnel_fail_wait(t, waited_);                               \
		}                                                                                  \
	} while (0)

/* ---- hello.c: key exchange and host key ---- */
int tunnel_hello(struct tunnel *t) MUST_CHECK;

/* ---- auth.c ---- */
int tunnel_authenticate(struct tunnel *t) MUST_CHECK;

/* ---- pump.c: what runs through it; returns when it has ended ---- */
int tunnel_pump(struct tunnel *t) MUST_CHECK;

/* ---- parent.c: what is said to the parent, and what it says ---- */
/* Waits for the order. -ETIMEDOUT, -EPIPE, -EPROTO. */
int tunnel_take_order(struct tunnel *t) MUST_CHECK;
/* Tells why, once; always -ECANCELED. */
int tunnel_fail(struct tunnel *t, enum record_tunnel_fault fault, bool retry, const char *format,
	...) PRINTF_LIKE(4, 5);
/* For what tunnel_wait returned. */
int tunnel_fail_wait(struct tunnel *t, int error);
/* For an error of libssh2: doing what. */
int tunnel_fail_ssh(struct tunnel *t, const char *doing);
void tunnel_step(struct tunnel *t, const char *step, const char *detail);
/* Asks and waits for the answer: 0; -ENOENT: none is given; -errno the parent is gone. Wipe it. */
int tunnel_ask(struct tunnel *t, const struct tunnel_record *question,
	struct record_tunnel_answer *out) MUST_CHECK;
/* Words of the other end, fit for a terminal: printable UTF-8 stays, else escaped. */
void tunnel_clean(char *out, size_t size, const void *text, size_t len);
