/*
 * Keycodes without a meaning in the session's layout, lent to keysyms that have no key there. The
 * one used longest ago is lent again, but not before it has rested: programs read the new meaning
 * some time after the key.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

#define SPARES_MAX 32
/* A program has read the key map anew by then: GTK, Qt and Xlib do it when they read the notice,
 * before later keys. */
#define SPARES_REST_MS 150

struct spare {
	uint8_t keycode;
	uint32_t keysym; /* 0: none yet */
	uint64_t used_ms;
};

struct spares {
	struct spare list[SPARES_MAX];
	size_t count;
};

void spares_init(struct spares *s, const uint8_t *keycodes, size_t count);

/* All keycodes were taken back. */
void spares_forget(struct spares *s);

/*
 * The keycode for keysym. 0: it has it already; 1: it was lent now and must be bound before use;
 * -EAGAIN: all were used too shortly ago; -ENOENT: there is none.
 */
int spares_take(struct spares *s, uint32_t keysym, uint64_t now_ms, uint8_t *keycode) MUST_CHECK;

/* Whether the keysym may be bound at all: those that stop the server or change consoles may not. */
bool spares_may_bind(uint32_t keysym);
