#include "server/agent/spares.h"

#include <errno.h>
#include <stdbool.h>

static bool has_keycode(const struct spares *s, uint8_t keycode)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].keycode == keycode)
			return true;
	return false;
}

void spares_renew(struct spares *s, const uint8_t *keycodes, size_t count)
{
	struct spares fresh = { 0 };

	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].keysym != 0)
			fresh.list[fresh.count++] = s->list[i];
	for (size_t i = 0; i < count && fresh.count < SPARES_MAX; i++)
		if (!has_keycode(&fresh, keycodes[i]))
			fresh.list[fresh.count++] = (struct spare){ .keycode = keycodes[i] };
	*s = fresh;
}

void spares_forget(struct spares *s)
{
	for (size_t i = 0; i < s->count; i++)
		s->list[i].keysym = 0;
}

uint64_t spares_used_ms(const struct spares *s)
{
	uint64_t used_ms = 0;

	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].keysym != 0)
			used_ms = MAX(used_ms, s->list[i].used_ms);
	return used_ms;
}

int spares_take(struct spares *s, uint32_t keysym, uint64_t now_ms, uint8_t *keycode)
{
	struct spare *oldest = NULL;

	for (size_t i = 0; i < s->count; i++) {
		struct spare *spare = &s->list[i];
		if (spare->keysym == keysym) {
			spare->used_ms = now_ms;
			*keycode = spare->keycode;
			return 0;
		}
		if (spare->keysym == 0) {
			if (!oldest || oldest->keysym != 0)
				oldest = spare;
		} else if (!oldest || (oldest->keysym != 0 && spare->used_ms < oldest->used_ms)) {
			oldest = spare;
		}
	}
	if (!oldest)
		return -ENOENT;
	if (oldest->keysym != 0 && now_ms - oldest->used_ms < SPARES_REST_MS)
		return -EAGAIN;
	oldest->keysym = keysym;
	oldest->used_ms = now_ms;
	*keycode = oldest->keycode;
	return 1;
}

bool spares_may_bind(uint32_t keysym)
{
	static const struct {
		uint32_t first, last;
	} refused[] = {
		{ 0xfe01,
			0xfe13 }, /* ISO_Lock .. level and group shifts: states, not keys to type */
		{ 0xfed0, 0xfed5 },         /* First_Virtual_Screen .. Terminate_Server */
		{ 0xfe70, 0xfe7a },         /* AccessX_Enable and its kin */
		{ 0xfee0, 0xfefa },         /* Pointer_*: keys that move the mouse */
		{ 0xffe1, 0xffee },         /* Shift_L .. Hyper_R */
		{ 0x1008fe01, 0x1008fe0c }, /* XF86Switch_VT_1 .. 12 */
		{ 0x1008fe20, 0x1008fe25 }, /* XF86Ungrab, XF86ClearGrab, modes, loggers */
	};

	if (keysym == 0 || keysym > 0x1fffffff) /* 29 bits: X protocol, chapter 5 */
		return false;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (keysym >= refused[i].first && keysym <= refused[i].last)
			return false;
	return true;
}
