/*
 * Keeps the server's key and those of its tickets: a worker, which reads the network, has neither
 * and asks for what needs them, while its handshake goes on and as often as one handshake needs.
 */
#pragma once

#include "server/supervisor/worker_child.h"

/* Answers with KEPT, empty where it is refused. */
void keeper_answer(struct worker_child *w, const struct record_keeper_ask *ask);
