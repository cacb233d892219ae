/*
 * farseat-worker: one connection of one client, confined before it reads the client's first byte
 * (ARCHITECTURE.md, D-CONFINED). It holds the client's socket, a channel to the supervisor, and,
 * once the supervisor has verified the second proof, a channel to the session's agent. It decides
 * nothing about who may do what: the supervisor grants, the agent enforces. An attacker who takes
 * this process over has one connection's pixels.
 *
 *   (PROXY header, from a gateway ->)
 *   handshake -> HELLO -> PROOF -> (supervisor) GRANTED -> open        farseat/1
 *   handshake -> HELLO -> PROOF, ENROLL -> (supervisor) CERT -> end     farseat-enroll/2
 *
 * One thread with a poll loop, and the encoder's (screen/encode.h).
 */
#pragma once

#include "common/ipc/dispatch.h"
#include "common/ipc/records_view.h"
#include "common/ipc/records_worker.h"
#include "common/peer/peer.h"
#include "common/wire/typing.h"
#include "server/worker/channel/channel.h"
#include "server/worker/clipboard.h"
#include "server/worker/figures.h"
#include "server/worker/files/files.h"
#include "server/worker/gateway_header.h"
#include "server/worker/held.h"
#include "server/worker/rights.h"
#include "server/worker/screen/checksum.h"
#include "server/worker/screen/cursor.h"
#include "server/worker/screen/frame.h"
#include "server/worker/sound/sound.h"
#include "server/worker/state.h"

#define WORKER_SUPERVISOR_FD 3
#define WORKER_CLIENT_FD     4

/* How long the supervisor may take to answer about a certificate, or to sign; then it is refused. */
#define WORKER_ADMIT_TIMEOUT_MS 1000
/* For last words and the other end's close. */
#define WORKER_CLOSE_TIMEOUT_MS 1000
/* Messages of the client handled in one turn of the loop, so that it cannot starve the rest. */
#define WORKER_MESSAGES_PER_TURN 64

/* Until the session is open (handshake.c, client.c). */
struct worker_login {
	uint64_t started_us, deadline_ms;
	char server_id[WIRE_NAME_MAX_BYTES];
	uint8_t nonce[WIRE_NONCE_BYTES];
	uint32_t codec_features; /* what the configuration allows and this build has */
	struct wire_hello hello; /* the client's */
	bool admit_asked;        /* about a certificate; the answer: */
	enum crypto_fault admit_fault;
	bool keeper_asked; /* for what needs a secret of the server; the answer: */
	uint8_t kept[RECORD_KEPT_MAX_BYTES];
	size_t kept_len;                         /* 0: refused */
	uint8_t claim[WIRE_SIGNATURE_MAX_BYTES]; /* of an invitation's PROOF */
	size_t claim_len;
};

/* Why it ended; the first reason counts. */
struct worker_ending {
	uint16_t code; /* enum wire_goodbye_code */
	bool goodbye;  /* the client is there to be told */
	char reason[WIRE_REASON_MAX_BYTES - 1];
};

struct worker {
	struct ipc_channel supervisor, agent; /* agent.fd -1: none */
	struct peer peer;
	enum worker_state state; /* moved on by worker_enter */

	struct gateway_header gateway; /* gateway.c */
	struct worker_login login;
	struct rights rights;
	struct held held;
	struct wire_typing typing; /* what the client may still type */
	struct figures figures;
	bool renewing; /* a RENEW is with the supervisor */
	/* What the session's agent, and one that takes its place, is told; until then: of a client
	 * that is still to say it. */
	uint16_t dpi;
	bool dpi_known;
	struct worker_ending ending;

	/* The channels beside control (channels.c). */
	struct worker_host host;
	struct frame frame;
	struct cursor cursor;
	struct checksum checksum;
	struct files files;
	struct clipboard clipboard;
	struct sound sound;
};

/* start.c: takes the two descriptors, reads the configuration from the supervisor, starts the
 * thread and the TLS channel. Reads no byte of the client. */
