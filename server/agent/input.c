#include "server/agent/input.h"

#include "common/base/log.h"
#include "common/base/utf8.h"

#include <errno.h>
#include <xkbcommon/xkbcommon.h>

/* X keycodes are evdev's and 8: the first eight were never used (X protocol, chapter 5). */
#define EVDEV_OFFSET 8
/* Shift to Mod5, as the core protocol has them; above: virtual ones. */
#define REAL_MODIFIERS 0xffU

#define WHEEL_UP    4
#define WHEEL_DOWN  5
#define WHEEL_LEFT  6
#define WHEEL_RIGHT 7
/* One message may turn the wheel by 273 notches (i16 / 120); each is two events. More than a hand
 * can is noise. */
#define WHEEL_NOTCHES_MAX 32

void input_init(struct input *in, const struct input_sink *sink, void *display)
{
	*in = (struct input){ .sink = sink, .display = display };
}

void input_finish(struct input *in)
{
	keymap_destroy(in->keymap);
	in->keymap = NULL;
}

void input_set_keymap(struct input *in, struct keymap *m)
{
	keymap_destroy(in->keymap);
	in->keymap = m;
}

/* --- keys --- */

static struct keymap_state state_now(const struct input *in)
{
	struct keymap_state now = { .locked = in->locked, .group = in->group };

	for (int keycode = 0; in->keymap && keycode < KEYMAP_KEYCODES; keycode++)
		if (in->held[keycode])
			now.held |= keymap_held_by(in->keymap, (uint8_t)keycode);
	return now;
}

static bool is_modifier(const struct input *in, uint8_t keycode)
{
	return in->keymap && keymap_is_modifier(in->keymap, keycode);
}

static void press(struct input *in, uint8_t keycode)
{
	/* Another worker holds it: an application must still see this press. */
	if (in->held[keycode] && !is_modifier(in, keycode))
		in->sink->key(in->display, keycode, false);
	if (!in->held[keycode] || !is_modifier(in, keycode))
		in->sink->key(in->display, keycode, true);
	in->held[keycode]++;
}

static bool can(const struct input *in, enum input_can what)
{
	return in->sink->can & what;
}

/*
 * Sticky keys (AccessX) make a latch of a modifier that goes up without a key in between. A person
 * means one by tapping Shift; what goes up and down here around another key never does.
 */
static void unlatch(struct input *in, uint32_t modifiers)
{
	if ((modifiers & REAL_MODIFIERS) && can(in, INPUT_CAN_UNLATCH))
		in->sink->unlatch(in->display, (uint8_t)(modifiers & REAL_MODIFIERS));
}

static void release(struct input *in, uint8_t keycode)
{
	if (!in->held[keycode] || --in->held[keycode] > 0)
		return;
	in->sink->key(in->display, keycode, false);
	uint32_t latched = is_modifier(in, keycode)
				   ? in->taken_again & keymap_held_by(in->keymap, keycode)
				   : 0;
	in->taken_again &= ~latched;
	unlatch(in, latched);
}

/* Lets go of (or takes again) the held keys that hold any of these modifiers. */
static void toggle_held(struct input *in, uint32_t modifiers, bool down)
{
	for (int keycode = 0; modifiers && keycode < KEYMAP_KEYCODES; keycode++)
		if (in->held[keycode] && (keymap_held_by(in->keymap, (uint8_t)keycode) & modifiers))
			in->sink->key(in->display, (uint8_t)keycode, down);
}

/* Each bit of modifiers by a key of its own. */
static void toggle_extra(struct input *in, uint32_t modifiers, bool down)
{
	while (modifiers) {
		uint32_t one = modifiers & -modifiers;
		uint8_t keycode = keymap_key_for(in->keymap, one);

		modifiers &= ~one;
		if (keycode && !in->held[keycode])
			in->sink->key(in->display, keycode, down);
	}
}

static void press_hit(struct input *in, const struct keymap_hit *hit)
{
	if (hit->group != in->group) {
		in->sink->lock_group(in->display, hit->group);
		in->group = hit->group;
	}
	toggle_held(in, hit->release, false);
	unlatch(in, hit->release);
	toggle_extra(in, hit->press, true);
	press(in, hit->keycode);
	toggle_extra(in, hit->press, false);
	toggle_held(in, hit->release, true);
	in->taken_again |= hit->release;
}

/* Whether X servers know both cases of it; of sharp s some do, and each its own. */
static bool has_case(uint32_t keysym)
{
	uint32_t lower = xkb_keysym_to_lower(keysym);

	return lower != xkb_keysym_to_upper(keysym) && lower != XKB_KEY_ssharp;
}

