#include "server/agent/x11/keyboard.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xcb/xkb.h>
#include <xcb/xtest.h>
#include <xkbcommon/xkbcommon-x11.h>

/* XTest's last argument: of the core device (0). And detail of a motion. */
#define CORE_DEVICE     0
#define MOTION_ABSOLUTE 0
#define MOTION_RELATIVE 1

#define BUTTON_LAST    X11_BUTTON_LAST
#define BUTTONS_MARKED 15 /* marker.h */

/* --- struct input_sink --- */

static void fake(struct x11_keyboard *k, uint8_t type, uint8_t detail, int x, int y)
{
	xcb_test_fake_input(k->x->connection, type, detail, XCB_CURRENT_TIME, k->x->root,
		(int16_t)x, (int16_t)y, CORE_DEVICE);
}

static void sink_key(void *display, uint8_t keycode, bool down)
{
	struct x11_keyboard *k = display;

	marker_put(&k->marker, MARKER_KEYS, keycode, down);
	fake(k, down ? XCB_KEY_PRESS : XCB_KEY_RELEASE, keycode, 0, 0);
}

static void press_button(struct x11_keyboard *k, uint8_t physical, bool down)
{
	marker_put(&k->marker, MARKER_BUTTONS, physical, down);
	fake(k, down ? XCB_BUTTON_PRESS : XCB_BUTTON_RELEASE, physical, 0, 0);
}

/*
 * The session's mapping (for the left hand, say) is applied to what we press. The laptop has applied
 * its own already: each button is pressed by the one that the mapping makes it of.
 */
static void read_buttons(struct x11_keyboard *k)
{
	xcb_connection_t *c = k->x->connection;
	xcb_get_pointer_mapping_reply_t *mapping =
		xcb_get_pointer_mapping_reply(c, xcb_get_pointer_mapping(c), NULL);
	int count = mapping ? MIN(xcb_get_pointer_mapping_map_length(mapping), BUTTONS_MARKED) : 0;

	for (uint8_t button = 0; button <= BUTTON_LAST; button++)
		k->button_for[button] = button;
	for (int i = count; i-- > 0;) {
		uint8_t button = xcb_get_pointer_mapping_map(mapping)[i];
		if (button <= BUTTON_LAST)
			k->button_for[button] = (uint8_t)(i + 1);
	}
	free(mapping);
	k->buttons_changed = false;
}

static void sink_button(void *display, uint8_t button, bool down)
{
	struct x11_keyboard *k = display;

	/* The server refuses another mapping of a button that is down: its release finds it. */
	if (down && k->buttons_changed)
		read_buttons(k);
	press_button(k, k->button_for[button], down);
}

static void sink_motion(void *display, uint16_t x_px, uint16_t y_px)
{
	struct x11_keyboard *k = display;

	x11_pointer_own_motion(k->pointer);
	fake(k, XCB_MOTION_NOTIFY, MOTION_ABSOLUTE, x_px, y_px);
}

static void sink_motion_by(void *display, int16_t dx_px, int16_t dy_px)
{
	struct x11_keyboard *k = display;

	fake(k, XCB_MOTION_NOTIFY, MOTION_RELATIVE, dx_px, dy_px);
	x11_pointer_ask(k->pointer); /* where that led to */
}

static void set_group(struct x11_keyboard *k, uint32_t group)
{
	xcb_xkb_latch_lock_state(
		k->x->connection, XCB_XKB_ID_USE_CORE_KBD, 0, 0, 1, (uint8_t)group, 0, 0, 0);
}

static void sink_lock_group(void *display, uint32_t group)
{
	struct x11_keyboard *k = display;

	if (marker_group(&k->marker) < 0)
		marker_put_group(&k->marker, (int)k->input->group);
	set_group(k, group);
}

static void sink_unlatch(void *display, uint8_t modifiers)
{
	struct x11_keyboard *k = display;

	/* XKB protocol, LatchLockState: of these modifiers none is latched. */
	xcb_xkb_latch_lock_state(
		k->x->connection, XCB_XKB_ID_USE_CORE_KBD, 0, 0, 0, 0, modifiers, 0, 0);
}

