/*
 * The session's layout, asked backwards: which key, with which modifiers and in which group, gives
 * this keysym. Every answer is tried on xkbcommon's model of the keyboard before it is given. Knows
 * no X connection.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>
#include <xkbcommon/xkbcommon.h>

/* What the keyboard is in now. Masks are xkbcommon's. */
struct keymap_state {
	uint32_t held;   /* modifiers held down by keys */
	uint32_t locked; /* Caps Lock, Num Lock, ... */
	uint32_t group;
};

struct keymap_hit {
	uint8_t keycode;
	uint32_t group;   /* to be in when it is pressed */
	uint32_t press;   /* modifiers to press around it */
	uint32_t release; /* held modifiers to let go around it */
};

#define KEYMAP_KEYCODES 256

struct keymap;

/* Takes its own reference of xkb. -ENOMEM. */
int keymap_create(struct keymap **out, struct xkb_keymap *xkb) MUST_CHECK;
void keymap_destroy(struct keymap *m);

/*
 * Looks for keysym; among equal ways the one on the key preferred (0 none) wins. With Ctrl, Alt or
 * Super held a letter is looked for regardless of Caps Lock, and Shift stays as it is held.
 * -ENOENT: this layout cannot type it.
 */
int keymap_find(struct keymap *m, uint32_t keysym, uint8_t preferred,
	const struct keymap_state *state, struct keymap_hit *hit) MUST_CHECK;

/* The modifiers that the key holds while it is down; 0: it is no modifier. */
uint32_t keymap_held_by(const struct keymap *m, uint8_t keycode);

/* Holds or locks something: such a key is not repeated. */
bool keymap_is_modifier(const struct keymap *m, uint8_t keycode);

/* A key that holds just this one modifier (bits of press above), or 0. */
uint8_t keymap_key_for(const struct keymap *m, uint32_t modifier);

/* Ctrl, Alt or Super: what turns keys into shortcuts. */
uint32_t keymap_shortcut_mask(const struct keymap *m);

/* What to press and to let go around a key of two levels, lower and upper case, to get that case. */
void keymap_choose_case(
	const struct keymap *m, bool upper, const struct keymap_state *now, struct keymap_hit *hit);

/* Keycodes that mean nothing; at most max of them, from the highest down. Returns how many. */
size_t keymap_spares(const struct keymap *m, uint8_t *out, size_t max);
