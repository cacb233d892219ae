/* The section [clipboard] of farseat.conf: what the administrator lets cross of it. */
#pragma once

#include "common/ipc/records_worker.h"

#include <stdbool.h>
#include <stdint.h>

struct settings_clipboard {
	uint32_t caps; /* WIRE_CAP_CLIPBOARD_*: of no device more than these */
	struct record_clipboard_rules rules;
	bool history; /* the workstation's clipboard managers may keep what laptops copied */
};

/* All of it, and no history. */
extern const struct settings_clipboard settings_clipboard_default;

/* config_take_fn; each for the field of its name, the sizes for the whole struct. */
const char *settings_clipboard_take_directions(void *caps, const char *value);
const char *settings_clipboard_take_kinds(void *kinds, const char *value);
const char *settings_clipboard_take_max_text(void *clipboard, const char *value);
const char *settings_clipboard_take_max_png(void *clipboard, const char *value);
