/* The clipboard at the worker's end: contents of the workstation are converted here before they leave,
 * those of the laptop checked before the agent has them (ARCHITECTURE.md, D-CLIPBOARD). */
#pragma once

#include "common/clipboard/carrier.h"
#include "server/worker/channel/channel.h"

struct clipboard {
	const struct worker_host *host; /* borrowed */
	struct carrier carrier;
	struct carrier_rules allowed; /* by the configuration */
	uint32_t caps;
	bool agreed;     /* both ends know the messages */
	bool lends;      /* and of files that are lent */
	bool tell_agent; /* another agent: it does not know yet what the client has */
};

void clipboard_init(struct clipboard *c, const struct worker_host *host);
/* What the configuration allows (record_worker_config); sizes are cut to the protocol's. */
void clipboard_configure(struct clipboard *c, const struct record_clipboard_rules *rules);

extern const struct worker_channel clipboard_channel;
