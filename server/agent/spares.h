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
/* A program that is not held up has read the key map anew by then: GTK, Qt and Xlib do it when they
 * read the notice, before later keys. A program that is busy for longer finds another character. */
#define SPARES_REST_MS 300
/* Nobody types any more: a keycode goes back that much after its last key, since a program that has
 * the key still before it would find nothing. */
#define SPARES_KEEP_MS 2000

struct spare {
	uint8_t keycode;
	uint32_t keysym; /* 0: none yet */
	uint64_t used_ms;
};

struct spares {
	struct spare list[SPARES_MAX];
	size_t count;
};

/* These keycodes are free in the layout now; those that are lent stay, with them. Zeroed: none yet. */
void spares_renew(struct spares *s, const uint8_t *keycodes, size_t count);

/* All keycodes were taken back. */
void spares_forget(struct spares *s);

/* When one that is lent was used last; 0: none is lent. */
uint64_t spares_used_ms(const struct spares *s);

/*
 * The keycode for keysym. 0: it has it already; 1: it was lent now and must be bound before use;
 * -EAGAIN: all were used too shortly ago; -ENOENT: there is none.
 */
int spares_take(struct spares *s, uint32_t keysym, uint64_t now_ms, uint8_t *keycode) MUST_CHECK;

/* Whether the keysym may be bound at all: those that stop the server or change consoles may not. */
bool spares_may_bind(uint32_t keysym);
