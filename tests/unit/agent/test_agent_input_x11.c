/* Keys, text and buttons of the real agent, as a program on the display gets them. */
#include "tests/unit/agent/harness.h"

#include "common/base/clock.h"
#include "server/agent/spares.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xcb/xkb.h>
#include <xcb/xtest.h>
#include <xkbcommon/xkbcommon-x11.h>

#include <cmocka.h>

static struct harness h;
static xcb_window_t window;

#define EVDEV_A              30
#define EVDEV_Q              16
#define EVDEV_LEFTSHIFT      42
#define EVDEV_LEFTCTRL       29
#define EVDEV_RIGHTALT       100
#define EVDEV_CAPSLOCK       58
#define KEYCODE_A            38
#define XKB_CONTROLS_ENABLED (1U << 31) /* XKBproto, SetControls: which of them are on */

static void sync_x(void)
{
	free(xcb_get_input_focus_reply(h.x, xcb_get_input_focus(h.x), NULL));
}

static void open_window(void)
{
	const uint32_t mask = XCB_EVENT_MASK_KEY_PRESS | XCB_EVENT_MASK_KEY_RELEASE |
			      XCB_EVENT_MASK_BUTTON_PRESS | XCB_EVENT_MASK_BUTTON_RELEASE;

	window = xcb_generate_id(h.x);
	xcb_create_window(h.x, XCB_COPY_FROM_PARENT, window, h.screen->root, 0, 0, 1280, 720, 0,
		XCB_WINDOW_CLASS_INPUT_OUTPUT, XCB_COPY_FROM_PARENT, XCB_CW_EVENT_MASK, &mask);
	xcb_map_window(h.x, window);
	sync_x();
	xcb_set_input_focus(h.x, XCB_INPUT_FOCUS_POINTER_ROOT, window, XCB_CURRENT_TIME);
	sync_x();
}

static void run(const char *command)
{
	char line[256];

	snprintf(line, sizeof(line), "DISPLAY=%s %s", h.display, command);
	assert_int_equal(system(line), 0);
}

static int setup(void **state)
{
	(void)state;
	harness_start_xvfb(&h);
	xkb_x11_setup_xkb_extension(
		h.x, 1, 0, XKB_X11_SETUP_XKB_EXTENSION_NO_FLAGS, NULL, NULL, NULL, NULL);
	run("setxkbmap us");
	open_window();
	harness_start_agent(&h);
	harness_configure(&h);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	harness_finish(&h);
	return 0;
}

/* The keysym that a program makes of a key event, by the layout as it is now. */
static uint32_t keysym_of(const xcb_key_press_event_t *e)
{
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	struct xkb_keymap *map = xkb_x11_keymap_new_from_device(context, h.x,
		xkb_x11_get_core_keyboard_device_id(h.x), XKB_KEYMAP_COMPILE_NO_FLAGS);
	struct xkb_state *state = xkb_state_new(map);

	xkb_state_update_mask(state, e->state & 0xff, 0, 0, 0, 0, (e->state >> 13) & 3);
	uint32_t keysym = xkb_state_key_get_one_sym(state, e->detail);
	xkb_state_unref(state);
	xkb_keymap_unref(map);
	xkb_context_unref(context);
	return keysym;
}

static bool is_modifier(uint32_t keysym)
{
	return (keysym >= XKB_KEY_Shift_L && keysym <= XKB_KEY_Hyper_R) ||
	       keysym == XKB_KEY_ISO_Level3_Shift;
}

struct typed {
	uint32_t keysyms[64];
	uint16_t states[64];
	size_t count;
	unsigned presses, releases, buttons[16];
};

static bool pointer_is_at(int16_t x, int16_t y)
{
	xcb_query_pointer_reply_t *q =
		xcb_query_pointer_reply(h.x, xcb_query_pointer(h.x, h.screen->root), NULL);
	bool there = q->root_x == x && q->root_y == y;

	free(q);
	return there;
}

/* Until all that was sent before has arrived: a motion that is sent now comes after it. */
static void settle(struct peer *p)
{
	static uint16_t place;
	struct wire_message m = { .type = WIRE_POINTER };

	place = (uint16_t)((place + 1) % 500); /* inside the window, and nowhere twice in a row */
	m.pointer.x_px = m.pointer.y_px = (uint16_t)(100 + place);
	peer_send_wire(p, &m);
	HARNESS_WAIT_UNTIL(pointer_is_at((int16_t)m.pointer.x_px, (int16_t)m.pointer.y_px));
	assert_true(pointer_is_at((int16_t)m.pointer.x_px, (int16_t)m.pointer.y_px));
}