static void change_mapping(
	struct x11_keyboard *k, uint8_t keycode, uint32_t plain, uint32_t shifted)
{
	const uint32_t both_levels[] = { plain, shifted };

	xcb_change_keyboard_mapping(
		k->x->connection, 1, keycode, ARRAY_LEN(both_levels), both_levels);
}

static void sink_bind(void *display, uint8_t keycode, uint32_t plain, uint32_t shifted)
{
	struct x11_keyboard *k = display;

	marker_put_lent(&k->marker, keycode, plain);
	change_mapping(k, keycode, plain, shifted);
}

const struct input_sink x11_keyboard_sink = {
	.can = INPUT_CAN_BIND | INPUT_CAN_LOCK_GROUP | INPUT_CAN_MOTION_BY | INPUT_CAN_UNLATCH,
	.key = sink_key,
	.button = sink_button,
	.motion = sink_motion,
	.motion_by = sink_motion_by,
	.lock_group = sink_lock_group,
	.unlatch = sink_unlatch,
	.bind = sink_bind,
};

/* --- after a predecessor that was killed --- */

static void set_repeat(struct x11_keyboard *k, bool on)
{
	const uint32_t mode = on ? XCB_AUTO_REPEAT_MODE_ON : XCB_AUTO_REPEAT_MODE_OFF;

	xcb_change_keyboard_control(k->x->connection, XCB_KB_AUTO_REPEAT_MODE, &mode);
}

static xcb_get_keyboard_mapping_reply_t *read_mapping(struct x11_keyboard *k)
{
	xcb_connection_t *c = k->x->connection;
	const xcb_setup_t *setup = xcb_get_setup(c);
	uint8_t count = (uint8_t)(setup->max_keycode - setup->min_keycode + 1);

	return xcb_get_keyboard_mapping_reply(
		c, xcb_get_keyboard_mapping(c, setup->min_keycode, count), NULL);
}

/* Forgets what was lent by keycodes that mean something else now: a new layout took them. */
static void forget_overridden(struct x11_keyboard *k)
{
	xcb_get_keyboard_mapping_reply_t *mapping = read_mapping(k);
	int min = xcb_get_setup(k->x->connection)->min_keycode;
	int max = xcb_get_setup(k->x->connection)->max_keycode;
	struct spares *spares = &k->input->spares;

	if (!mapping)
		return;
	const xcb_keysym_t *keysyms = xcb_get_keyboard_mapping_keysyms(mapping);
	for (int i = min; i <= max; i++) {
		uint32_t lent = marker_lent(&k->marker, (uint8_t)i);
		if (lent && keysyms[(i - min) * mapping->keysyms_per_keycode] != lent)
			marker_put_lent(&k->marker, (uint8_t)i, 0);
	}
	for (size_t i = 0; i < spares->count; i++)
		if (!marker_lent(&k->marker, spares->list[i].keycode))
			spares->list[i].keysym = 0;
	free(mapping);
}

static void take_back_lent(struct x11_keyboard *k)
{
	forget_overridden(k);
	for (int keycode = 8; keycode < KEYMAP_KEYCODES; keycode++)
		if (marker_lent(&k->marker, (uint8_t)keycode)) {
			change_mapping(k, (uint8_t)keycode, XCB_NO_SYMBOL, XCB_NO_SYMBOL);
			marker_put_lent(&k->marker, (uint8_t)keycode, 0);
		}
	spares_forget(&k->input->spares);
}

/* Gives the group and auto-repeat back. */
static void undo_states(struct x11_keyboard *k)
{
	if (marker_group(&k->marker) >= 0)
		set_group(k, (uint32_t)marker_group(&k->marker) & 3);
	marker_put_group(&k->marker, -1);
	if (marker_repeat(&k->marker))
		set_repeat(k, true);
	marker_put_repeat(&k->marker, false);
}

static void undo_changes(struct x11_keyboard *k)
{
	take_back_lent(k);
	undo_states(k);
}

