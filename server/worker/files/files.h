/*
 * Files of the session's user, at the worker's end: an order of the client goes to the supervisor,
 * which starts a farseat-files for it (ARCHITECTURE.md, D-FILES); from then on messages are handed on
 * between the two. The worker reads no file, and cannot: it has neither a path nor a descriptor.
 */
#pragma once

#include "common/peer/transfers.h"
#include "server/worker/channel/channel.h"

/* An order of the client, and from then on its transfer. */
struct files_order {
	bool used;
	bool asked; /* the supervisor has not answered yet */
	uint8_t transfer;
	uint32_t caps;
	uint8_t *message; /* owned: the order, encoded, while it is asked for */
	size_t len;
};

struct files {
	struct worker_host *host; /* borrowed */
	struct transfers transfers;
	struct files_order orders[WIRE_FILE_TRANSFERS_MAX];
	bool agreed; /* the client knows of files */
	bool lends;  /* and of files that are lent */
};

extern const struct worker_channel files_channel;

void files_init(struct files *f, struct worker_host *host);

/* The supervisor's answer; takes fd over, -1 where fault says why there is none. An answer that
 * nobody waits for is dropped. */
void files_answer(struct files *f, uint8_t transfer, enum wire_file_fault fault, int fd);
