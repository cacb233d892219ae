/*
 * Names and numbers of keys: SDL's physical keys as evdev codes, characters as keysyms, and chords
 * such as "ctrl+alt+t". farseat; tables only.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

#define KEYS_CHORD_MAX 8

/* The evdev code (linux/input-event-codes.h) of an SDL scancode; 0 none. */
uint16_t keys_evdev(unsigned sdl_scancode);

/* Whether it is that of any of them. */
bool keys_has_scancode(uint16_t evdev);

/*
 * The letter a to z that a key stands for in a shortcut of ours: its own, or, where the layout gives
 * another alphabet's, the one at that place of a US keyboard. 0: none.
 */
char keys_shortcut_letter(uint16_t evdev, uint32_t keysym);

/*
 * Reads "ctrl+alt+t": keysyms in the order to press them. Names as in X (xkb_keysym_from_name,
 * upper or lower case), one character, or the usual short ones (ctrl, alt, shift, super, altgr,
 * enter, esc, del, pgup ...); "+" alone or at the end is the plus key. Returns how many, or -EINVAL
 * (*bad then points to the part that is not known).
 */
int keys_parse_chord(
	const char *text, uint32_t keysyms[static KEYS_CHORD_MAX], const char **bad) MUST_CHECK;
