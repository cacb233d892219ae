/*
 * The transfers of files of one connection, as farseat-worker and farseat-link have them: each is
 * an ipc channel to a farseat-files, between which and the other end messages are handed on. Both
 * are read as from strangers: every message is decoded, must be one of files, and of that transfer.
 *
 * What farseat-files sends waits in its socket until the connection has room for it, one message
 * apart, so that nothing of it goes before a key press or a picture; the window says how much may be
 * under way (transfer_window.h). What comes for it is bounded by the window of the other end: a
 * process that does not read while more is sent than its channel takes loses its transfer.
 */
#pragma once

#include "common/base/fd.h"
#include "common/base/transfer_window.h"
#include "common/ipc/records_files.h"
#include "common/peer/peer.h"

/* Those that run, and as many whose farseat-files is about to exit. */
#define TRANSFERS_PLACES (2 * WIRE_FILE_TRANSFERS_MAX)

struct transfer {
	bool used;
	uint8_t number;
	bool over; /* CLOSE or STOP was said: it waits for its process to exit */
	struct ipc_channel channel;
	/* A message of the process that has no room yet: a view into the channel's packet. */
	struct record_blob waiting;
	bool waiting_small; /* it belongs to PEER_CONTROL */
	bool counted;       /* it counts as under way */
	struct transfer_window window;
};

struct transfers {
	struct peer *peer; /* borrowed */
	struct transfer at[TRANSFERS_PLACES];
	size_t turn; /* who is asked first when PEER_FILES may send */
	bool is_server;
};

/* Becomes the source of PEER_FILES. */
void transfers_init(struct transfers *t, struct peer *peer, bool is_server);
/* Closes all of them; the other end is told nothing. */
void transfers_finish(struct transfers *t);

/* Of those that run. */
bool transfers_has(const struct transfers *t, uint8_t number);
unsigned transfers_running(const struct transfers *t);

/* Takes fd over, the channel to a farseat-files (also on failure). -EEXIST: the number is taken;
 * -EBUSY: there are WIRE_FILE_TRANSFERS_MAX already; -ENOMEM. */
int transfers_add(struct transfers *t, uint8_t number, int fd) MUST_CHECK;

/* Which transfer a message of files is of. */
uint8_t transfers_number(const struct wire_message *m);
/* Whether it orders files to be lent, which both ends must know (WIRE_FILE_LENT). */
bool transfers_lends(const struct wire_message *m);

/* Hands a message of the other end to its process. One for a transfer that does not run is dropped:
 * it may have been on its way when that ended. */
void transfers_take(struct transfers *t, const struct wire_message *m);

/* Tells the process alone that its transfer ends: the other end knows nothing of it yet. */
void transfers_refuse(struct transfers *t, uint8_t number, enum wire_file_fault fault);

/* Tells the other end that a transfer has ended, or does not begin: -E2BIG and the like as
 * peer_send. Its process, if there is one, is told, too. */
int transfers_stop(struct transfers *t, uint8_t number, enum wire_file_fault fault) MUST_CHECK;

/* What to wait for, one entry a place. */
void transfers_poll(const struct transfers *t, struct fd_poll out[static TRANSFERS_PLACES]);

/* Sends and reads what can be now; call it in each turn of the loop before peer_flush. An error of
 * peer_send ends the connection. */
int transfers_step(struct transfers *t) MUST_CHECK;