/* What arrives, and that nothing more does for a while. */
static void collect(struct peer *p, struct typed *t)
{
	xcb_key_press_event_t keys[256];
	size_t count = 0;

	settle(p);
	uint64_t last = clock_now_ms();
	memset(t, 0, sizeof(*t));
	while (clock_now_ms() - last < 100) {
		xcb_generic_event_t *e = xcb_poll_for_event(h.x);
		if (!e) {
			harness_sleep(2);
			continue;
		}
		last = clock_now_ms();
		switch (e->response_type & 0x7f) {
		case XCB_KEY_PRESS:
			t->presses++;
			if (count < ARRAY_LEN(keys))
				memcpy(&keys[count++], e, sizeof(keys[0]));
			break;
		case XCB_KEY_RELEASE:
			t->releases++;
			break;
		case XCB_BUTTON_PRESS:
			t->buttons[((xcb_button_press_event_t *)(void *)e)->detail & 15]++;
			break;
		default:
			break;
		}
		free(e);
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t keysym = keysym_of(&keys[i]);
		if (!is_modifier(keysym) && t->count < ARRAY_LEN(t->keysyms)) {
			t->states[t->count] = keys[i].state;
			t->keysyms[t->count++] = keysym;
		}
	}
}

static void attach(struct peer *p)
{
	static uint32_t worker = 500;

	peer_attach(&h, p, worker++, WIRE_CAPS_CONTROL);
	assert_true(peer_wait(p, &p->framebuffers, HARNESS_TIMEOUT_MS));
}

static unsigned keys_down(void)
{
	xcb_query_keymap_reply_t *k = xcb_query_keymap_reply(h.x, xcb_query_keymap(h.x), NULL);
	unsigned n = 0;

	for (int i = 0; i < 32; i++)
		n += (unsigned)__builtin_popcount(k->keys[i]);
	free(k);
	return n;
}

static unsigned buttons_down(void)
{
	xcb_query_pointer_reply_t *q =
		xcb_query_pointer_reply(h.x, xcb_query_pointer(h.x, h.screen->root), NULL);
	unsigned n = (unsigned)__builtin_popcount(q->mask & 0x1f00);

	free(q);
	return n;
}

/* Waits until so many are. */
static void assert_down(unsigned keys, unsigned buttons)
{
	HARNESS_WAIT_UNTIL(keys_down() == keys && buttons_down() == buttons);
	assert_int_equal(keys_down(), keys);
	assert_int_equal(buttons_down(), buttons);
}

static bool server_repeats(void)
{
	xcb_get_keyboard_control_reply_t *c =
		xcb_get_keyboard_control_reply(h.x, xcb_get_keyboard_control(h.x), NULL);
	bool on = c->global_auto_repeat == XCB_AUTO_REPEAT_MODE_ON;

	free(c);
	return on;
}

static void assert_server_repeats(bool on)
{
	HARNESS_WAIT_UNTIL(server_repeats() == on);
	assert_true(server_repeats() == on);
}

static uint8_t group(void)
{
	xcb_xkb_get_state_reply_t *s =
		xcb_xkb_get_state_reply(h.x, xcb_xkb_get_state(h.x, XCB_XKB_ID_USE_CORE_KBD), NULL);
	uint8_t group = s->group;

	free(s);
	return group;
}

static void tap(struct peer *p, uint16_t evdev, uint32_t keysym)
{
	peer_key(p, evdev, keysym, true);
	peer_key(p, evdev, keysym, false);
}

