/* What the supervisor knows of one worker: a connection from accept to reaping. Owned by
 * workers.c; the files of requests.c move it from phase to phase. */
#pragma once

#include "common/crypto/ticket_seal.h"
#include "common/ipc/records_worker.h"
#include "server/registry/registry.h"
#include "server/supervisor/child.h"
#include "server/supervisor/limiter.h"

/* "tom (192.0.2.1:5000)", with the longest of both. */
#define WORKER_CHILD_NAME_MAX_BYTES (REGISTRY_NAME_MAX_BYTES + WIRE_NAME_MAX_BYTES + 32)

struct supervisor;

/* Phases of a worker, as the supervisor sees it: what it may ask depends on them. */
enum worker_phase {
	WORKER_GATEWAY,   /* a gateway says whom it speaks for */
	WORKER_HANDSHAKE, /* TLS goes on */
	WORKER_PROOF,     /* a device's handshake is done */
	WORKER_ENROLL,    /* an invitation's handshake is done */
	WORKER_SESSION,   /* granted */
	WORKER_ENDING,    /* told to end, or it said that it ends */
};

struct worker_child {
	struct worker_child *next;
	struct supervisor *supervisor; /* borrowed */
	struct child child;
	uint32_t id;
	enum worker_phase phase;
	bool counted; /* by the limiter: not yet authorised */
	struct limiter_source source;
	char peer[WIRE_NAME_MAX_BYTES];
	char gateway[WIRE_NAME_MAX_BYTES]; /* through which it came; "" none */
	uint8_t nonce[WIRE_NONCE_BYTES];
	uint64_t begun_ms;
	/* From the handshake on. */
	uint8_t fingerprint[CRYPTO_FINGERPRINT_BYTES];
	char version[32], suite[64];
	bool resumed;
	uint8_t wishes[RECORD_KEEPER_WISHES]; /* how often each was asked for */
	uint8_t ticket[TICKET_NAME_BYTES];    /* that was opened for it; zeros: none */
	bool signing;                         /* one request to the signer is under way */
	unsigned early_renewals;              /* that were refused in this session */
	/* From the grant on. */
	char device_id[REGISTRY_ID_MAX_BYTES];
	char device[REGISTRY_NAME_MAX_BYTES];
	char software[WIRE_NAME_MAX_BYTES];
	uint32_t caps;
	int64_t since_s, expires_s;
	int agent_fd; /* the agent's end of the channel, while there is no agent to give it to */
	struct record_stats stats;
	bool has_stats;
};

/*
 * Who it is, for the log: the device of a session with its address; before that the address, and
 * whose certificate or invitation was shown once the handshake has said it.
 */
const char *worker_child_name(const struct worker_child *w, const struct registry *registry,
	char out[static WORKER_CHILD_NAME_MAX_BYTES]);

/* How many of a list have a session. */
unsigned worker_child_sessions(const struct worker_child *first);
