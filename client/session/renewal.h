/*
 * Renewing this laptop's certificate with a new key, inside a session (ARCHITECTURE.md, D-RENEWAL):
 * from two thirds of its life on by itself, or by `farseat renew`. farseat.
 */
#pragma once

#include "client/session/connection.h"

struct renewal {
	struct crypto_key *key; /* owned; while a request is out */
};

/* Whether a certificate with these dates is due at now_s. */
bool renewal_due_at(int64_t not_before_s, int64_t not_after_s, int64_t now_s);

/* Whether the stored certificate of w is due. */
bool renewal_due(const struct workstation *w);

/* Makes a key and sends the request. */
int renewal_start(struct renewal *r, struct connection *c) MUST_CHECK;

/* Takes RENEWED: checks and stores. 0 stored; -EBADMSG: not for our key or not by our CA; -ENOENT:
 * nothing was asked. */
int renewal_take(
	struct renewal *r, const struct workstation *w, const struct wire_renewed *m) MUST_CHECK;

void renewal_finish(struct renewal *r);