static void check_text(struct peer *p, const char *text, const uint32_t *keysyms, size_t count)
{
	struct typed t;

	peer_text(p, text);
	collect(p, &t);
	assert_int_equal(t.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(t.keysyms[i], keysyms[i]);
	assert_int_equal(t.presses, t.releases);
	assert_int_equal(keys_down(), 0);
}

static void test_plain_keys(void **state)
{
	struct typed t;
	struct peer p;

	(void)state;
	attach(&p);
	tap(&p, EVDEV_A, 'a');
	peer_key(&p, EVDEV_LEFTSHIFT, XKB_KEY_Shift_L, true);
	tap(&p, EVDEV_A, 'A');
	peer_key(&p, EVDEV_LEFTSHIFT, XKB_KEY_Shift_L, false);
	tap(&p, 0, XKB_KEY_Return);
	collect(&p, &t);
	assert_int_equal(t.count, 3);
	assert_int_equal(t.keysyms[0], 'a');
	assert_int_equal(t.keysyms[1], 'A');
	assert_int_equal(t.keysyms[2], XKB_KEY_Return);
	assert_int_equal(keys_down(), 0);
	peer_finish(&p);
}

/* A client's layout that has a level where the session's has none, and the other way round. */
static void test_levels_are_made(void **state)
{
	struct typed t;
	struct peer p;

	(void)state;
	attach(&p);
	tap(&p, EVDEV_Q, 'A'); /* without Shift */
	tap(&p, 3, '@');       /* AltGr+2 on a Spanish keyboard: level 2 here */
	peer_key(&p, EVDEV_LEFTSHIFT, XKB_KEY_Shift_L, true);
	tap(&p, 8, '/');       /* Shift+7 on a German one: no Shift here */
	tap(&p, EVDEV_A, 'A'); /* and Shift is still down */
	peer_key(&p, EVDEV_LEFTSHIFT, XKB_KEY_Shift_L, false);
	collect(&p, &t);
	assert_int_equal(t.count, 4);
	assert_int_equal(t.keysyms[0], 'A');
	assert_int_equal(t.keysyms[1], '@');
	assert_int_equal(t.keysyms[2], '/');
	assert_int_equal(t.keysyms[3], 'A');
	assert_int_equal(keys_down(), 0);
	peer_finish(&p);
}

static void set_sticky(bool on)
{
	const uint32_t sticky = XCB_XKB_BOOL_CTRL_STICKY_KEYS;
	static const uint8_t repeats[32];

	xcb_xkb_set_controls(h.x, XCB_XKB_ID_USE_CORE_KBD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		XCB_XKB_AX_OPTION_LATCH_TO_LOCK, sticky, on ? sticky : 0,
		XKB_CONTROLS_ENABLED | sticky, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, repeats);
	/* Nothing that was latched or locked on the way stays. */
	xcb_xkb_latch_lock_state(h.x, XCB_XKB_ID_USE_CORE_KBD, 0xff, 0, 0, 0, 0xff, 0, 0);
	sync_x();
}

/* With sticky keys (and without "two keys at once turn them off") a modifier that goes up alone is meant for the next key: ours never are. */
static void test_sticky_keys(void **state)
{
	struct typed t;
	struct peer p;

	(void)state;
	attach(&p);
	set_sticky(true);
	for (int i = 0; i < 2; i++) {
		peer_key(&p, EVDEV_LEFTSHIFT, XKB_KEY_Shift_L, true);
		tap(&p, 8, '/'); /* Shift+7 on a German one: no Shift here */
		peer_key(&p, EVDEV_LEFTSHIFT, XKB_KEY_Shift_L, false);
		tap(&p, EVDEV_A, 'a');
	}
	tap(&p, EVDEV_LEFTSHIFT, XKB_KEY_Shift_L); /* this one is the person's own */
	tap(&p, EVDEV_A, 'a');
	tap(&p, EVDEV_A, 'a');
	tap(&p, 3, '@'); /* AltGr+2 on a Spanish keyboard: level 2 here */
	tap(&p, EVDEV_A, 'a');
	collect(&p, &t);
	set_sticky(false);
	static const uint32_t expected[] = { '/', 'a', '/', 'a', 'A', 'a', '@', 'a' };
	assert_int_equal(t.count, ARRAY_LEN(expected));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		assert_int_equal(t.keysyms[i], expected[i]);
	assert_int_equal(keys_down(), 0);
	peer_finish(&p);
}

static void test_characters_that_the_layout_lacks(void **state)
{
	const uint32_t keysyms[] = { XKB_KEY_adiaeresis, XKB_KEY_Cyrillic_YA, XKB_KEY_EuroSign,
		0x0101f600, 'x' };
	struct typed t;
	struct peer p;

	(void)state;
	attach(&p);
	tap(&p, EVDEV_Q, XKB_KEY_adiaeresis);
	tap(&p, EVDEV_A, XKB_KEY_Cyrillic_ya);
	peer_key(&p, EVDEV_RIGHTALT, XKB_KEY_ISO_Level3_Shift, true);
	tap(&p, 18, XKB_KEY_EuroSign);
	peer_key(&p, EVDEV_RIGHTALT, XKB_KEY_ISO_Level3_Shift, false);
	collect(&p, &t);
	assert_int_equal(t.count, 3);
	assert_int_equal(t.keysyms[0], XKB_KEY_adiaeresis);
	assert_int_equal(t.keysyms[1], XKB_KEY_Cyrillic_ya);
	assert_int_equal(t.keysyms[2], XKB_KEY_EuroSign);
	check_text(&p, "äЯ€😀x", keysyms, ARRAY_LEN(keysyms));
	peer_finish(&p);
}

static void test_text(void **state)
{
	const uint32_t keysyms[] = { 'H', 'i', ',', ' ', '#' };
	struct peer p;

	(void)state;
	attach(&p);
	check_text(&p, "Hi, #", keysyms, ARRAY_LEN(keysyms));
	peer_finish(&p);
}

/* More characters than there are keycodes to lend: slower, but all of them and in order. */
static void test_more_text_than_keycodes(void **state)
{
	struct typed t;
	struct peer p;

	(void)state;
	attach(&p);
	peer_text(&p, "абвгдежзийклмнопрстуфхцчшщъыьэю");
	peer_text(&p, "αβγδεζηθικλμνξοπρστυφχψω");
	tap(&p, EVDEV_A, 'a');
	collect(&p, &t);
	assert_int_equal(t.presses, 31 + 24 + 1);
	assert_int_equal(t.releases, t.presses);
	peer_finish(&p);
}

static void test_shortcut_on_a_foreign_layout(void **state)
{
	struct typed t;
	struct peer p;

	(void)state;
	attach(&p);
	peer_key(&p, EVDEV_LEFTCTRL, XKB_KEY_Control_L, true);
	tap(&p, 46, XKB_KEY_Cyrillic_es); /* the key that is C here */
	peer_key(&p, EVDEV_LEFTCTRL, XKB_KEY_Control_L, false);
	collect(&p, &t);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.keysyms[0], 'c');
	assert_true(t.states[0] & XCB_MOD_MASK_CONTROL);
	peer_finish(&p);
}

