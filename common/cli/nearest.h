/* "Did you mean": of several words the one that a mistyped word is nearest to. */
#pragma once

#include "common/base/macros.h"

#include <stddef.h>

struct nearest {
	const char *word; /* what was typed; borrowed */
	size_t word_len;
	const char *best; /* the nearest of those offered so far, borrowed; NULL: none is near */
	size_t distance;  /* of best */
};

void nearest_init(struct nearest *n, const char *word, size_t len);

/*
 * Offers a word. It counts as near when a third of the typed letters or fewer were added, left
 * out, changed or swapped with their neighbour; of words that are equally near the first one stays.
 */
void nearest_offer(struct nearest *n, const char *candidate);
