#include "server/agent/keymap.h"

#include <errno.h>
#include <stdlib.h>

struct entry {
	uint32_t keysym;
	uint8_t keycode;
	uint8_t group;
};

struct keymap {
	struct xkb_keymap *xkb; /* reference */
	struct xkb_state *model;
	struct entry *entries; /* owned; by keysym */
	size_t count, capacity;
	uint32_t held_by[KEYMAP_KEYCODES];
	bool modifier[KEYMAP_KEYCODES];
	uint32_t shift, level3, lock, shortcut;
};

static int entry_compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->keysym != y->keysym)
		return x->keysym < y->keysym ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return (x->keycode > y->keycode) - (x->keycode < y->keycode);
}

static int entry_add(struct keymap *m, uint32_t keysym, uint32_t keycode, uint32_t group)
{
	if (m->count == m->capacity) {
		size_t capacity = m->capacity ? m->capacity * 2 : 1024;
		struct entry *entries = realloc(m->entries, capacity * sizeof(*entries));
		if (!entries)
			return -ENOMEM;
		m->entries = entries;
		m->capacity = capacity;
	}
	m->entries[m->count++] = (struct entry){ keysym, (uint8_t)keycode, (uint8_t)group };
	return 0;
}

static int add_key(struct keymap *m, uint32_t keycode)
{
	xkb_layout_index_t groups = xkb_keymap_num_layouts_for_key(m->xkb, keycode);

	for (xkb_layout_index_t group = 0; group < groups; group++) {
		xkb_level_index_t levels = xkb_keymap_num_levels_for_key(m->xkb, keycode, group);
		for (xkb_level_index_t level = 0; level < levels; level++) {
			const xkb_keysym_t *syms;
			int n = xkb_keymap_key_get_syms_by_level(
				m->xkb, keycode, group, level, &syms);
			if (n != 1 || syms[0] == XKB_KEY_NoSymbol)
				continue;
			int r = entry_add(m, syms[0], keycode, group);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* Presses each key on a keyboard at rest, to see what it holds or locks. */
static int learn_modifiers(struct keymap *m)
{
	for (uint32_t keycode = 8; keycode < KEYMAP_KEYCODES; keycode++) {
		struct xkb_state *fresh = xkb_state_new(m->xkb);
		if (!fresh)
			return -ENOMEM;
		enum xkb_state_component changed =
			xkb_state_update_key(fresh, keycode, XKB_KEY_DOWN);
		m->held_by[keycode] = xkb_state_serialize_mods(fresh, XKB_STATE_MODS_DEPRESSED);
		m->modifier[keycode] = changed != 0;
		xkb_state_unref(fresh);
	}
	return 0;
}

static uint32_t mask_of_keysym(const struct keymap *m, uint32_t keysym)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->entries[i].keysym == keysym && m->held_by[m->entries[i].keycode])
			return m->held_by[m->entries[i].keycode];
	return 0;
}

int keymap_create(struct keymap **out, struct xkb_keymap *xkb)
{
	struct keymap *m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;

	int r = -ENOMEM;
	m->xkb = xkb_keymap_ref(xkb);
	m->model = xkb_state_new(xkb);
	if (!m->model)
		goto fail;
	r = learn_modifiers(m);
	for (uint32_t keycode = 8; r == 0 && keycode < KEYMAP_KEYCODES; keycode++)
		r = add_key(m, keycode);
	if (r < 0)
		goto fail;
	if (m->count)
		qsort(m->entries, m->count, sizeof(*m->entries), entry_compare);
	m->shift = mask_of_keysym(m, XKB_KEY_Shift_L);
	m->level3 = mask_of_keysym(m, XKB_KEY_ISO_Level3_Shift);
	m->lock = 1U << xkb_keymap_mod_get_index(xkb, XKB_MOD_NAME_CAPS);
	m->shortcut = mask_of_keysym(m, XKB_KEY_Control_L) | mask_of_keysym(m, XKB_KEY_Alt_L) |
		      mask_of_keysym(m, XKB_KEY_Super_L);

	*out = m;
	return 0;

fail:
	keymap_destroy(m);
	return r;
}

void keymap_destroy(struct keymap *m)
{
	if (!m)
		return;
	xkb_state_unref(m->model);
	xkb_keymap_unref(m->xkb);
	free(m->entries);
	free(m);
}

static size_t first_entry(const struct keymap *m, uint32_t keysym)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (m->entries[middle].keysym < keysym)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What the key gives in this state, with the group and modifiers of hit. */
static uint32_t try_key(
	struct keymap *m, const struct keymap_state *now, const struct keymap_hit *hit)
{
	uint32_t held = (now->held | hit->press) & ~hit->release;

	xkb_state_update_mask(m->model, held, 0, now->locked, 0, 0, hit->group);
	return xkb_state_key_get_one_sym(m->model, hit->keycode);
}

static int count_bits(uint32_t mask)
{
	return __builtin_popcount(mask);
}

/* Menu, the last key of a PC's keyboard. Beyond it lie keys for media, and 187 and 188 for
 * parentheses: nested virtual machines and remote desktops do not know them. */
#define KEYCODE_USUAL_LAST 135

/* Fewer things to change are better; any way by a usual key is better than by a rare one; a group stays changed and is seen by the person, so it weighs
 * most. */
static int cost_of(const struct keymap_hit *hit, uint8_t preferred, const struct keymap_state *now)
{
	return (hit->group != now->group ? 16 : 0) + 2 * count_bits(hit->press) +
	       3 * count_bits(hit->release) + (hit->keycode != preferred) +
	       (hit->keycode != preferred && hit->keycode > KEYCODE_USUAL_LAST ? 12 : 0);
}

static bool can_press(const struct keymap *m, uint32_t modifiers)
{
	return (!(modifiers & m->shift) || keymap_key_for(m, m->shift)) &&
	       (!(modifiers & m->level3) || keymap_key_for(m, m->level3));
}

static void try_entry(struct keymap *m, const struct entry *e, uint8_t preferred,
	const struct keymap_state *now, struct keymap_hit *best, int *least)
{
	const uint32_t wanted[] = { 0, m->shift, m->level3, m->shift | m->level3 };
	uint32_t both = m->shift | m->level3;

	if (m->modifier[e->keycode]) {
		struct keymap_hit hit = { .keycode = e->keycode, .group = now->group };
		int cost = cost_of(&hit, preferred, now);
		if (cost < *least) {
			*best = hit;
			*least = cost;
		}
		return;
	}
	/* First as things are (other modifiers may choose levels too), then with exactly each
	 * combination. */
	for (size_t i = 0; i <= ARRAY_LEN(wanted); i++) {
		struct keymap_hit hit = { .keycode = e->keycode };
		if (i > 0) {
			hit.press = wanted[i - 1] & ~now->held;
			hit.release = now->held & both & ~wanted[i - 1];
		}
		if (!can_press(m, hit.press))
			continue;
		/* Keys with one group give it in every group: no need to leave the one that is on.
		 */
		for (int other = 0; other <= 1; other++) {
			hit.group = other ? e->group : now->group;
			int cost = cost_of(&hit, preferred, now);
			if (cost < *least && try_key(m, now, &hit) == e->keysym) {
				*best = hit;
				*least = cost;
			}
		}
	}
}

/*
 * In a shortcut a letter is a key: whether Caps Lock is on at either end says nothing, and Shift
 * counts as the person holds it. A letter without a key at the client (preferred 0) was chosen in
 * its case, so that it gets its Shift.
 */
static uint32_t as_shortcut(
	const struct keymap *m, uint32_t keysym, uint8_t preferred, struct keymap_state *now)
{
	uint32_t lower = xkb_keysym_to_lower(keysym);

	if (!(now->held & m->shortcut) || lower == xkb_keysym_to_upper(keysym))
		return keysym;
	now->locked &= ~m->lock;
	if (!preferred)
		return keysym;
	now->held &= ~m->shift;
	return lower;
}

int keymap_find(struct keymap *m, uint32_t keysym, uint8_t preferred,
	const struct keymap_state *state, struct keymap_hit *hit)
{
	int least = INT32_MAX;
	struct keymap_state changed = *state;
	const struct keymap_state *now = &changed;

	keysym = as_shortcut(m, keysym, preferred, &changed);

	for (size_t i = first_entry(m, keysym); i < m->count && m->entries[i].keysym == keysym; i++)
		try_entry(m, &m->entries[i], preferred, now, hit, &least);
	return least == INT32_MAX ? -ENOENT : 0;
}

uint32_t keymap_held_by(const struct keymap *m, uint8_t keycode)
{
	return m->held_by[keycode];
}

bool keymap_is_modifier(const struct keymap *m, uint8_t keycode)
{
	return m->modifier[keycode];
}

uint8_t keymap_key_for(const struct keymap *m, uint32_t modifier)
{
	static const uint32_t usual[] = { XKB_KEY_Shift_L, XKB_KEY_ISO_Level3_Shift };

	if (!modifier)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		for (size_t j = first_entry(m, usual[i]);
			j < m->count && m->entries[j].keysym == usual[i]; j++)
			if (m->held_by[m->entries[j].keycode] == modifier)
				return m->entries[j].keycode;
	return 0;
}

uint32_t keymap_shortcut_mask(const struct keymap *m)
{
	return m->shortcut;
}

void keymap_choose_case(
	const struct keymap *m, bool upper, const struct keymap_state *now, struct keymap_hit *hit)
{
	bool shift = upper != ((now->locked & m->lock) != 0);

	hit->press = shift ? m->shift & ~now->held : 0;
	hit->release = shift ? 0 : now->held & m->shift;
}

size_t keymap_spares(const struct keymap *m, uint8_t *out, size_t max)
{
	bool used[KEYMAP_KEYCODES] = { false };
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++)
		used[m->entries[i].keycode] = true;
	for (int keycode = KEYMAP_KEYCODES - 1; keycode >= 9 && n < max; keycode--)
		if (!used[keycode] && !m->modifier[keycode])
			out[n++] = (uint8_t)keycode;
	return n;
}
