/*
 * What all who start farseat-tunnel share: starting it with its order, answering its questions on
 * the terminal, ending it. farseat and farseatctl; farseatd has its own loop and answers nothing.
 * Nothing that the tunnel says is trusted.
 */
#pragma once

#include "common/base/process.h"
#include "common/ipc/records_tunnel.h"

#include <limits.h>

/* A handshake, an authentication and a channel; the person's time is not counted. */
#define TUNNEL_CHILD_STEP_MS 60000

struct tunnel_child {
	struct process process;
	struct ipc_channel channel;
};

/* Who answers. Zeroed but for cancel_fd: nobody. */
struct tunnel_person {
	bool terminal;      /* may be asked there */
	bool host_key_only; /* nothing else is answered */
	/* The host key to expect ("SHA256:..."): accepted unasked, and no other. NULL: asked about.
	 * Borrowed. */
	const char *fingerprint;
	const char *known_hosts; /* file that an accepted host key is added to; borrowed */
	int cancel_fd;           /* becomes readable: give up; -1 none */
	/* Answers to the same question again, or NULL; true: out is set. Secrets. */
	bool (*recall)(void *user, const char *question, char out[static RECORD_ANSWER_MAX_BYTES]);
	void (*remember)(void *user, const char *question, const char *answer);
	/* Told before and after somebody is asked, and of each step; may be NULL. */
	void (*asking)(void *user, bool begins);
	void (*step)(void *user, const struct record_link_step *step);
	void *user;
};

/* Where the program is. -ENOENT: this Farseat was built without it. */
int tunnel_child_program(char out[static PATH_MAX]) MUST_CHECK;

void tunnel_child_init(struct tunnel_child *c);

/*
 * Starts it. transport_fd: becomes its transport, or -1 (config says dial); stays the caller's.
 * stream: gets our end of the stream, non-blocking; NULL for LISTEN. -ENOENT: not installed.
 */
int tunnel_child_start(struct tunnel_child *c, const struct record_tunnel_config *config,
	int transport_fd, int *stream) MUST_CHECK;

/*
 * Waits, answering questions, until it is open (out is OPEN), has failed (FAILED), or a command has
 * ended (EXITED). -EPIPE: it ended without a word; -ETIMEDOUT, -ECANCELED, -EPROTO.
 */
int tunnel_child_wait(struct tunnel_child *c, const struct tunnel_person *person,
	struct tunnel_record *out) MUST_CHECK;

/* Why it failed, if it has said so: 1, *out is FAILED; 0 nothing. Does not wait. */
int tunnel_child_failure(struct tunnel_child *c, struct tunnel_record *out);

/* Ends it, and reaps. */
void tunnel_child_finish(struct tunnel_child *c);
