/*
 * farseat-starter: a small process that the daemon starts before it confines itself, and that
 * starts what must not inherit that confinement: the agent, since a person's session does as it
 * likes, the signer, since the confinement hides the CA's key, farseat-files, which reaches the
 * person's files and confines itself to one folder of them, and farseat-sound, which speaks with the
 * session's sound server. It reads nothing but these packets, from the daemon alone. What runs in a
 * session was told it at its start, before the daemon heard of any client: a daemon that is taken over
 * later cannot have another command run.
 */
#pragma once

#include "common/ipc/channel.h"

/* How many farseat-files run at once, for all sessions together: four transfers of four laptops. */
#define STARTER_FILES_MAX 16
/* How many farseat-sound: one a session that is heard. */
#define STARTER_SOUND_MAX 16

/* A place for a process each. Those from STARTER_FILES on are farseat-files, those from STARTER_SOUND on
 * farseat-sound. */
enum starter_kind {
	STARTER_AGENT,
	STARTER_AGENT_WAYLAND,
	STARTER_SIGNER,
	STARTER_FILES,
	STARTER_SOUND = STARTER_FILES + STARTER_FILES_MAX,
	STARTER_KINDS = STARTER_SOUND + STARTER_SOUND_MAX,
};

enum starter_op {
	STARTER_START =
		1, /* daemon: with the descriptor that becomes its 3; ends one that still runs */
	STARTER_KILL = 2,  /* daemon */
	STARTER_ENDED = 3, /* starter: it was reaped, or could not be started (EXIT 127) */
	STARTER_EXTRA =
		4, /* daemon: with the descriptor that becomes the 4 of the next one started */
};

struct starter_packet {
	enum starter_op op;
	enum starter_kind kind;
	int32_t status; /* as waitpid's; of ENDED */
};

/* fd: as ipc_send. */
int starter_send(struct ipc_channel *c, const struct starter_packet *packet, int fd) MUST_CHECK;

/* 1, -EAGAIN, -EPIPE, -EPROTO; *fd as ipc_receive (closed on -EPROTO). */
int starter_receive(struct ipc_channel *c, struct starter_packet *out, int *fd) MUST_CHECK;