static void let_go(struct x11_keyboard *k)
{
	xcb_query_keymap_reply_t *down =
		xcb_query_keymap_reply(k->x->connection, xcb_query_keymap(k->x->connection), NULL);

	for (int i = 8; down && i < KEYMAP_KEYCODES; i++)
		if (marker_has(&k->marker, MARKER_KEYS, (uint8_t)i) &&
			down->keys[i / 8] & 1U << i % 8)
			sink_key(k, (uint8_t)i, false);
	for (uint8_t button = 1; button <= BUTTONS_MARKED; button++)
		if (marker_has(&k->marker, MARKER_BUTTONS, button))
			press_button(k, button, false);
	free(down);
}

/* A number that names this X server as long as it lives: kept at its root window. 0: it cannot be.
 */
static uint32_t server_number(struct x11_keyboard *k)
{
	xcb_connection_t *c = k->x->connection;
	xcb_atom_t atom = x11_atom(k->x, "_FARSEAT_SERVER");
	xcb_get_property_reply_t *reply = xcb_get_property_reply(
		c, xcb_get_property(c, 0, k->x->root, atom, XCB_ATOM_CARDINAL, 0, 1), NULL);
	uint32_t number = 0;

	if (reply && reply->format == 32 &&
		xcb_get_property_value_length(reply) == (int)sizeof(number))
		memcpy(&number, xcb_get_property_value(reply), sizeof(number));
	free(reply);
	if (number == 0 && atom != XCB_ATOM_NONE &&
		getrandom(&number, sizeof(number), GRND_NONBLOCK) > 0 && number)
		xcb_change_property(c, XCB_PROP_MODE_REPLACE, k->x->root, atom, XCB_ATOM_CARDINAL,
			32, 1, &number);
	return number;
}

static void clean_up_predecessor(struct x11_keyboard *k)
{
	uint32_t server = server_number(k);

	if (server != 0 && marker_server(&k->marker) == server) {
		log_warn(
			"the agent before this one did not end in order: letting go of what it held");
		let_go(k);
		undo_changes(k);
	}
	marker_reset(&k->marker, server);
}

/* --- layout and state --- */

static void learn_indicators(struct x11_keyboard *k, struct xkb_keymap *xkb)
{
	static const char *const names[] = { XKB_LED_NAME_CAPS, XKB_LED_NAME_NUM,
		XKB_LED_NAME_SCROLL };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		xkb_led_index_t index = xkb_keymap_led_get_index(xkb, names[i]);
		k->led_bits[i] = index < 32 ? 1U << index : 0;
	}
}

static void take_indicators(struct x11_keyboard *k, uint32_t lit)
{
	static const uint8_t leds[] = { WIRE_LED_CAPS, WIRE_LED_NUM, WIRE_LED_SCROLL };
	uint8_t now = 0;

	for (size_t i = 0; i < ARRAY_LEN(leds); i++)
		if (lit & k->led_bits[i])
			now |= leds[i];
	if (now != k->display->leds)
		k->display->changed |= DISPLAY_CHANGED_LEDS;
	k->display->leds = now;
}

/* What is lent stays so, as far as the layout leaves it alone; the rest is what is free in it. */
static void lend_keycodes(struct x11_keyboard *k)
{
	uint8_t keycodes[SPARES_MAX];
	size_t count = keymap_spares(k->input->keymap, keycodes, SPARES_MAX);

	forget_overridden(k);
	spares_renew(&k->input->spares, keycodes, count);
	if (k->input->spares.count == 0)
		log_warn(
			"this layout leaves no keycode free: characters that it lacks cannot be typed");
}

static int read_layout(struct x11_keyboard *k)
{
	struct keymap *keymap = NULL;
	struct xkb_keymap *xkb = NULL;
	struct xkb_state *state = NULL;
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	int r = -ENOMEM;

	if (!context)
		return r;
	xkb = xkb_x11_keymap_new_from_device(
		context, k->x->connection, k->device, XKB_KEYMAP_COMPILE_NO_FLAGS);
	state = xkb ? xkb_x11_state_new_from_device(xkb, k->x->connection, k->device) : NULL;
	if (!state) {
		r = -EIO;
		goto out;
	}
	r = keymap_create(&keymap, xkb);
	if (r < 0)
		goto out;
	k->input->locked = xkb_state_serialize_mods(state, XKB_STATE_MODS_LOCKED);
	k->input->group = xkb_state_serialize_layout(state, XKB_STATE_LAYOUT_EFFECTIVE);
	input_set_keymap(k->input, keymap);
	learn_indicators(k, xkb);
	lend_keycodes(k);

out:
	xkb_state_unref(state);
	xkb_keymap_unref(xkb);
	xkb_context_unref(context);
	return r;
}