/* A keycode that was lent to keysym; to both cases of a letter, since programs turn a key that has
 * one alone into the other by Caps Lock. 0, -EAGAIN, -ENOENT. */
static int hit_spare(struct input *in, uint32_t keysym, const struct keymap_state *now,
	uint64_t now_ms, struct keymap_hit *hit)
{
	uint8_t keycode;
	bool cased = has_case(keysym);
	uint32_t lower = cased ? xkb_keysym_to_lower(keysym) : keysym;

	if (!can(in, INPUT_CAN_BIND) || !spares_may_bind(keysym))
		return -ENOENT;
	int r = spares_take(&in->spares, lower, now_ms, &keycode);
	if (r < 0)
		return r;
	if (r == 1)
		in->sink->bind(
			in->display, keycode, lower, cased ? xkb_keysym_to_upper(keysym) : keysym);
	*hit = (struct keymap_hit){ .keycode = keycode, .group = in->group };
	if (cased)
		keymap_choose_case(in->keymap, keysym != lower, now, hit);
	return 0;
}

/* Which key gives keysym, physical (0 none) being where the client's finger is. 0, -EAGAIN,
 * -ENOENT. */
static int resolve(struct input *in, uint32_t keysym, uint8_t physical, uint64_t now_ms,
	struct keymap_hit *hit)
{
	if (!in->keymap || keysym == 0)
		return -ENOENT;
	struct keymap_state now = state_now(in);
	if (keymap_find(in->keymap, keysym, physical, &now, hit) == 0 &&
		(hit->group == in->group || can(in, INPUT_CAN_LOCK_GROUP)))
		return 0;
	/* A letter this layout lacks, as a shortcut: the key at that place, as a person at the
	 * machine would press it. */
	if (physical && (now.held & keymap_shortcut_mask(in->keymap)))
		return -ENOENT;
	return hit_spare(in, keysym, &now, now_ms, hit);
}

static uint8_t keycode_of_evdev(uint16_t evdev)
{
	return evdev && evdev + EVDEV_OFFSET < KEYMAP_KEYCODES ? (uint8_t)(evdev + EVDEV_OFFSET)
							       : 0;
}

/* A key that holds or locks something, or changes the group. */
static bool is_state_keysym(uint32_t keysym)
{
	return (keysym >= XKB_KEY_ISO_Lock && keysym <= XKB_KEY_ISO_Level5_Lock) ||
	       keysym == XKB_KEY_Mode_switch || keysym == XKB_KEY_Num_Lock ||
	       (keysym >= XKB_KEY_Shift_L && keysym <= XKB_KEY_Hyper_R);
}

/* The same modifier on the other side; 0: it has none. */
static uint32_t other_side(uint32_t keysym)
{
	if (keysym < XKB_KEY_Shift_L || keysym > XKB_KEY_Hyper_R || keysym == XKB_KEY_Caps_Lock ||
		keysym == XKB_KEY_Shift_Lock)
		return 0;
	return ((keysym - XKB_KEY_Shift_L) ^ 1) + XKB_KEY_Shift_L;
}

/*
 * The key for a press: as meant, else the physical one. A modifier or a change of the group that only
 * the laptop knows gets none: what lies at its place here is another one (Caps Lock, Menu). 0,
 * -EAGAIN, -ENOENT.
 */
static int find_key(
	struct input *in, const struct wire_key *key, uint64_t now_ms, struct keymap_hit *hit)
{
	uint8_t physical = keycode_of_evdev(key->evdev);
	uint32_t keysym = key->physical ? 0 : key->keysym;
	int r = resolve(in, keysym, physical, now_ms, hit);

	if (r != -ENOENT)
		return r;
	if (in->keymap && is_state_keysym(keysym))
		return other_side(keysym) ? resolve(in, other_side(keysym), physical, now_ms, hit)
					  : -ENOENT;
	*hit = (struct keymap_hit){ .keycode = physical, .group = in->group };
	return physical ? 0 : -ENOENT;
}

static int find_slot(const struct input_holder *h, uint16_t evdev, uint32_t keysym)
{
	for (int i = 0; i < INPUT_KEYS_MAX; i++)
		if (h->keys[i].keycode &&
			(evdev ? h->keys[i].evdev == evdev : h->keys[i].keysym == keysym))
			return i;
	return -1;
}

static int free_slot(const struct input_holder *h)
{
	for (int i = 0; i < INPUT_KEYS_MAX; i++)
		if (!h->keys[i].keycode)
			return i;
	return -1;
}

