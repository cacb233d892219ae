/*
 * What the other end must take for held by this window: keys by their evdev code, and buttons. It
 * decides about heartbeats (ARCHITECTURE.md, D-RELEASE) and about repeats.
 */
#pragma once

#include "common/wire/messages.h"

/* Codes of WIRE_KEY are below (messages_input.c). */
#define PRESSED_EVDEV_MAX 768

struct pressed {
	uint8_t keys[PRESSED_EVDEV_MAX / 8];
	unsigned key_count;
	uint32_t buttons;
};

/* Follows a message that the window sends. true: a key that was down already, an auto-repeat. */
bool pressed_follow(struct pressed *p, const struct wire_message *m);

bool pressed_any(const struct pressed *p);