static void read_indicators(struct x11_keyboard *k)
{
	xcb_connection_t *c = k->x->connection;
	xcb_xkb_get_indicator_state_reply_t *lit = xcb_xkb_get_indicator_state_reply(
		c, xcb_xkb_get_indicator_state(c, XCB_XKB_ID_USE_CORE_KBD), NULL);

	if (lit)
		take_indicators(k, lit->state);
	free(lit);
}

static void select_events(struct x11_keyboard *k)
{
	const uint16_t events = XCB_XKB_EVENT_TYPE_NEW_KEYBOARD_NOTIFY |
				XCB_XKB_EVENT_TYPE_MAP_NOTIFY | XCB_XKB_EVENT_TYPE_STATE_NOTIFY |
				XCB_XKB_EVENT_TYPE_INDICATOR_STATE_NOTIFY |
				XCB_XKB_EVENT_TYPE_CONTROLS_NOTIFY;
	const xcb_xkb_select_events_details_t details = {
		.affectNewKeyboard = XCB_XKB_NKN_DETAIL_KEYCODES,
		.newKeyboardDetails = XCB_XKB_NKN_DETAIL_KEYCODES,
		.affectState = XCB_XKB_STATE_PART_MODIFIER_LOCK | XCB_XKB_STATE_PART_GROUP_STATE,
		.stateDetails = XCB_XKB_STATE_PART_MODIFIER_LOCK | XCB_XKB_STATE_PART_GROUP_STATE,
		.affectCtrls = XCB_XKB_CONTROL_CONTROLS_ENABLED,
		.ctrlDetails = XCB_XKB_CONTROL_CONTROLS_ENABLED,
		.affectIndicatorState = UINT32_MAX,
		.indicatorStateDetails = UINT32_MAX,
	};
	const uint16_t map_parts = XCB_XKB_MAP_PART_KEY_TYPES | XCB_XKB_MAP_PART_KEY_SYMS |
				   XCB_XKB_MAP_PART_MODIFIER_MAP;

	xcb_xkb_select_events_aux(k->x->connection, XCB_XKB_ID_USE_CORE_KBD, events, 0, 0,
		map_parts, map_parts, &details);
}

int x11_keyboard_init(struct x11_keyboard *k, struct x11 *x, struct display *display,
	struct x11_pointer *pointer, const char *dir)
{
	*k = (struct x11_keyboard){ .x = x,
		.display = display,
		.input = display->input,
		.pointer = pointer,
		.buttons_changed = true };
	input_init(k->input, &x11_keyboard_sink, k);
	marker_open(&k->marker, dir, display->name);
	if (!xkb_x11_setup_xkb_extension(x->connection, XKB_X11_MIN_MAJOR_XKB_VERSION,
		    XKB_X11_MIN_MINOR_XKB_VERSION, XKB_X11_SETUP_XKB_EXTENSION_NO_FLAGS, NULL, NULL,
		    NULL, NULL))
		return -ENOTSUP;
	clean_up_predecessor(k);
	k->device = xkb_x11_get_core_keyboard_device_id(x->connection);
	if (k->device < 0)
		return -ENOTSUP;
	/* A program that grabs the server while a button is down waits for its release: ours. */
	xcb_test_grab_control(x->connection, true);
	select_events(k);
	int r = read_layout(k);
	if (r < 0)
		return r;
	read_indicators(k);
	return 0;
}

void x11_keyboard_in_use(struct x11_keyboard *k, bool used)
{
	xcb_connection_t *c = k->x->connection;

	if (used == k->in_use)
		return;
	k->in_use = used;
	if (used) {
		xcb_get_keyboard_control_reply_t *now =
			xcb_get_keyboard_control_reply(c, xcb_get_keyboard_control(c), NULL);
		bool on = now && now->global_auto_repeat == XCB_AUTO_REPEAT_MODE_ON;
		free(now);
		marker_put_repeat(&k->marker, on);
		if (on)
			set_repeat(k, false);
	} else {
		undo_states(k);
	}
	xcb_flush(c);
}