static void test_physical(void **state)
{
	struct wire_message m = { .type = WIRE_KEY,
		.key = { .evdev = EVDEV_Q,
			.keysym = XKB_KEY_adiaeresis,
			.down = true,
			.physical = true } };
	struct typed t;
	struct peer p;

	(void)state;
	attach(&p);
	peer_send_wire(&p, &m);
	m.key.down = false;
	peer_send_wire(&p, &m);
	collect(&p, &t);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.keysyms[0], 'q');
	peer_finish(&p);
}

static void test_layout_with_two_groups(void **state)
{
	struct typed t;
	struct peer p;

	(void)state;
	run("setxkbmap us,ru");
	attach(&p);
	tap(&p, 44, XKB_KEY_Cyrillic_ya);
	tap(&p, EVDEV_A, 'a');
	tap(&p, 44, XKB_KEY_Cyrillic_ya);
	tap(&p, 57, ' ');
	collect(&p, &t);
	assert_int_equal(t.count, 4);
	assert_int_equal(t.keysyms[0], XKB_KEY_Cyrillic_ya);
	assert_int_equal(t.keysyms[1], 'a');
	assert_int_equal(t.keysyms[2], XKB_KEY_Cyrillic_ya);
	assert_int_equal(t.keysyms[3], ' ');
	assert_int_equal(
		t.states[3] >> 13 & 3, 1); /* the group stays as long as nothing needs another */
	peer_finish(&p);
	HARNESS_WAIT_UNTIL(group() == 0);
	assert_int_equal(group(), 0); /* and is the person's own again */
	run("setxkbmap us");
	harness_sleep(100);
}

static void test_altgr_layout(void **state)
{
	struct typed t;
	struct peer p;

	(void)state;
	run("setxkbmap de");
	attach(&p);
	tap(&p, EVDEV_Q, '@');
	tap(&p, 18, XKB_KEY_EuroSign);
	tap(&p, 40, XKB_KEY_adiaeresis);
	tap(&p, 11, '}');
	collect(&p, &t);
	assert_int_equal(t.count, 4);
	assert_int_equal(t.keysyms[0], '@');
	assert_int_equal(t.keysyms[1], XKB_KEY_EuroSign);
	assert_int_equal(t.keysyms[2], XKB_KEY_adiaeresis);
	assert_int_equal(t.keysyms[3], '}');
	assert_true(t.states[3] & XCB_MOD_MASK_5);
	assert_int_equal(keys_down(), 0);
	peer_finish(&p);
	run("setxkbmap us");
	harness_sleep(100);
}

static void test_caps_lock_and_leds(void **state)
{
	struct typed t;
	struct peer p;

	(void)state;
	attach(&p);
	peer_wait(&p, NULL, 100);
	tap(&p, EVDEV_CAPSLOCK, XKB_KEY_Caps_Lock);
	while (!(p.leds & WIRE_LED_CAPS))
		assert_true(peer_wait(&p, &p.leds_told, HARNESS_TIMEOUT_MS));
	tap(&p, EVDEV_A, 'A');
	tap(&p, EVDEV_A, 'a');
	collect(&p, &t);
	assert_int_equal(t.count, 2);
	assert_int_equal(t.keysyms[0], 'A');
	assert_int_equal(t.keysyms[1], 'a');
	tap(&p, EVDEV_CAPSLOCK, XKB_KEY_Caps_Lock);
	while (p.leds & WIRE_LED_CAPS)
		assert_true(peer_wait(&p, &p.leds_told, HARNESS_TIMEOUT_MS));
	collect(&p, &t);
	peer_finish(&p);
}

static void test_no_repeat_by_the_server(void **state)
{
	struct typed t;
	struct peer p;

	(void)state;
	assert_server_repeats(true); /* the test before it has ended for the agent, too */
	attach(&p);
	assert_server_repeats(false);
	run("setxkbmap us"); /* makes a new keyboard, and so do settings daemons */
	run("xset r on");
	assert_server_repeats(false);
	peer_key(&p, EVDEV_A, 'a', true);
	harness_sleep(1200);              /* longer than the server's delay */
	peer_key(&p, EVDEV_A, 'a', true); /* the client's */
	peer_key(&p, EVDEV_A, 'a', false);
	collect(&p, &t);
	assert_int_equal(t.presses, 2);
	peer_finish(&p);
	assert_server_repeats(true);
}

