/*
 * Turns what the person does into input messages: counts serials, remembers what is pressed so that
 * it can be released, lets the newest pointer position win over older ones that were not sent yet,
 * and never loses a key-up. farseat; no window system here.
 */
#pragma once

#include "common/wire/messages.h"

#define CONTROLS_EVDEV_MAX 768 /* KEY_MAX of linux/input-event-codes.h, rounded up */

/* Sends a message; false when it could not. */
typedef bool (*controls_send_fn)(void *user, const struct wire_message *message);
/* The next serial. answered: the screen should answer the input, as it does for all but motion. */
typedef uint32_t (*controls_serial_fn)(void *user, bool answered);

struct controls {
	controls_send_fn send;
	controls_serial_fn serial;
	void *user;
	bool disabled; /* --view-only, or the device may only see: nothing is sent */
	bool physical; /* --keys physical */
	uint32_t pressed
		[CONTROLS_EVDEV_MAX]; /* keysym that went out with the press, | PRESSED_MARK */
	uint32_t buttons;             /* bit a button */
	bool moved;                   /* a position waits */
	uint16_t x_px, y_px;
	float wheel_x, wheel_y; /* parts of 1/120 notch that are left over */
};

void controls_init(
	struct controls *c, controls_send_fn send, controls_serial_fn serial, void *user);

/*
 * A key by its physical code (1 .. CONTROLS_EVDEV_MAX - 1); keysym may be 0. A press of a key that is
 * pressed is auto-repeat and goes out as another press.
 */
void controls_key(struct controls *c, uint16_t evdev, uint32_t keysym, bool down);

/* Brings Caps Lock and Num Lock in line where they differ (masks of WIRE_LED_*), by pressing them
 * there. */
void controls_locks(struct controls *c, uint8_t here, uint8_t there);

bool controls_any_key(const struct controls *c);

/* Releases what is_down says is up: its release went to somebody else. */
void controls_check(
	struct controls *c, bool (*is_down)(const void *user, uint16_t evdev), const void *user);

/* Composed text, cut into messages on characters' edges. */
void controls_text(struct controls *c, const char *utf8);

/* The pointer's position on the screen; goes out with controls_flush, or before the next other input.
 */
void controls_motion(struct controls *c, uint16_t x_px, uint16_t y_px);

/* X11 numbers: 1, 2, 3, 8, 9. */
void controls_button(struct controls *c, uint8_t button, bool down);

/* In notches: right and down positive. */
void controls_wheel(struct controls *c, float dx, float dy);

void controls_flush(struct controls *c);

/* Releases everything at the other end and forgets it here. */
void controls_release_all(struct controls *c);

/* Forgets without sending: the connection is gone, which releases there too. */
void controls_reset(struct controls *c);
