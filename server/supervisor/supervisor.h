/*
 * farseatd: listens, owns registry and policy, starts and ends the others. One loop, one thread. It
 * parses no byte of the network: a client's socket goes to a worker unread, and what comes back are
 * fixed records.
 */
#pragma once

#include "common/base/backoff.h"
#include "server/registry/identity.h"
#include "server/registry/registry.h"
#include "server/registry/settings.h"
#include "server/supervisor/child.h"
#include "server/supervisor/daemon_limits.h"
#include "server/supervisor/limiter.h"

#include <jansson.h>

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
	/* from the handshake on */
	uint8_t fingerprint[CRYPTO_FINGERPRINT_BYTES];
	char version[32], suite[64];
	bool resumed;
	bool signing; /* one request to the signer is under way */
	/* from the grant on */
	char device_id[REGISTRY_ID_MAX_BYTES];
	char device[REGISTRY_NAME_MAX_BYTES];
	char software[WIRE_NAME_MAX_BYTES];
	uint32_t caps;
	int64_t since_s, expires_s;
	int agent_fd; /* the agent's end of the channel, while there is no agent to give it to */
	struct record_stats stats;
	bool has_stats;
};

struct agent_child {
	struct supervisor *supervisor; /* borrowed */
	struct child child;
	bool running, ready;
	struct record_agent_ready screen;
	char failure[RECORD_DETAIL_MAX_BYTES]; /* the last one; empty: none */
	uint64_t started_ms;
	unsigned wait_ms; /* before the next start */
	uv_timer_t restart;
};

struct signer_child {
	struct supervisor *supervisor; /* borrowed */
	struct child child;
	bool running;
	uv_timer_t restart;
};

enum relay_state {
	RELAY_OFF, /* none is configured */
	RELAY_CONNECTING,
	RELAY_OPEN,
	RELAY_WAITING, /* to try again */
};

/* The reverse tunnel. */
struct relay {
	struct supervisor *supervisor; /* borrowed */
	struct child child;
	bool running;
	int program; /* owned: farseat-tunnel as it was at our start; -1 there is none */
	enum relay_state state;
	uint64_t since_ms; /* OPEN */
	int64_t since_s;
	char fingerprint[64]; /* of the relay's key */
	uint64_t retry_ms;    /* WAITING: until then */
	struct backoff backoff;
	bool told;  /* this one has said why it ends */
	bool again; /* the next start comes at once */
	uint8_t fault;
	char failure[RECORD_DETAIL_MAX_BYTES]; /* the last one; empty: none since it was open */
	uv_timer_t timer;                      /* CONNECTING: patience; WAITING: the next start */
};

struct listener {
	uv_poll_t poll;
	int fd; /* owned */
};

struct control;

struct supervisor {
	uv_loop_t loop;
	struct settings settings;
	const char *settings_path; /* given by the person, or NULL */
	struct registry registry;
	struct identity identity;
	struct limiter limiter;
	int worker_program;           /* owned: farseat-worker as it was at our start */
	struct worker_child *workers; /* owned; each freed when its process was reaped */
	unsigned worker_count;
	uint32_t next_worker;
	struct starters starters;
	struct agent_child agent;
	struct signer_child signer;
	struct relay relay;
	struct listener listeners[SETTINGS_LISTEN_MAX];
	size_t listener_count;
	struct control *control; /* owned */
	uv_fs_event_t watch;
	uv_timer_t watch_settled;
	bool watching;
	uint8_t ticket_keys[2][RECORD_TICKET_KEY_BYTES];
	uv_signal_t signals[4];
	uv_timer_t deadlines; /* runs while there are workers */
	uv_timer_t ticket_rotation;
	uint32_t refused_since_start;
	struct {
		bool has_device;
		char device[REGISTRY_NAME_MAX_BYTES];
		int64_t device_s;
	} seen; /* whose session began last */
	bool stopping;
	bool failed; /* stops because it cannot go on */
	int lock_fd; /* one daemon for each runtime folder */
};

