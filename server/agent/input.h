/*
 * Input of several workers for one keyboard and one pointer: what each of them holds down, and what
 * a key that was meant becomes on this session's layout. Talks to the display by a few functions,
 * so that it is tested without one.
 */
#pragma once

#include "common/wire/messages.h"
#include "server/agent/keymap.h"
#include "server/agent/spares.h"
#include "server/agent/wheel.h"

/* What a display's input is able to, beside keys by keycode, buttons and places. */
enum input_can {
	INPUT_CAN_BIND = 1 << 0,       /* a keycode may be lent to any keysym */
	INPUT_CAN_LOCK_GROUP = 1 << 1, /* another group of the layout may be chosen */
	INPUT_CAN_MOTION_BY = 1 << 2,  /* relative motion */
	INPUT_CAN_FINE_WHEEL = 1 << 3, /* parts of a notch; else buttons 4 to 7 turn the wheel */
	INPUT_CAN_UNLATCH = 1 << 4,    /* it may latch modifiers by itself (sticky keys) */
};

/* How the display is told; x and y are on the screen. Nothing here waits for an answer. */
struct input_sink {
	unsigned can; /* enum input_can; the functions for what it cannot are not called */
	void (*key)(void *display, uint8_t keycode, bool down);
	void (*button)(void *display, uint8_t button, bool down);
	void (*motion)(void *display, uint16_t x_px, uint16_t y_px);
	void (*motion_by)(void *display, int16_t dx_px, int16_t dy_px);
	void (*lock_group)(void *display, uint32_t group);
	/* What the keycode gives without Shift, and with it. */
	void (*bind)(void *display, uint8_t keycode, uint32_t plain, uint32_t shifted);
	void (*wheel)(void *display, int16_t dx, int16_t dy); /* WHEEL_NOTCH a notch */
	/* Takes latches of these real modifiers back. */
	void (*unlatch)(void *display, uint8_t modifiers);
};

struct input {
	const struct input_sink *sink;
	void *display;         /* borrowed */
	struct keymap *keymap; /* owned; NULL: keys are physical only */
	struct spares spares;
	uint32_t locked, group; /* of the keyboard, as the display told last */
	/* Modifiers of held keys that were let go and taken again around another key. */
	uint32_t taken_again;
	uint16_t width_px, height_px;
	uint16_t held[KEYMAP_KEYCODES]; /* how many hold each key; of all workers */
	uint16_t buttons[10];
};

#define INPUT_KEYS_MAX 64 /* more fingers than anybody has; a press beyond it is dropped */

/* What one worker holds. Zeroed is right to begin with. */
struct input_holder {
	struct {
		uint16_t evdev;
		uint32_t keysym;
		uint8_t keycode; /* 0: free */
	} keys[INPUT_KEYS_MAX];
	uint32_t buttons; /* bit: button's number */
	struct wheel wheel;
};

void input_init(struct input *in, const struct input_sink *sink, void *display);
void input_finish(struct input *in);

/* A new layout; m is taken over. Keys that are held stay held. */
void input_set_keymap(struct input *in, struct keymap *m);

/*
 * 0, or -EAGAIN: nothing was done, because no spare keycode has rested; try again SPARES_REST_MS
 * later.
 */
int input_key(struct input *in, struct input_holder *h, const struct wire_key *key,
	uint64_t now_ms) MUST_CHECK;

/* Types clean UTF-8 from *done on; *done moves on. 0 when all is typed, else -EAGAIN as above. */
int input_text(struct input *in, const uint8_t *utf8, size_t len, size_t *done,
	uint64_t now_ms) MUST_CHECK;

void input_pointer(struct input *in, const struct wire_pointer *pointer);
void input_pointer_by(struct input *in, const struct wire_pointer_by *by);
void input_button(struct input *in, struct input_holder *h, const struct wire_button *button);
void input_wheel(struct input *in, struct input_holder *h, const struct wire_wheel *wheel);

/* Lets go of all that this worker holds, and of no other's. */
void input_release_all(struct input *in, struct input_holder *h);
