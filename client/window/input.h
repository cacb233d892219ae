/*
 * Turns what the person does into input messages: counts serials, remembers what is pressed so that
 * it can be released, lets the newest pointer position win over older ones that were not sent yet,
 * and never loses a key-up. farseat; no window system here.
 */
#pragma once

#include "common/wire/messages.h"

#define INPUT_EVDEV_MAX 768 /* KEY_MAX of linux/input-event-codes.h, rounded up */

/* Sends a message; false when it could not. */
typedef bool (*input_send_fn)(void *user, const struct wire_message *message);
/* The next serial; told of inputs that the screen should answer (not of motion). */
typedef uint32_t (*input_serial_fn)(void *user, bool answered);

struct input {
	input_send_fn send;
	input_serial_fn serial;
	void *user;
	bool disabled; /* --view-only, or the device may only see: nothing is sent */
	bool physical; /* --keys physical */
	uint32_t pressed[INPUT_EVDEV_MAX]; /* keysym that went out with the press, | PRESSED_MARK */
	uint32_t buttons;                  /* bit a button */
	bool moved;                        /* a position waits */
	uint16_t x_px, y_px;
	float wheel_x, wheel_y; /* parts of 1/120 notch that are left over */
};

void input_init(struct input *i, input_send_fn send, input_serial_fn serial, void *user);

/* A key by its physical code (1 .. INPUT_EVDEV_MAX - 1); keysym may be 0. A press while pressed is
 * auto-repeat and goes out as another press. */
void input_key(struct input *i, uint16_t evdev, uint32_t keysym, bool down);

/* Composed text, cut into messages on characters' edges. */
void input_text(struct input *i, const char *utf8);

/* The pointer's position on the screen; goes out with input_flush, or before the next other input.
 */
void input_motion(struct input *i, uint16_t x_px, uint16_t y_px);

/* X11 numbers: 1, 2, 3, 8, 9. */
void input_button(struct input *i, uint8_t button, bool down);

/* In notches: right and down positive. */
void input_wheel(struct input *i, float dx, float dy);

void input_flush(struct input *i);

/* Releases everything at the other end and forgets it here. */
void input_release_all(struct input *i);

/* Forgets without sending: the connection is gone, which releases there too. */
void input_reset(struct input *i);

bool input_anything_pressed(const struct input *i);