/* ---- workers.c: connections ---- */
/* Opens the worker's program, before the confinement. An upgrade may exchange it while we run, and
 * records between processes are fixed within one version only. */
int workers_open(struct supervisor *s) MUST_CHECK;
/* Takes the accepted socket over (its copy is closed here in any case). source of no family: peer
 * is a gateway, which will say who comes. */
void workers_start(
	struct supervisor *s, int client_fd, const struct limiter_source *source, const char *peer);
/* Ends one politely: END, then SIGKILL after LIMIT_END_MS. */
void workers_end(struct worker_child *w, uint16_t code, const char *reason);
void workers_end_all(struct supervisor *s, uint16_t code, const char *reason);
/* The same to those that show the session: who only comes, enrols or proves itself needs none yet.
 */
void workers_end_sessions(struct supervisor *s, uint16_t code, const char *reason);
struct worker_child *workers_find(struct supervisor *s, uint32_t id);
void workers_reap(struct supervisor *s);
/* The registry changed: ends what is no longer active, switches capabilities. Returns how many were
 * ended. */
unsigned workers_apply_registry(struct supervisor *s);

/* ---- requests.c: what workers ask ---- */
int requests_handle(struct child *c, const struct record *record, int *fd);

/* ---- agents.c ---- */
void agents_start(struct supervisor *s);
void agents_stop(struct supervisor *s);
/* Gives a worker a channel to the agent: as its first (in GRANTED) or a new one (AGENT). */
int agents_connect(
	struct supervisor *s, struct worker_child *w, const struct record *announce) MUST_CHECK;
void agents_set_caps(struct supervisor *s, const struct worker_child *w);
void agents_detach(struct supervisor *s, const struct worker_child *w);

/* ---- signers.c ---- */
void signers_start(struct supervisor *s);
void signers_stop(struct supervisor *s);
int signers_ask(
	struct supervisor *s, struct worker_child *w, const struct record_sign *request) MUST_CHECK;

/* ---- starters.c ---- */
int starters_open(struct supervisor *s) MUST_CHECK;
void starters_reap(struct supervisor *s);
void starters_close(struct supervisor *s);

/* ---- watch.c: the registry's file, for whoever changes it without saying so ---- */
void watch_open(struct supervisor *s);
void watch_close(struct supervisor *s);

/* ---- listeners.c ---- */
/* "192.0.2.1:5000", "[2001:db8::1]:5000". */
void listeners_describe(
	const struct sockaddr *address, socklen_t len, char out[static WIRE_NAME_MAX_BYTES]);
/* Logs a connection that the limiter refused. */
void listeners_refused(enum limiter_verdict verdict, const char *peer);
int listeners_open(struct supervisor *s) MUST_CHECK;
void listeners_close(struct supervisor *s);

/* Takes an accepted connection over: it goes to a worker, or the limiter refuses it. */
void listeners_admit(
	struct supervisor *s, int fd, const struct limiter_source *source, const char *peer);

/* ---- relay.c: the reverse tunnel ---- */
/* Opens its program, before the confinement. */
void relay_open(struct supervisor *s);
void relay_start(struct supervisor *s);
/* Tries at once, with the settings as they are now; a tunnel that stands is ended first. */
void relay_again(struct supervisor *s);
void relay_reap(struct supervisor *s);
/* For good. What runs through it has ended by then. */
void relay_stop(struct supervisor *s);
/* For status; NULL: none is configured. */
json_t *relay_to_json(const struct supervisor *s);

/* ---- control.c ---- */
int control_open(struct supervisor *s) MUST_CHECK;
void control_close(struct supervisor *s);

/* Reads the registry again and applies it. Returns how many sessions ended, or -errno (then the old
 * one stays in force). */
int supervisor_reload(struct supervisor *s);

/* Reads the configuration again: what may change while we run. */
void supervisor_reload_settings(struct supervisor *s);

/* Ends everybody and then the loop. */
void supervisor_stop(struct supervisor *s);
