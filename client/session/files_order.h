/*
 * What an order of files says: which names the person's paths have at the other end, and the message
 * that begins a transfer. For `farseat cp` and the window alike; nothing is opened here.
 */
#pragma once

#include "common/wire/messages.h"

/* The last name of a path, without slashes at its end: *name points into path. Returns its length; 0:
 * there is none. */
size_t files_order_last_name(const char *path, const char **name);

/* How the other end is to call what lies at path, with its end. -EINVAL: it has no name to be called
 * by: it is "/", "." or the like, or longer than a name may be. */
int files_order_name(const char *path, char out[static WIRE_FILE_NAME_MAX_BYTES + 1]) MUST_CHECK;

/* FILE_PUT or FILE_GET; path is borrowed by the message. */
struct wire_message files_order(
	enum wire_type type, uint8_t transfer, const char *path, uint8_t flags);