static void test_buttons_and_wheel(void **state)
{
	struct wire_message m = { .type = WIRE_BUTTON, .button = { .button = 3, .down = true } };
	struct typed t;
	struct peer p;

	(void)state;
	attach(&p);
	peer_send_wire(&p, &m);
	m.button.down = false;
	peer_send_wire(&p, &m);
	m = (struct wire_message){ .type = WIRE_WHEEL, .wheel = { .dy = 30 } };
	for (int i = 0; i < 9; i++)
		peer_send_wire(&p, &m);
	m.wheel.dy = -240;
	m.wheel.dx = 120;
	peer_send_wire(&p, &m);
	collect(&p, &t);
	assert_int_equal(t.buttons[3], 1);
	assert_int_equal(t.buttons[5], 2);
	assert_int_equal(t.buttons[4], 2);
	assert_int_equal(t.buttons[7], 1);
	peer_finish(&p);
}

static void press_things(struct peer *p)
{
	struct wire_message m = { .type = WIRE_BUTTON, .button = { .button = 1, .down = true } };

	peer_key(p, EVDEV_A, 'a', true);
	peer_key(p, EVDEV_LEFTSHIFT, XKB_KEY_Shift_L, true);
	peer_key(p, EVDEV_Q, XKB_KEY_Cyrillic_ya, true);
	peer_send_wire(p, &m);
	assert_down(3, 1);
}

static void test_released_on_every_end(void **state)
{
	struct wire_message all = { .type = WIRE_RELEASE_ALL };
	struct agent_record record = { .type = RECORD_DETACH, .detach = { .worker = 7000 } };
	struct peer p;

	(void)state;
	attach(&p);
	press_things(&p);
	peer_send_wire(&p, &all);
	assert_down(0, 0);
	press_things(&p);
	peer_finish(&p); /* the worker was killed */
	assert_down(0, 0);
	peer_attach(&h, &p, 7000, WIRE_CAPS_CONTROL);
	press_things(&p);
	assert_int_equal(agent_record_send(&h.supervisor, &record, -1), 0);
	assert_down(0, 0);
	peer_finish(&p);
}

static void test_one_does_not_release_what_another_holds(void **state)
{
	struct peer p, q;

	(void)state;
	attach(&p);
	attach(&q);
	peer_key(&p, EVDEV_LEFTSHIFT, XKB_KEY_Shift_L, true);
	settle(&p);
	peer_key(&q, EVDEV_LEFTSHIFT, XKB_KEY_Shift_L, true);
	settle(&q);
	assert_int_equal(keys_down(), 1);
	peer_finish(&q);
	harness_sleep(100);
	assert_int_equal(keys_down(), 1);
	peer_finish(&p);
	assert_down(0, 0);
}

static unsigned lent_keycodes(void)
{
	const xcb_setup_t *s = xcb_get_setup(h.x);
	xcb_get_keyboard_mapping_reply_t *m = xcb_get_keyboard_mapping_reply(h.x,
		xcb_get_keyboard_mapping(
			h.x, s->min_keycode, (uint8_t)(s->max_keycode - s->min_keycode + 1)),
		NULL);
	const xcb_keysym_t *syms = xcb_get_keyboard_mapping_keysyms(m);
	unsigned n = 0;

	for (int i = 0; i < xcb_get_keyboard_mapping_keysyms_length(m); i++)
		n += syms[i] == XKB_KEY_Cyrillic_ya;
	free(m);
	return n;
}

/* A program that is slow to read its keys must still find what they mean. */
static void test_lent_keycodes_outlive_the_session(void **state)
{
	struct typed t;
	struct peer p;

	(void)state;
	attach(&p);
	tap(&p, EVDEV_Q, XKB_KEY_Cyrillic_ya);
	collect(&p, &t);
	uint64_t used_ms = clock_now_ms();
	peer_finish(&p);
	HARNESS_WAIT_UNTIL(server_repeats()); /* the session's end has been acted on */
	if (clock_now_ms() < used_ms + SPARES_KEEP_MS / 2)
		assert_true(lent_keycodes() > 0);
	HARNESS_WAIT_UNTIL(lent_keycodes() == 0);
	assert_int_equal(lent_keycodes(), 0);
	assert_true(clock_now_ms() >= used_ms + SPARES_KEEP_MS - 500);
}

/* So that who typed knows when it may leave. */
static void test_input_that_shows_nothing_is_answered(void **state)
{
	struct wire_message m = { .type = WIRE_TEXT,
		.text = { .serial = 77, .utf8 = (const uint8_t *)"x", .len = 1 } };
	struct typed t;
	struct peer p;

	(void)state;
	attach(&p);
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS)); /* the whole picture */
	collect(&p, &t);
	while (peer_frame(&p, 300))
		continue;
	peer_send_wire(&p, &m);
	assert_true(peer_wait(&p, &p.frames, HARNESS_TIMEOUT_MS));
	assert_int_equal(p.frame.input_serial, 77);
	collect(&p, &t);
	peer_finish(&p);
}

