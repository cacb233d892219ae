/* Single capabilities of a device (enum wire_cap) in words, by one table. */
#pragma once

#include "common/base/macros.h"

#include <jansson.h>
#include <stdint.h>

/* Of CAPS_WORDS and its end. */
#define CAPS_LIST_MAX_BYTES 256

/* "+sound" adds, "-input" takes. -EINVAL: neither, or a capability that this version does not carry
 * out. */
int caps_apply(uint32_t *caps, const char *change) MUST_CHECK;

/* What caps_apply takes: "see, input, ...". */
void caps_list(char out[static CAPS_LIST_MAX_BYTES]);

/* An array of words: what the device may do and this version can. */
json_t *caps_json(uint32_t caps);

/* One line a capability of this version: yes or no. */
void caps_print(uint32_t caps);
