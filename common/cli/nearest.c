#include "common/cli/nearest.h"

#include <stdint.h>
#include <string.h>

/* Longer words are no slips of a command, an option or a workstation's name. */
#define WORD_MAX_BYTES 64

void nearest_init(struct nearest *n, const char *word, size_t len)
{
	*n = (struct nearest){ .word = word, .word_len = len, .distance = SIZE_MAX };
}

/* Edits between two words; a swap of neighbours is one (optimal string alignment). */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][WORD_MAX_BYTES + 1] = { 0 };
	size_t *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
			best = MIN(best, last[j] + 1);
			best = MIN(best, row[j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = MIN(best, before[j - 2] + 1);
			row[j] = best;
		}
		size_t *unused = before;
		before = last;
		last = row;
		row = unused;
	}
	return last[b_len];
}

void nearest_offer(struct nearest *n, const char *candidate)
{
	size_t len = strlen(candidate);

	if (n->word_len > WORD_MAX_BYTES || len > WORD_MAX_BYTES)
		return;
	size_t edits = distance(n->word, n->word_len, candidate, len);
	if (edits <= n->word_len / 3 && edits < n->distance) {
		n->best = candidate;
		n->distance = edits;
	}
}