/* A copy of what each keycode means, for programs that know no XKB. */
static xcb_keysym_t *mapping(size_t *count)
{
	const xcb_setup_t *s = xcb_get_setup(h.x);
	xcb_get_keyboard_mapping_reply_t *m = xcb_get_keyboard_mapping_reply(h.x,
		xcb_get_keyboard_mapping(
			h.x, s->min_keycode, (uint8_t)(s->max_keycode - s->min_keycode + 1)),
		NULL);
	*count = (size_t)xcb_get_keyboard_mapping_keysyms_length(m);
	xcb_keysym_t *copy = calloc(*count, sizeof(*copy));

	assert_non_null(copy);
	memcpy(copy, xcb_get_keyboard_mapping_keysyms(m), *count * sizeof(*copy));
	free(m);
	return copy;
}

static bool mapping_is(const xcb_keysym_t *keysyms, size_t count)
{
	size_t now_count;
	xcb_keysym_t *now = mapping(&now_count);
	bool same = now_count == count && memcmp(now, keysyms, count * sizeof(*now)) == 0;

	free(now);
	return same;
}

static void test_new_layout_over_lent_keycodes(void **state)
{
	static const char *const layouts[] = { "jp", "br", "us" };
	const uint32_t keysyms[] = { XKB_KEY_eacute };
	struct peer p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
		char command[64];
		struct typed t;
		size_t count;
		attach(&p);
		check_text(&p, "\u00e9", keysyms, 1);
		peer_text(&p, "абвгдежзийклмнопрстуфхцчшщъыьэю");
		collect(&p, &t);
		snprintf(command, sizeof(command), "setxkbmap %s", layouts[i]);
		run(command);
		xcb_keysym_t *fresh = mapping(&count);
		check_text(&p, "\u00e9", keysyms, 1);
		peer_finish(&p);
		HARNESS_WAIT_UNTIL(mapping_is(fresh, count));
		assert_true(mapping_is(fresh, count));
		harness_sleep(SPARES_KEEP_MS + 200); /* and nothing is taken back afterwards */
		assert_true(mapping_is(fresh, count));
		free(fresh);
	}
}

/* Swaps the left and right button, and the wheel's directions. */
static void swap_buttons(void)
{
	xcb_get_pointer_mapping_reply_t *now =
		xcb_get_pointer_mapping_reply(h.x, xcb_get_pointer_mapping(h.x), NULL);
	uint8_t *map = xcb_get_pointer_mapping_map(now);
	const uint8_t swapped[] = { map[2], map[1], map[0], map[4], map[3] };

	memcpy(map, swapped, sizeof(swapped));
	xcb_set_pointer_mapping_reply_t *set = xcb_set_pointer_mapping_reply(
		h.x, xcb_set_pointer_mapping(h.x, now->map_len, map), NULL);
	assert_int_equal(set->status, XCB_MAPPING_STATUS_SUCCESS);
	free(set);
	free(now);
}

/* A left-handed mouse of the session, while the laptop has swapped its own already. */
static void test_mapped_buttons(void **state)
{
	struct wire_message wheel = { .type = WIRE_WHEEL, .wheel = { .dy = 120 } };
	struct peer p;

	(void)state;
	attach(&p);
	for (int i = 0; i < 3; i++) {
		struct wire_message m = { .type = WIRE_BUTTON,
			.button = { .button = 1, .down = true } };
		struct typed t;
		peer_send_wire(&p, &m);
		m.button.down = false;
		peer_send_wire(&p, &m);
		peer_send_wire(&p, &wheel);
		collect(&p, &t);
		assert_int_equal(t.buttons[1], 1);
		assert_int_equal(t.buttons[3], 0);
		assert_int_equal(t.buttons[5], 1);
		assert_int_equal(t.buttons[4], 0);
		assert_down(0, 0);
		if (i < 2)
			swap_buttons(); /* there and back */
		harness_sleep(50);
	}
	peer_finish(&p);
}

/* As window managers do that draw outlines: grabs the server until the button is up. */
static void test_grabbed_server(void **state)
{
	struct wire_message m = { .type = WIRE_BUTTON, .button = { .button = 1, .down = true } };
	struct peer p;

	(void)state;
	attach(&p);
	peer_send_wire(&p, &m);
	assert_down(0, 1);
	xcb_grab_server(h.x);
	sync_x();
	m.button.down = false;
	peer_send_wire(&p, &m);
	assert_down(0, 0);
	tap(&p, EVDEV_A, 'a');
	settle(&p);
	xcb_ungrab_server(h.x);
	sync_x();
	peer_finish(&p);
}

/* --- at random --- */

#define RANDOM_STEPS  1000
#define RANDOM_MAX_MS 40000 /* on a busy machine fewer steps */
#define RANDOM_TEXT   6     /* characters; fewer than there are keycodes to lend */

/* Of the server, by another program. */
#define GRAB_MAX_MS 2000
struct grabs {
	unsigned count, passed;
};

