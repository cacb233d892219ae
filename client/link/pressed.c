#include "client/link/pressed.h"

#include <string.h>

static bool follow_key(struct pressed *p, const struct wire_key *key)
{
	if (key->evdev == 0 || key->evdev >= PRESSED_EVDEV_MAX)
		return false;
	uint8_t bit = (uint8_t)(1U << (key->evdev & 7));
	uint8_t *byte = &p->keys[key->evdev / 8];
	bool before = *byte & bit;

	if (before != key->down)
		p->key_count += key->down ? 1U : -1U;
	*byte = (uint8_t)(key->down ? *byte | bit : *byte & ~bit);
	return before && key->down;
}

bool pressed_follow(struct pressed *p, const struct wire_message *m)
{
	if (m->type == WIRE_KEY)
		return follow_key(p, &m->key);
	if (m->type == WIRE_BUTTON) {
		uint32_t bit = 1U << (m->button.button & 31);
		p->buttons = m->button.down ? p->buttons | bit : p->buttons & ~bit;
	} else if (m->type == WIRE_RELEASE_ALL) {
		memset(p, 0, sizeof(*p));
	}
	return false;
}

bool pressed_any(const struct pressed *p)
{
	return p->key_count > 0 || p->buttons != 0;
}
