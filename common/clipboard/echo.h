/*
 * What was carried last, so that it is known when another program carries it back at once: a second
 * remote desktop or a clipboard manager that takes what it has seen (ARCHITECTURE.md, D-CLIPBOARD).
 * Its length and hash (XXH3) are remembered, not the text. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct XXH3_state_s;

/* A hash that is being made. */
struct echo_hash {
	struct XXH3_state_s *state; /* owned; NULL: not begun, or there was no memory */
	uint64_t bytes;
};
void echo_hash_begin(struct echo_hash *h);
void echo_hash_add(struct echo_hash *h, const uint8_t *bytes, size_t len);
/* Frees; a zeroed one is fine. */
void echo_hash_finish(struct echo_hash *h);

struct echo {
	bool known;
	uint64_t bytes, hash, at_ms;
};

/* That text was carried. Nothing where the hash could not be made. */
void echo_note(struct echo *e, const struct echo_hash *h, uint64_t now_ms);
/* Whether a new owner may be the echo by its time. */
bool echo_possible(const struct echo *e, uint64_t now_ms);
bool echo_is(const struct echo *e, const struct echo_hash *h);
