#include "client/window/controls.h"

#include "common/base/utf8.h"

#include <linux/input-event-codes.h>
#include <math.h>
#include <string.h>
#include <xkbcommon/xkbcommon-keysyms.h>

/* No keysym uses the highest bit (X11 protocol, appendix A: 29 bits). */
#define PRESSED_MARK 0x80000000U

void controls_init(struct controls *c, controls_send_fn send, controls_serial_fn serial, void *user)
{
	memset(c, 0, sizeof(*c));
	c->send = send;
	c->serial = serial;
	c->user = user;
}

static bool send_motion(struct controls *c)
{
	struct wire_message m = { .type = WIRE_POINTER };

	c->moved = false;
	m.pointer.serial = c->serial(c->user, false);
	m.pointer.x_px = c->x_px;
	m.pointer.y_px = c->y_px;
	return c->send(c->user, &m);
}

void controls_flush(struct controls *c)
{
	if (c->moved && !c->disabled)
		send_motion(c);
}

void controls_motion(struct controls *c, uint16_t x_px, uint16_t y_px)
{
	c->moved = true;
	c->x_px = x_px;
	c->y_px = y_px;
}

void controls_key(struct controls *c, uint16_t evdev, uint32_t keysym, bool down)
{
	struct wire_message m = { .type = WIRE_KEY };

	if (c->disabled || evdev == 0 || evdev >= CONTROLS_EVDEV_MAX)
		return;
	if (!down && c->pressed[evdev] == 0)
		return; /* its press was ours to handle, or went to another window */
	/* Released as it was pressed, even when a modifier changed meanwhile; a repeat keeps its
	 * meaning too. */
	if (c->pressed[evdev] != 0)
		keysym = c->pressed[evdev] & ~PRESSED_MARK;
	c->pressed[evdev] = down ? (keysym | PRESSED_MARK) : 0;
	controls_flush(c);
	m.key.serial = c->serial(c->user, down);
	m.key.evdev = evdev;
	m.key.keysym = keysym;
	m.key.down = down;
	m.key.physical = c->physical;
	c->send(c->user, &m);
}

bool controls_any_key(const struct controls *c)
{
	for (size_t evdev = 0; evdev < CONTROLS_EVDEV_MAX; evdev++)
		if (c->pressed[evdev])
			return true;
	return false;
}

void controls_check(
	struct controls *c, bool (*is_down)(const void *user, uint16_t evdev), const void *user)
{
	for (uint16_t evdev = 0; evdev < CONTROLS_EVDEV_MAX; evdev++)
		if (c->pressed[evdev] && !is_down(user, evdev))
			controls_key(c, evdev, 0, false);
}

void controls_text(struct controls *c, const char *utf8)
{
	if (c->disabled)
		return;
	controls_flush(c);
	while (*utf8) {
		const char *end = utf8;
		for (const char *next = end;
			utf8_next(&next) && next - utf8 <= WIRE_TEXT_INPUT_MAX_BYTES;)
			end = next;
		if (end == utf8)
			return; /* not UTF-8 */
		struct wire_message m = { .type = WIRE_TEXT };
		m.text.serial = c->serial(c->user, true);
		m.text.utf8 = (const uint8_t *)utf8;
		m.text.len = (size_t)(end - utf8);
		c->send(c->user, &m);
		utf8 = end;
	}
}

void controls_button(struct controls *c, uint8_t button, bool down)
{
	struct wire_message m = { .type = WIRE_BUTTON };
	uint32_t bit = 1U << (button & 31);

	if (c->disabled || (!down && !(c->buttons & bit)))
		return;
	controls_flush(c);
	c->buttons = down ? c->buttons | bit : c->buttons & ~bit;
	m.button.serial = c->serial(c->user, true);
	m.button.button = button;
	m.button.down = down;
	c->send(c->user, &m);
}

/* Whole 1/120 notches of what has gathered; the rest stays. */
static int16_t take_notches(float *left)
{
	float whole = truncf(*left);

	whole = fmaxf(fminf(whole, INT16_MAX), INT16_MIN);
	*left -= whole;
	return (int16_t)whole;
}

void controls_wheel(struct controls *c, float dx, float dy)
{
	struct wire_message m = { .type = WIRE_WHEEL };

	if (c->disabled)
		return;
	c->wheel_x += dx * 120;
	c->wheel_y += dy * 120;
	m.wheel.dx = take_notches(&c->wheel_x);
	m.wheel.dy = take_notches(&c->wheel_y);
	if (m.wheel.dx == 0 && m.wheel.dy == 0)
		return;
	controls_flush(c);
	m.wheel.serial = c->serial(c->user, true);
	c->send(c->user, &m);
}

void controls_locks(struct controls *c, uint8_t here, uint8_t there)
{
	static const struct {
		uint8_t led;
		uint16_t evdev;
		uint32_t keysym;
	} locks[] = {
		{ WIRE_LED_CAPS, KEY_CAPSLOCK, XKB_KEY_Caps_Lock },
		{ WIRE_LED_NUM, KEY_NUMLOCK, XKB_KEY_Num_Lock },
	};

	for (size_t i = 0; i < ARRAY_LEN(locks); i++) {
		if (!((here ^ there) & locks[i].led) || c->pressed[locks[i].evdev])
			continue;
		controls_key(c, locks[i].evdev, locks[i].keysym, true);
		controls_key(c, locks[i].evdev, locks[i].keysym, false);
	}
}

void controls_reset(struct controls *c)
{
	memset(c->pressed, 0, sizeof(c->pressed));
	c->buttons = 0;
	c->moved = false;
	c->wheel_x = 0;
	c->wheel_y = 0;
}

void controls_release_all(struct controls *c)
{
	struct wire_message m = { .type = WIRE_RELEASE_ALL };

	if (!c->disabled) {
		controls_flush(c);
		m.release_all.serial = c->serial(c->user, false);
		c->send(c->user, &m);
	}
	controls_reset(c);
}
