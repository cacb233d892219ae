/* The registry's devices as programs get them: by farseatctl clients --json, and by farseatd for those
 * who may only read. */
#pragma once

#include "server/registry/registry.h"

#include <jansson.h>

/* "active", "revoked", "expired". */
const char *registry_device_state(const struct registry_device *d, int64_t now_s);

/* NULL: no memory. */
json_t *registry_device_json(const struct registry_device *d, int64_t now_s);
