#include "server/agent/wlr/keyboard.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <virtual-keyboard-client-protocol.h>

/* X's keycodes are evdev's and 8. */
#define EVDEV_OFFSET 8

static void send_modifiers(struct wlr_keyboard *k)
{
	zwp_virtual_keyboard_v1_modifiers(k->proxy,
		xkb_state_serialize_mods(k->state, XKB_STATE_MODS_DEPRESSED),
		xkb_state_serialize_mods(k->state, XKB_STATE_MODS_LATCHED),
		xkb_state_serialize_mods(k->state, XKB_STATE_MODS_LOCKED),
		xkb_state_serialize_layout(k->state, XKB_STATE_LAYOUT_EFFECTIVE));
}

/* What the person sees and what keys are looked up by, after it has changed. */
static void tell_state(struct wlr_keyboard *k)
{
	static const struct {
		const char *name;
		uint8_t led;
	} leds[] = { { XKB_LED_NAME_CAPS, WIRE_LED_CAPS }, { XKB_LED_NAME_NUM, WIRE_LED_NUM },
		{ XKB_LED_NAME_SCROLL, WIRE_LED_SCROLL } };
	struct input *input = k->display->input;
	uint8_t now = 0;

	input->locked = xkb_state_serialize_mods(k->state, XKB_STATE_MODS_LOCKED);
	input->group = xkb_state_serialize_layout(k->state, XKB_STATE_LAYOUT_EFFECTIVE);
	for (size_t i = 0; i < ARRAY_LEN(leds); i++)
		if (xkb_state_led_name_is_active(k->state, leds[i].name) > 0)
			now |= leds[i].led;
	if (now != k->display->leds)
		k->display->changed |= DISPLAY_CHANGED_LEDS;
	k->display->leds = now;
}

void wlr_keyboard_key(struct wlr_keyboard *k, uint8_t keycode, bool down)
{
	zwp_virtual_keyboard_v1_key(k->proxy, (uint32_t)clock_now_ms(),
		(uint32_t)keycode - EVDEV_OFFSET,
		down ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED);
	if (xkb_state_update_key(k->state, keycode, down ? XKB_KEY_DOWN : XKB_KEY_UP) == 0)
		return;
	send_modifiers(k);
	tell_state(k);
}

void wlr_keyboard_lock_group(struct wlr_keyboard *k, uint32_t group)
{
	xkb_state_update_mask(k->state,
		xkb_state_serialize_mods(k->state, XKB_STATE_MODS_DEPRESSED),
		xkb_state_serialize_mods(k->state, XKB_STATE_MODS_LATCHED),
		xkb_state_serialize_mods(k->state, XKB_STATE_MODS_LOCKED), 0, 0, group);
	send_modifiers(k);
	tell_state(k);
}

/* --- the layout --- */

static int upload(struct wlr_keyboard *k)
{
	struct ipc_memory memory;

	char *text = wlr_layout_text(k->keymap, k->lent, k->lent_count);
	if (!text)
		return -ENOMEM;
	size_t size = strlen(text) + 1;
	int r = ipc_memory_create(&memory, "farseat-layout", size);
	if (r == 0) {
		memcpy(memory.bytes, text, size);
		zwp_virtual_keyboard_v1_keymap(
			k->proxy, WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1, memory.fd, (uint32_t)size);
		ipc_memory_finish(&memory);
		send_modifiers(k); /* a new layout has none */
	}
	free(text);
	return r;
}

void wlr_keyboard_bind(struct wlr_keyboard *k, uint8_t keycode, uint32_t plain, uint32_t shifted)
{
	size_t i = 0;

	while (i < k->lent_count && k->lent[i].keycode != keycode)
		i++;
	if (i == ARRAY_LEN(k->lent))
		return; /* more than there are spares: none of them */
	if (plain)
		k->lent[i] = (struct wlr_layout_more){ keycode, plain, shifted };
	else if (i < k->lent_count)
		k->lent[i] = k->lent[--k->lent_count];
	if (plain && i == k->lent_count)
		k->lent_count++;
	if (upload(k) < 0)
		log_warn("no memory for a layout: a character is not typed");
}

static int take_layout(struct wlr_keyboard *k)
{
	uint8_t spares[SPARES_MAX];
	struct keymap *keymap;

	int r = keymap_create(&keymap, k->keymap);
	if (r < 0)
		return r;
	input_set_keymap(k->display->input, keymap);
	spares_renew(&k->display->input->spares, spares,
		keymap_spares(keymap, spares, ARRAY_LEN(spares)));
	if (k->display->input->spares.count == 0)
		log_warn(
			"this layout leaves no keycode free: characters that it lacks cannot be typed");
	tell_state(k);
	return upload(k);
}

int wlr_keyboard_init(struct wlr_keyboard *k, struct wlr *w, struct display *display)
{
	*k = (struct wlr_keyboard){ .w = w, .display = display };
	k->context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	if (!k->context)
		return -ENOMEM;
	k->keymap = wlr_layout_find(w, k->context);
	if (!k->keymap)
		return -EINVAL;
	k->state = xkb_state_new(k->keymap);
	if (!k->state)
		return -ENOMEM;
	k->proxy = zwp_virtual_keyboard_manager_v1_create_virtual_keyboard(w->keyboards, w->seat);
	return take_layout(k);
}

void wlr_keyboard_finish(struct wlr_keyboard *k)
{
	if (!k->w)
		return;
	if (k->proxy)
		zwp_virtual_keyboard_v1_destroy(k->proxy);
	xkb_state_unref(k->state);
	xkb_keymap_unref(k->keymap);
	xkb_context_unref(k->context);
	k->w = NULL;
}
