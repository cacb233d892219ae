/*
 * Tells what a Wayland compositor's seat gives to a window that covers the screen, a line each:
 *
 *   ready                  the window has the focus of a keyboard
 *   text UTF-8             a key went down that gives text with the modifiers that were told
 *   key KEYSYM down|up     any key, by the name of its keysym
 *   motion X Y             the pointer, in whole pixels
 *   button CODE down|up    as evdev numbers them
 *   wheel AXIS VALUE       in hundredths of a pixel
 *
 *   wkeys /PATH/OF/SOCKET  ends with the compositor
 */
#include "window.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xkbcommon/xkbcommon.h>

#define EVDEV_OFFSET 8

struct keys {
	struct xkb_context *context;
	struct xkb_keymap *keymap;
	struct xkb_state *state;
};

static void on_keymap(
	void *user, struct wl_keyboard *keyboard, uint32_t format, int fd, uint32_t size)
{
	struct keys *k = user;
	char *text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

	(void)keyboard;
	(void)format;
	if (text == MAP_FAILED)
		exit(2);
	xkb_state_unref(k->state);
	xkb_keymap_unref(k->keymap);
	k->keymap = xkb_keymap_new_from_string(
		k->context, text, XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);
	k->state = k->keymap ? xkb_state_new(k->keymap) : NULL;
	if (!k->state)
		puts("keymap is broken");
	munmap(text, size);
	close(fd);
}

static void on_enter(void *user, struct wl_keyboard *keyboard, uint32_t serial,
	struct wl_surface *surface, struct wl_array *keys)
{
	(void)user;
	(void)keyboard;
	(void)serial;
	(void)surface;
	(void)keys;
	puts("ready");
}

static void on_leave(
	void *user, struct wl_keyboard *keyboard, uint32_t serial, struct wl_surface *surface)
{
	(void)user;
	(void)keyboard;
	(void)serial;
	(void)surface;
}

static void on_key(void *user, struct wl_keyboard *keyboard, uint32_t serial, uint32_t time,
	uint32_t key, uint32_t state)
{
	const struct keys *k = user;
	char text[16] = "", name[64] = "";
	bool down = state == WL_KEYBOARD_KEY_STATE_PRESSED;

	(void)keyboard;
	(void)serial;
	(void)time;
	if (!k->state)
		return;
	xkb_keysym_get_name(
		xkb_state_key_get_one_sym(k->state, key + EVDEV_OFFSET), name, sizeof(name));
	printf("key %s %s\n", name, down ? "down" : "up");
	xkb_state_key_get_utf8(k->state, key + EVDEV_OFFSET, text, sizeof(text));
	if (down && (unsigned char)text[0] >= ' ')
		printf("text %s\n", text);
}

static void on_modifiers(void *user, struct wl_keyboard *keyboard, uint32_t serial, uint32_t held,
	uint32_t latched, uint32_t locked, uint32_t group)
{
	const struct keys *k = user;

	(void)keyboard;
	(void)serial;
	if (k->state)
		xkb_state_update_mask(k->state, held, latched, locked, 0, 0, group);
}

static void on_repeat(void *user, struct wl_keyboard *keyboard, int32_t rate, int32_t delay)
{
	(void)user;
	(void)keyboard;
	(void)rate;
	(void)delay;
}

static const struct wl_keyboard_listener keyboard_listener = { on_keymap, on_enter, on_leave,
	on_key, on_modifiers, on_repeat };

static void tell_motion(wl_fixed_t x, wl_fixed_t y)
{
	printf("motion %d %d\n", wl_fixed_to_int(x), wl_fixed_to_int(y));
}

static void on_pointer_enter(void *user, struct wl_pointer *pointer, uint32_t serial,
	struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y)
{
	(void)user;
	(void)pointer;
	(void)serial;
	(void)surface;
	tell_motion(x, y);
}

static void on_pointer_leave(
	void *user, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface)
{
	(void)user;
	(void)pointer;
	(void)serial;
	(void)surface;
}

static void on_motion(
	void *user, struct wl_pointer *pointer, uint32_t time, wl_fixed_t x, wl_fixed_t y)
{
	(void)user;
	(void)pointer;
	(void)time;
	tell_motion(x, y);
}

static void on_button(void *user, struct wl_pointer *pointer, uint32_t serial, uint32_t time,
	uint32_t button, uint32_t state)
{
	(void)user;
	(void)pointer;
	(void)serial;
	(void)time;
	printf("button %u %s\n", button, state == WL_POINTER_BUTTON_STATE_PRESSED ? "down" : "up");
}

static void on_axis(
	void *user, struct wl_pointer *pointer, uint32_t time, uint32_t axis, wl_fixed_t value)
{
	(void)user;
	(void)pointer;
	(void)time;
	printf("wheel %u %d\n", axis, (int)(wl_fixed_to_double(value) * 100));
}

static void on_frame(void *user, struct wl_pointer *pointer)
{
	(void)user;
	(void)pointer;
}

static void on_axis_source(void *user, struct wl_pointer *pointer, uint32_t source)
{
	(void)user;
	(void)pointer;
	(void)source;
}

static void on_axis_stop(void *user, struct wl_pointer *pointer, uint32_t time, uint32_t axis)
{
	(void)user;
	(void)pointer;
	(void)time;
	(void)axis;
}

static void on_axis_discrete(void *user, struct wl_pointer *pointer, uint32_t axis, int32_t steps)
{
	(void)user;
	(void)pointer;
	(void)axis;
	(void)steps;
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = on_pointer_enter,
	.leave = on_pointer_leave,
	.motion = on_motion,
	.button = on_button,
	.axis = on_axis,
	.frame = on_frame,
	.axis_source = on_axis_source,
	.axis_stop = on_axis_stop,
	.axis_discrete = on_axis_discrete,
};

int main(int argc, char **argv)
{
	struct keys keys = { .context = xkb_context_new(XKB_CONTEXT_NO_FLAGS) };
	const struct window_input input = { &keyboard_listener, &pointer_listener, &keys };
	struct window w;

	if (argc != 2 || !keys.context) {
		fprintf(stderr, "usage: wkeys /PATH/OF/SOCKET\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	window_open(&w, argv[1], &input);
	while (wl_display_dispatch(w.display) >= 0)
		continue;
	return 0;
}