static void key_up(struct input *in, struct input_holder *h, int slot)
{
	uint8_t keycode = h->keys[slot].keycode;

	h->keys[slot].keycode = 0;
	release(in, keycode);
}

int input_key(struct input *in, struct input_holder *h, const struct wire_key *key, uint64_t now_ms)
{
	int slot = find_slot(h, key->evdev, key->keysym);

	if (!key->down) {
		if (slot >= 0)
			key_up(in, h, slot);
		return 0;
	}
	if (slot >= 0 && is_modifier(in, h->keys[slot].keycode))
		return 0;

	struct keymap_hit hit;
	int r = find_key(in, key, now_ms, &hit);
	if (r == -EAGAIN)
		return r;
	if (r < 0) {
		log_debug("no key for keysym 0x%x", key->keysym);
		return 0;
	}
	if (slot >= 0) /* the client's repeat */
		key_up(in, h, slot);
	else
		slot = free_slot(h);
	if (slot < 0) {
		log_debug("a worker holds %d keys: another press is dropped", INPUT_KEYS_MAX);
		return 0;
	}
	press_hit(in, &hit);
	h->keys[slot].evdev = key->evdev;
	h->keys[slot].keysym = key->keysym;
	h->keys[slot].keycode = hit.keycode;
	return 0;
}

/* --- text --- */

int input_text(struct input *in, const uint8_t *utf8, size_t len, size_t *done, uint64_t now_ms)
{
	while (*done < len) {
		uint32_t code;
		struct keymap_hit hit;
		size_t taken = utf8_decode(utf8 + *done, len - *done, &code);
		int r = resolve(in, xkb_utf32_to_keysym(code), 0, now_ms, &hit);

		if (r == -EAGAIN)
			return r;
		if (r == 0) {
			press_hit(in, &hit);
			release(in, hit.keycode);
		} else {
			log_debug("no key for U+%04X", code);
		}
		*done += taken;
	}
	return 0;
}

/* --- pointer --- */

void input_pointer(struct input *in, const struct wire_pointer *pointer)
{
	if (in->width_px == 0 || in->height_px == 0)
		return;
	in->sink->motion(in->display, MIN(pointer->x_px, (uint16_t)(in->width_px - 1)),
		MIN(pointer->y_px, (uint16_t)(in->height_px - 1)));
}

void input_pointer_by(struct input *in, const struct wire_pointer_by *by)
{
	if (can(in, INPUT_CAN_MOTION_BY))
		in->sink->motion_by(in->display, by->dx_px, by->dy_px);
}

static bool button_known(uint8_t button)
{
	return (button >= 1 && button <= 3) || button == 8 || button == 9;
}

static void button_up(struct input *in, struct input_holder *h, uint8_t button)
{
	h->buttons &= ~(1U << button);
	if (in->buttons[button] && --in->buttons[button] == 0)
		in->sink->button(in->display, button, false);
}

void input_button(struct input *in, struct input_holder *h, const struct wire_button *button)
{
	if (!button_known(button->button))
		return;
	bool held = h->buttons & 1U << button->button;
	if (button->down && !held) {
		h->buttons |= 1U << button->button;
		if (in->buttons[button->button]++ == 0)
			in->sink->button(in->display, button->button, true);
	} else if (!button->down && held) {
		button_up(in, h, button->button);
	}
}

static void turn(struct input *in, int notches, uint8_t less, uint8_t more)
{
	uint8_t button = notches < 0 ? less : more;
	int count = MIN(notches < 0 ? -notches : notches, WHEEL_NOTCHES_MAX);

	for (int i = 0; i < count; i++) {
		in->sink->button(in->display, button, true);
		in->sink->button(in->display, button, false);
	}
}

void input_wheel(struct input *in, struct input_holder *h, const struct wire_wheel *wheel)
{
	if (can(in, INPUT_CAN_FINE_WHEEL)) {
		in->sink->wheel(in->display, wheel->dx, wheel->dy);
		return;
	}
	turn(in, wheel_notches(&h->wheel.rest_x, wheel->dx), WHEEL_LEFT, WHEEL_RIGHT);
	turn(in, wheel_notches(&h->wheel.rest_y, wheel->dy), WHEEL_UP, WHEEL_DOWN);
}

void input_release_all(struct input *in, struct input_holder *h)
{
	for (int i = 0; i < INPUT_KEYS_MAX; i++)
		if (h->keys[i].keycode)
			key_up(in, h, i);
	for (uint8_t button = 1; button <= 9; button++)
		if (h->buttons & 1U << button)
			button_up(in, h, button);
	h->wheel = (struct wheel){ 0 };
}
