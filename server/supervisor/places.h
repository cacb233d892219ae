/* Which sessions there is room for: no device shuts another one out. */
#pragma once

#include "server/registry/registry.h"

struct supervisor;

/* Sessions of one device at once: a window, copies of files and scripts beside it. */
#define PLACES_OF_DEVICE_MAX 8

/*
 * Makes room for one more session of d. Where it has its share already, or there is no place left, its
 * own oldest session ends. The last place of all is kept for a device that may type. NULL: there
 * is room; else why there is none.
 */
const char *places_take(struct supervisor *s, const struct registry_device *d);