static uint32_t random_character(void)
{
	static const uint32_t characters[] = { 'a', 'z', 'q', 'm', 'A', 'Y', 'M', '1', '7', '0',
		' ', '/', '(', ')', '-', '.', ',', ';', '@', '#', 0xe4, 0xdf, 0xe9, 0x20ac, 0x44f,
		0x416, 0x3b1, 0x3a9, 0x4e2d, 0x1f600 };

	return characters[(size_t)rand() % ARRAY_LEN(characters)];
}

static void press_random_key(struct peer *p)
{
	/* The places of letters. */
	uint16_t evdev = (uint16_t)(rand() % 2 ? 16 + rand() % 11 : 44 + rand() % 10);

	peer_key(p, evdev, xkb_utf32_to_keysym(random_character()), rand() % 3 > 0);
}

static void press_random_state(struct peer *p)
{
	static const struct {
		uint16_t evdev;
		uint32_t keysym;
		bool locks;
	} keys[] = {
		{ EVDEV_LEFTSHIFT, XKB_KEY_Shift_L, false },
		{ EVDEV_LEFTCTRL, XKB_KEY_Control_L, false },
		{ 56, XKB_KEY_Alt_L, false },
		{ EVDEV_RIGHTALT, XKB_KEY_ISO_Level3_Shift, false },
		{ EVDEV_RIGHTALT, XKB_KEY_Alt_R, false },
		{ EVDEV_CAPSLOCK, XKB_KEY_Caps_Lock, true },
		{ EVDEV_CAPSLOCK, XKB_KEY_ISO_Next_Group, true },
		{ 69, XKB_KEY_Num_Lock, true },
	};
	size_t i = (size_t)rand() % ARRAY_LEN(keys);
	bool down = keys[i].locks || rand() % 2;

	peer_key(p, keys[i].evdev, keys[i].keysym, down);
	if (keys[i].locks)
		peer_key(p, keys[i].evdev, keys[i].keysym, false);
}

static void press_random_button(struct peer *p)
{
	struct wire_message m = { .type = WIRE_BUTTON,
		.button = { .button = (uint8_t)(1 + rand() % 3), .down = rand() % 2 } };

	peer_send_wire(p, &m);
}

static void set_random_layout(void)
{
	static const char *const layouts[] = { "us", "de", "jp", "br", "fr", "ru", "us,ru", "gr",
		"us -option grp:caps_toggle" };
	char command[64];

	snprintf(command, sizeof(command), "setxkbmap -option -layout %s",
		layouts[(size_t)rand() % ARRAY_LEN(layouts)]);
	run(command);
}

/* All is up, and what is typed arrives, whatever came before. */
static void check_random_text(struct peer *p)
{
	const struct wire_message all = { .type = WIRE_RELEASE_ALL };
	uint32_t keysyms[RANDOM_TEXT];
	char text[RANDOM_TEXT * 7 + 1] = "";
	struct typed t;

	peer_send_wire(p, &all);
	settle(p);
	/* What sticky keys latched or locked is the person's own, and would change the text. */
	xcb_xkb_latch_lock_state(h.x, XCB_XKB_ID_USE_CORE_KBD,
		XCB_MOD_MASK_SHIFT | XCB_MOD_MASK_CONTROL | XCB_MOD_MASK_1 | XCB_MOD_MASK_5, 0, 0,
		0, 0xff, 0, 0);
	sync_x();
	collect(p, &t);
	assert_down(0, 0);
	for (size_t i = 0; i < RANDOM_TEXT; i++) {
		char one[8];
		keysyms[i] = xkb_utf32_to_keysym(random_character());
		xkb_keysym_to_utf8(keysyms[i], one, sizeof(one));
		strcat(text, one);
	}
	check_text(p, text, keysyms, RANDOM_TEXT);
}

/*
 * A program grabs the server while keys and buttons go down and up: that arrives all the same, but where
 * the server had requests of the agent unread at that very moment. Those wait for the end of the grab,
 * and with them all later ones, although the agent is impervious to grabs (X servers 21.1,
 * mark_client_grab). Nothing is lost even then.
 */
static void grab_for_a_moment(struct peer *p, struct grabs *g)
{
	struct wire_message m = { .type = WIRE_POINTER };

	settle(p);
	xcb_grab_server(h.x);
	sync_x();
	press_random_button(p);
	tap(p, EVDEV_A, 'a');
	m.pointer.x_px = m.pointer.y_px = 90; /* settle goes elsewhere */
	peer_send_wire(p, &m);
	uint64_t end_ms = clock_now_ms() + GRAB_MAX_MS;
	while (!pointer_is_at(90, 90) && clock_now_ms() < end_ms)
		harness_sleep(5);
	g->count++;
	g->passed += pointer_is_at(90, 90);
	xcb_ungrab_server(h.x); /* before anything can fail: others would find it grabbed */
	sync_x();
	settle(p);
}

