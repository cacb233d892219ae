/*
 * farseatd: listens, owns registry and policy, starts and ends the others. One loop, one thread. It
 * parses no byte of the network: a client's socket goes to a worker unread, and what comes back are
 * fixed records.
 *
 * Each part has a file with its struct, and is the only one that changes it; struct supervisor puts
 * them together.
 */
#pragma once

#include "server/registry/identity.h"
#include "server/registry/registry.h"
#include "server/registry/settings.h"
#include "server/registry/start_failure.h"
#include "server/supervisor/agents.h"
#include "server/supervisor/choice.h"
#include "server/supervisor/control.h"
#include "server/supervisor/files.h"
#include "server/supervisor/keeper.h"
#include "server/supervisor/limiter.h"
#include "server/supervisor/listeners.h"
#include "server/supervisor/places.h"
#include "server/supervisor/refusals.h"
#include "server/supervisor/relay.h"
#include "server/supervisor/requests.h"
#include "server/supervisor/signers.h"
#include "server/supervisor/sound.h"
#include "server/supervisor/starters.h"
#include "server/supervisor/tickets.h"
#include "server/supervisor/upkeep.h"
#include "server/supervisor/watch.h"
#include "server/supervisor/workers.h"

/* What the next client is told in WELCOME: which device was here last, and how many connections
 * were refused. */
struct visits {
	uint32_t refused; /* since our start */
	bool has_device;
	char device[REGISTRY_NAME_MAX_BYTES];
	int64_t device_s;
};

struct supervisor {
	uv_loop_t loop;
	struct settings settings;
	const char *settings_path; /* given by the person, or NULL */
	struct registry registry;
	struct identity identity;
	struct limiter limiter;
	struct visits visits;
	struct refusals refusals;
	struct tickets tickets;
	struct upkeep upkeep;
	struct workers workers;
	struct starters starters;
	struct choice choice;
	struct agent_child agent;
	struct signer_child signer;
	struct files_child files[STARTER_FILES_MAX];
	struct sound_child sounds[STARTER_SOUND_MAX];
	struct relay relay;
	struct listeners listeners;
	struct control *control; /* owned */
	struct registry_watch watch;
	uv_signal_t signals[4];
	bool stopping;
	bool failed;                               /* stops because it cannot go on */
	char start_error[START_FAILURE_MAX_BYTES]; /* the last one that was logged */
	int lock_fd;                               /* one daemon for each runtime folder */
};

/* Reads the registry again and applies it. Returns how many sessions ended, or -errno (then the old
 * one stays in force). */
int supervisor_reload(struct supervisor *s);

/* Reads the configuration again: what may change while we run. */
void supervisor_reload_settings(struct supervisor *s);

/* Ends everybody and then the loop. */
void supervisor_stop(struct supervisor *s);
