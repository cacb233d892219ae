#include "client/window/input.h"

#include "common/base/utf8.h"

#include <math.h>
#include <string.h>

#define PRESSED_MARK                                                                               \
	0x80000000U /* no keysym uses the highest bit (X11 protocol, appendix A: 29 bits) */

void input_init(struct input *i, input_send_fn send, input_serial_fn serial, void *user)
{
	memset(i, 0, sizeof(*i));
	i->send = send;
	i->serial = serial;
	i->user = user;
}

static bool send_motion(struct input *i)
{
	struct wire_message m = { .type = WIRE_POINTER };

	i->moved = false;
	m.pointer.serial = i->serial(i->user, false);
	m.pointer.x_px = i->x_px;
	m.pointer.y_px = i->y_px;
	return i->send(i->user, &m);
}

void input_flush(struct input *i)
{
	if (i->moved && !i->disabled)
		send_motion(i);
}

void input_motion(struct input *i, uint16_t x_px, uint16_t y_px)
{
	i->moved = true;
	i->x_px = x_px;
	i->y_px = y_px;
}

void input_key(struct input *i, uint16_t evdev, uint32_t keysym, bool down)
{
	struct wire_message m = { .type = WIRE_KEY };

	if (i->disabled || evdev == 0 || evdev >= INPUT_EVDEV_MAX)
		return;
	if (!down && i->pressed[evdev] == 0)
		return; /* its press was ours to handle, or went to another window */
	/* Released as it was pressed, even when a modifier changed meanwhile; a repeat keeps its
	 * meaning too. */
	if (i->pressed[evdev] != 0)
		keysym = i->pressed[evdev] & ~PRESSED_MARK;
	i->pressed[evdev] = down ? (keysym | PRESSED_MARK) : 0;
	input_flush(i);
	m.key.serial = i->serial(i->user, down);
	m.key.evdev = evdev;
	m.key.keysym = keysym;
	m.key.down = down;
	m.key.physical = i->physical;
	i->send(i->user, &m);
}

void input_text(struct input *i, const char *utf8)
{
	if (i->disabled)
		return;
	input_flush(i);
	while (*utf8) {
		const char *end = utf8;
		for (const char *next = end;
			utf8_next(&next) && next - utf8 <= WIRE_TEXT_INPUT_MAX_BYTES;)
			end = next;
		if (end == utf8)
			return; /* not UTF-8 */
		struct wire_message m = { .type = WIRE_TEXT };
		m.text.serial = i->serial(i->user, true);
		m.text.utf8 = (const uint8_t *)utf8;
		m.text.len = (size_t)(end - utf8);
		i->send(i->user, &m);
		utf8 = end;
	}
}

void input_button(struct input *i, uint8_t button, bool down)
{
	struct wire_message m = { .type = WIRE_BUTTON };
	uint32_t bit = 1U << (button & 31);

	if (i->disabled || (!down && !(i->buttons & bit)))
		return;
	input_flush(i);
	i->buttons = down ? i->buttons | bit : i->buttons & ~bit;
	m.button.serial = i->serial(i->user, true);
	m.button.button = button;
	m.button.down = down;
	i->send(i->user, &m);
}

/* Whole 1/120 notches of what has gathered; the rest stays. */
static int16_t take_notches(float *left)
{
	float whole = truncf(*left);

	whole = fmaxf(fminf(whole, INT16_MAX), INT16_MIN);
	*left -= whole;
	return (int16_t)whole;
}

void input_wheel(struct input *i, float dx, float dy)
{
	struct wire_message m = { .type = WIRE_WHEEL };

	if (i->disabled)
		return;
	i->wheel_x += dx * 120;
	i->wheel_y += dy * 120;
	m.wheel.dx = take_notches(&i->wheel_x);
	m.wheel.dy = take_notches(&i->wheel_y);
	if (m.wheel.dx == 0 && m.wheel.dy == 0)
		return;
	input_flush(i);
	m.wheel.serial = i->serial(i->user, true);
	i->send(i->user, &m);
}

void input_reset(struct input *i)
{
	memset(i->pressed, 0, sizeof(i->pressed));
	i->buttons = 0;
	i->moved = false;
	i->wheel_x = 0;
	i->wheel_y = 0;
}

bool input_anything_pressed(const struct input *i)
{
	if (i->buttons)
		return true;
	for (size_t k = 0; k < INPUT_EVDEV_MAX; k++)
		if (i->pressed[k])
			return true;
	return false;
}

void input_release_all(struct input *i)
{
	struct wire_message m = { .type = WIRE_RELEASE_ALL };

	if (!i->disabled) {
		input_flush(i);
		m.release_all.serial = i->serial(i->user, false);
		i->send(i->user, &m);
	}
	input_reset(i);
}
