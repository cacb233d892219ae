/* Single capabilities of a device (enum wire_cap) in words. */
#pragma once

#include "common/base/macros.h"

#include <jansson.h>
#include <stdint.h>

#define CAPS_WORDS                                                                                 \
	"+ or - with see, input, clipboard-in, clipboard-out, sound, files-in, files-out, resize"

/* "+sound" adds, "-input" takes. -EINVAL: neither. */
int caps_apply(uint32_t *caps, const char *change) MUST_CHECK;

/* An array of words. */
json_t *caps_json(uint32_t caps);

/* One line a capability: yes or no. */
void caps_print(uint32_t caps);