int x11_keyboard_tidy(struct x11_keyboard *k)
{
	uint64_t used_ms = spares_used_ms(&k->input->spares);
	uint64_t now_ms = clock_now_ms();

	if (k->in_use || used_ms == 0)
		return -1;
	if (now_ms < used_ms + SPARES_KEEP_MS)
		return (int)(used_ms + SPARES_KEEP_MS - now_ms);
	take_back_lent(k);
	xcb_flush(k->x->connection);
	return -1;
}

void x11_keyboard_finish(struct x11_keyboard *k)
{
	if (!k->x)
		return;
	if (k->x->connection && !xcb_connection_has_error(k->x->connection)) {
		undo_changes(k);
		/* Waits until the server has seen it: closing at once could lose it. */
		free(xcb_get_input_focus_reply(
			k->x->connection, xcb_get_input_focus(k->x->connection), NULL));
		marker_remove(&k->marker);
	}
	marker_close(&k->marker);
	k->x = NULL;
}

/* --- events --- */

static bool only_lent(const struct x11_keyboard *k, const xcb_xkb_map_notify_event_t *e)
{
	if (e->changed & ~(XCB_XKB_MAP_PART_KEY_SYMS | XCB_XKB_MAP_PART_KEY_ACTIONS |
				 XCB_XKB_MAP_PART_KEY_TYPES))
		return false;
	if (!(e->changed & XCB_XKB_MAP_PART_KEY_SYMS) || e->nKeySyms == 0)
		return false;
	for (int i = 0; i < e->nKeySyms; i++)
		if (!marker_lent(&k->marker, (uint8_t)(e->firstKeySym + i)))
			return false;
	return true;
}

static void take_controls(struct x11_keyboard *k, const xcb_xkb_controls_notify_event_t *e)
{
	bool on = e->enabledControls & XCB_XKB_BOOL_CTRL_REPEAT_KEYS;

	/* A settings daemon switched it on at its start: that is what it will be again, but not
	 * now. */
	if (k->in_use && on && (e->enabledControlChanges & XCB_XKB_BOOL_CTRL_REPEAT_KEYS)) {
		marker_put_repeat(&k->marker, true);
		set_repeat(k, false);
		xcb_flush(k->x->connection);
	}
}

bool x11_keyboard_event(struct x11_keyboard *k, const xcb_generic_event_t *event)
{
	if (x11_event_kind(event) == XCB_MAPPING_NOTIFY) {
		k->buttons_changed = true;
		return true;
	}
	if (x11_event_kind(event) != k->x->xkb_event)
		return false;
	switch (event->pad0) { /* every XKB event has its own kind there */
	case XCB_XKB_NEW_KEYBOARD_NOTIFY:
		k->layout_changed = true;
		break;
	case XCB_XKB_MAP_NOTIFY:
		if (!only_lent(k, (const xcb_xkb_map_notify_event_t *)(const void *)event))
			k->layout_changed = true;
		break;
	case XCB_XKB_STATE_NOTIFY: {
		const xcb_xkb_state_notify_event_t *s =
			(const xcb_xkb_state_notify_event_t *)(const void *)event;
		k->input->locked = s->lockedMods;
		k->input->group = s->group;
		break;
	}
	case XCB_XKB_INDICATOR_STATE_NOTIFY:
		take_indicators(
			k, ((const xcb_xkb_indicator_state_notify_event_t *)(const void *)event)
				   ->state);
		break;
	case XCB_XKB_CONTROLS_NOTIFY:
		take_controls(k, (const xcb_xkb_controls_notify_event_t *)(const void *)event);
		break;
	default:
		break;
	}
	return true;
}

void x11_keyboard_refresh(struct x11_keyboard *k)
{
	if (!k->layout_changed)
		return;
	k->layout_changed = false;
	if (read_layout(k) < 0)
		log_warn("cannot read the keyboard's layout; keys go on as before");
}
