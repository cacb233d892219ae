/* Lines exactly as registry_format.h writes them, scanned without a JSON library. Internal. */
#pragma once

#include "server/registry/registry.h"

/* The second is the first with a journal (registry_journal.h), which who does not know it must not
 * overlook. */
#define REGISTRY_FORMAT_VERSION   1
#define REGISTRY_FORMAT_JOURNALED 2
/* The first line holds the server's names and numbers, and ends with a comma. */
#define REGISTRY_HEAD_MAX_BYTES 1024
/* The lines around the lists. */
#define REGISTRY_LINE_DEVICES " \"devices\": ["
#define REGISTRY_LINE_BETWEEN "], \"invitations\": ["
#define REGISTRY_LINE_LAST    "]}"

extern const char *const registry_state_names[REGISTRY_WITHDRAWN + 1];

/* false: it is written otherwise, or wrong; nothing is said about which. */
bool registry_scan_device(const char *text, size_t len, struct registry_device *out);
bool registry_scan_invitation(const char *text, size_t len, struct registry_invitation *out);