int worker_init(struct worker *w) MUST_CHECK;
void worker_finish(struct worker *w);

/* Runs until the connection has ended, then tells both sides. */
void worker_run(struct worker *w);

/* Goes on to a state that may follow, and the peer to its phase. What has ended stays so. */
void worker_enter(struct worker *w, enum worker_state state);

/* Ends the session: the first call counts. With a goodbye the client is told the code and the
 * reason. */
void worker_end(struct worker *w, uint16_t code, bool goodbye, const char *format, ...)
	PRINTF_LIKE(4, 5);

/* gateway.c: reads the header; after it the handshake begins. */
void worker_gateway(struct worker *w);

/* handshake.c */
enum crypto_fault worker_admit(
	void *worker, const uint8_t fingerprint[static CRYPTO_FINGERPRINT_BYTES], const char *alpn);
void worker_handshake(struct worker *w);

/* keeper.c: the server's secrets, which are the supervisor's; its user is the worker. */
extern const struct tls_keeper worker_keeper;

/* client.c: a message of the client; what it may mean in this state. */
void worker_client_message(struct worker *w, const struct wire_message *m);

/* Takes the configuration (dispatch_fn): makes the TLS channel. */
int worker_configure(void *owner, const void *body, int *fd) MUST_CHECK;

/* supervisor.c: all that waits in the supervisor's channel. */
void worker_supervisor_records(struct worker *w);
/* One of them, after a wait: as dispatch_wait. */
int worker_supervisor_record(struct worker *w, int timeout_ms) MUST_CHECK;
/* Sends to the supervisor; a supervisor that is gone or stuck ends the worker. */
void worker_tell(struct worker *w, const struct worker_record *r);

/* agent.c: all that waits in the agent's channel. */
void worker_agent_records(struct worker *w);
void worker_agent_attach(struct worker *w, int fd);
/* Hands a message of the client to the agent at once. */
void worker_agent_send(struct worker *w, const struct wire_message *m);
/* The resolution of the client's display; 0: it has none, or does not know the message. The agent
 * that there is now is told, and the next one. */
void worker_agent_tell_dpi(struct worker *w, uint16_t dpi);
void worker_agent_tell(struct worker *w, enum record_type type);

/* channels.c: each asks the channels' tables. What belongs to none of them gives false. */
int worker_channels_init(struct worker *w) MUST_CHECK;
void worker_channels_finish(struct worker *w);
bool worker_channels_message(struct worker *w, const struct wire_message *m);
/* The rule for a record of the agent, or NULL; *self: the channel's state (dispatch.find). */
const struct dispatch_rule *worker_channels_rule(void *worker, enum record_type type, void **self);
/* Whether a message of the agent goes to the client as it is. */
bool worker_channels_forward(const struct worker *w, enum wire_type type);
/* A message of the agent that a channel takes. -EPROTO: none does, or it cannot be. */
int worker_channels_from_agent(struct worker *w, const struct wire_message *m) MUST_CHECK;
/* The session is open, by these features; the capabilities are others. */
void worker_channels_opened(struct worker *w, uint32_t features);
void worker_channels_set_caps(struct worker *w);
void worker_channels_agent_changed(struct worker *w);
/* Those that need one of caps send everything again. */
void worker_channels_refresh(struct worker *w, uint32_t caps);
/* Does what can be done now; whether it did anything that the peer may have to send: then flush and
 * call again. */
bool worker_channels_step(struct worker *w);
/* Called before the worker sleeps: whether there is more to get ready, so that it should not yet.
 */
bool worker_channels_prepare(struct worker *w);
/* How long until a channel has something to do by itself, timeout_ms at most. */
int worker_channels_timeout_ms(struct worker *w, uint64_t now_ms, int timeout_ms);

/* Queues a message to the client; one that does not read is ended. */
void worker_send(struct worker *w, const struct wire_message *m);
