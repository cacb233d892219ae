/* The handlers of requests.c's table that have files of their own, and what these share. */
#pragma once

#include "server/supervisor/requests.h"
#include "server/supervisor/supervisor.h"

/* As dispatch calls them (common/ipc/dispatch.h); the owner is the struct worker_child. */
int requests_peer(void *owner, const void *body, int *fd);
int requests_admit(void *owner, const void *body, int *fd);
int requests_keeper(void *owner, const void *body, int *fd);
int requests_handshake(void *owner, const void *body, int *fd);
int requests_proof(void *owner, const void *body, int *fd);
int requests_enroll(void *owner, const void *body, int *fd);
int requests_renew(void *owner, const void *body, int *fd);

/* What the registry says of a certificate: CRYPTO_OK admits. */
enum crypto_fault requests_judge(
	const struct supervisor *s, bool invitation, const uint8_t fingerprint[static 32]);

/* It is good once. A phase that needs one comes only once, too. */
void requests_take_nonce(struct worker_child *w, uint8_t out[static WIRE_NONCE_BYTES]);

/* Counts and logs a refusal; detail may be empty. */
void requests_refuse(struct worker_child *w, const char *why, const char *detail);

/* Refuses, says so to the worker, and ends it: code is of enum wire_goodbye_code. */
void requests_deny(struct worker_child *w, uint16_t code, const char *reason);
