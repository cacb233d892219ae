/*
 * Records between farseat-tunnel and its parent: the UI, the supervisor or farseatctl.
 *
 * parent -> tunnel: TUNNEL_CONFIG (CONNECT and RUN: with the stream's end), TUNNEL_ANSWER.
 * tunnel -> parent: TUNNEL_QUESTION, LINK_STEP, TUNNEL_OPEN, TUNNEL_ACCEPTED (LISTEN: with the stream of
 * a connection), LOG; at last TUNNEL_FAILED or TUNNEL_EXITED.
 */
#pragma once

#include "common/ipc/records.h"

#define RECORD_IDENTITIES_MAX   8 /* key files that a tunnel tries; ssh has six by default */
#define RECORD_KNOWN_HOSTS_MAX  8 /* ssh has four by default: two of the person, two of the system */
#define RECORD_PROMPTS_MAX      4 /* in one question of an SSH server */
#define RECORD_ANSWER_MAX_BYTES 256

enum record_tunnel_mode {
	RECORD_TUNNEL_CONNECT = 0, /* direct-tcpip to target, pumped to and from the stream */
	RECORD_TUNNEL_RUN = 1,     /* command there, its input and output on the stream */
	RECORD_TUNNEL_LISTEN = 2,  /* remote forward: each connection is a stream of its own */
};

struct record_tunnel_config {
	uint8_t mode;
	bool dial;            /* connect to address and port: descriptor 4 is no transport */
	bool ask;             /* questions may be asked; else what needs an answer fails */
	bool identities_only; /* of the SSH agent's keys, try only those that identities name */
	char host[256];       /* as known_hosts calls it */
	char address[256];    /* dial: name or number */
	uint16_t port;
	char user[64];
	char target[256]; /* CONNECT: host as the SSH server sees it; LISTEN: where it listens */
	uint16_t target_port;
	char command[256];                 /* RUN */
	char agent[RECORD_PATH_MAX_BYTES]; /* socket of the SSH agent; empty: none */
	char identities[RECORD_IDENTITIES_MAX][RECORD_PATH_MAX_BYTES];
	size_t identity_count;
	char known_hosts[RECORD_KNOWN_HOSTS_MAX][RECORD_PATH_MAX_BYTES];
	size_t known_hosts_count;
};

enum record_tunnel_question_kind {
	RECORD_ASK_HOST_KEY = 0,   /* the answer's first text is "yes", or it is not given */
	RECORD_ASK_PASSPHRASE = 1, /* of the file that about names */
	RECORD_ASK_PASSWORD = 2,
	RECORD_ASK_SERVER = 3, /* keyboard-interactive, in the SSH server's words */
};

struct record_prompt {
	char text[256];
	bool echo;
};

struct record_tunnel_question {
	uint8_t kind;
	char about[256];       /* host, file, or the server's own heading */
	char instruction[256]; /* of the server */
	struct record_prompt prompts[RECORD_PROMPTS_MAX];
	size_t prompt_count;
	/* HOST_KEY: for known_hosts, and for the person to see */
	char key_type[64];
	char key[RECORD_LINE_MAX_BYTES]; /* base64 */
	char fingerprint[64];            /* SHA256:... */
};

/* Secret. */
struct record_tunnel_answer {
	bool given;
	char texts[RECORD_PROMPTS_MAX][RECORD_ANSWER_MAX_BYTES];
	size_t count;
};

struct record_tunnel_open {
	char fingerprint[64]; /* of the SSH server's key */
	char method[32];      /* how we authenticated */
	char suite[128];      /* key exchange and cipher */
	uint16_t port;        /* LISTEN: where it listens */
};

enum record_tunnel_fault {
	RECORD_TUNNEL_NETWORK = 1,      /* no connection, or it was lost */
	RECORD_TUNNEL_HOST_UNKNOWN = 2, /* not in known_hosts, and nobody said yes */
	RECORD_TUNNEL_HOST_CHANGED = 3,
	RECORD_TUNNEL_HOST_REVOKED = 4,
	RECORD_TUNNEL_AUTH = 5,     /* the SSH server does not let us in */
	RECORD_TUNNEL_TARGET = 6,   /* it lets us in, but does not reach the target */
	RECORD_TUNNEL_PROTOCOL = 7, /* the two cannot talk */
	RECORD_TUNNEL_INTERNAL = 8,
	RECORD_TUNNEL_FORBIDDEN = 9, /* it lets us in, but its rules forbid the target */
};

struct record_tunnel_failed {
	uint8_t fault;
	bool retry; /* worth another try by itself */
	char reason[RECORD_DETAIL_MAX_BYTES - 1];
};

struct record_tunnel_exited {
	uint8_t status;
	char talk[RECORD_LINE_MAX_BYTES]; /* the end of its standard error, escaped */
};

struct tunnel_record {
	enum record_type type;
	union {
		struct record_tunnel_config tunnel_config;
		struct record_tunnel_question tunnel_question;
		struct record_tunnel_answer tunnel_answer;
		struct record_tunnel_open tunnel_open;
		struct record_tunnel_failed tunnel_failed;
		struct record_tunnel_exited tunnel_exited;
		struct record_link_step link_step;
		struct record_log log;
	};
};

extern const struct record_set tunnel_records;

/* As record_send and record_receive. */
static inline MUST_CHECK int tunnel_record_send(
	struct ipc_channel *c, const struct tunnel_record *record, int fd)
{
	return record_send(c, &tunnel_records, record, fd);
}

static inline MUST_CHECK int tunnel_record_receive(
	struct ipc_channel *c, struct tunnel_record *out, int *fd)
{
	return record_receive(c, &tunnel_records, out, fd);
}
