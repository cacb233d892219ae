/* The clipboard at the link's end: contents of the laptop are converted here before they leave, those of
 * the workstation checked before the window has them (ARCHITECTURE.md, D-CLIPBOARD). */
#pragma once

#include "client/link/channel.h"
#include "common/clipboard/carrier.h"

struct link_clipboard {
	struct carrier carrier;
	bool agreed; /* both ends know the messages, and the window wants them */
};

/* When the session is open, and when the capabilities have changed. */
void link_clipboard_open(struct link *l);
void link_clipboard_caps(struct link *l);

/* A message of the window. -EPROTO: it cannot be one. */
int link_clipboard_from_ui(struct link *l, const struct wire_message *m) MUST_CHECK;

/* clipboard.c */
extern const struct link_channel link_clipboard_channel;