static void random_step(struct peer *p, int step, struct grabs *grabs)
{
	switch (rand() % 8) {
	case 0:
		press_random_button(p);
		break;
	case 1:
	case 2:
		press_random_state(p);
		break;
	default:
		press_random_key(p);
		break;
	}
	if (step % 20 == 19)
		check_random_text(p);
	if (step % 60 == 59)
		set_random_layout();
	if (step % 70 == 69) {
		/* What is latched is the person's: text would be typed with it. */
		static bool sticky;
		sticky = !sticky;
		set_sticky(sticky);
	}
	if (step % 50 == 49)
		grab_for_a_moment(p, grabs);
	if (step % 150 == 149) { /* another laptop, while keys are down */
		peer_finish(p);
		attach(p);
	}
}

static void test_random_steps(void **state)
{
	uint64_t end_ms = clock_now_ms() + RANDOM_MAX_MS;
	struct grabs grabs = { 0 };
	struct peer p;
	size_t count;
	int step = 0;

	(void)state;
	const char *wished = getenv("FARSEAT_TEST_SEED");
	unsigned seed = wished ? (unsigned)strtoul(wished, NULL, 10) : 11;
	printf("seed %u (FARSEAT_TEST_SEED chooses another)\n", seed);
	srand(seed);
	attach(&p);
	for (; step < RANDOM_STEPS && clock_now_ms() < end_ms; step++)
		random_step(&p, step, &grabs);
	assert_true(step > RANDOM_STEPS / 10);
	assert_true(grabs.passed > grabs.count / 2);
	set_sticky(false);
	run("setxkbmap -option -layout us");
	xcb_keysym_t *fresh = mapping(&count);
	check_random_text(&p);
	peer_finish(&p);
	assert_down(0, 0);
	HARNESS_WAIT_UNTIL(mapping_is(fresh, count));
	assert_true(mapping_is(fresh, count));
	free(fresh);
	xcb_xkb_latch_lock_state(h.x, XCB_XKB_ID_USE_CORE_KBD, 0xff, 0, 1, 0, 0, 0, 0);
	sync_x();
}

static void test_killed_agent(void **state)
{
	struct peer p;

	(void)state;
	attach(&p);
	press_things(&p);
	assert_true(lent_keycodes() > 0);
	harness_kill_agent(&h);
	peer_finish(&p);
	assert_int_equal(keys_down(), 3);
	harness_start_agent(&h);
	harness_configure(&h);
	assert_down(0, 0);
	HARNESS_WAIT_UNTIL(lent_keycodes() == 0);
	assert_int_equal(lent_keycodes(), 0);
	assert_server_repeats(true);
	/* And a key that somebody else holds is none of the agent's business. */
	xcb_test_fake_input(h.x, XCB_KEY_PRESS, KEYCODE_A, 0, h.screen->root, 0, 0, 0);
	sync_x();
	harness_kill_agent(&h);
	harness_start_agent(&h);
	harness_configure(&h);
	assert_int_equal(keys_down(), 1);
	xcb_test_fake_input(h.x, XCB_KEY_RELEASE, KEYCODE_A, 0, h.screen->root, 0, 0, 0);
	sync_x();
}

static void test_clean_end(void **state)
{
	struct peer p;

	(void)state;
	attach(&p);
	press_things(&p);
	harness_stop_agent(&h); /* the supervisor is gone */
	peer_finish(&p);
	assert_int_equal(keys_down() + buttons_down(), 0);
	assert_int_equal(lent_keycodes(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_keys),
		cmocka_unit_test(test_levels_are_made),
		cmocka_unit_test(test_sticky_keys),
		cmocka_unit_test(test_characters_that_the_layout_lacks),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_more_text_than_keycodes),
		cmocka_unit_test(test_shortcut_on_a_foreign_layout),
		cmocka_unit_test(test_physical),
		cmocka_unit_test(test_layout_with_two_groups),
		cmocka_unit_test(test_altgr_layout),
		cmocka_unit_test(test_caps_lock_and_leds),
		cmocka_unit_test(test_no_repeat_by_the_server),
		cmocka_unit_test(test_buttons_and_wheel),
		cmocka_unit_test(test_released_on_every_end),
		cmocka_unit_test(test_one_does_not_release_what_another_holds),
		cmocka_unit_test(test_lent_keycodes_outlive_the_session),
		cmocka_unit_test(test_input_that_shows_nothing_is_answered),
		cmocka_unit_test(test_new_layout_over_lent_keycodes),
		cmocka_unit_test(test_mapped_buttons),
		cmocka_unit_test(test_grabbed_server),
		cmocka_unit_test(test_random_steps),
		cmocka_unit_test(test_killed_agent),
		cmocka_unit_test(test_clean_end),
	};

	if (!harness_possible() || access("/usr/bin/setxkbmap", X_OK) != 0) {
		fprintf(stderr, "Xvfb or setxkbmap is not installed\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
