/*
 * When each device was last seen: a file a device in the state folder, named by its id, whose time
 * is that. There is a word in it once the device has bound its second proof to a connection
 * (ARCHITECTURE.md, D-SECOND-PROOF). The registry is not rewritten for it, and a backup does not need
 * it.
 */
#pragma once

#include "common/base/macros.h"
#include "common/base/paths.h"

#include <stdbool.h>
#include <stdint.h>

/* The folder, which farseatd makes at its start. */
int seen_folder(char out[static PATH_MAX]) MUST_CHECK;

/* The device is here now. A failure is logged: nobody is kept out by it. */
void seen_note(const char *device_id);

/* The device has bound its proof; after seen_note. A failure is logged. */
void seen_mark_bound(const char *device_id);
bool seen_is_bound(const char *device_id);

/* Seconds since 1970; 0: never. */
int64_t seen_when(const char *device_id);
