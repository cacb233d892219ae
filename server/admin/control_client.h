/* Asks the daemon through its control socket: one JSON object a line, there and back. */
#pragma once

#include "common/base/macros.h"

#include <jansson.h>

/*
 * Sends request (taken over) and waits for the answer. 0: *reply is the caller's, and it says ok;
 * -ECONNREFUSED: no daemon runs; -EREMOTEIO: it answered that it cannot, *reply is there too;
 * -ETIMEDOUT, -EPROTO and others, *reply is NULL.
 */
int control_ask(json_t *request, json_t **reply) MUST_CHECK;

/* The same of the system's daemon, by the socket of those who may only read ([server] admin_group).
 * -EPERM: it let this user go. */
int control_ask_system(json_t *request, json_t **reply) MUST_CHECK;

/* A text of an object; "" where there is none. Lives as long as object. */
const char *control_text(const json_t *object, const char *key);

/* What the reply says went wrong. Lives as long as reply. */
const char *control_error(const json_t *reply);
