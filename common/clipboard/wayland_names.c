#include "common/clipboard/wayland_names.h"

#include "common/base/macros.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* KeePassXC, Firefox and wl-copy --sensitive set it; KDE defined it. */
#define HINT "x-kde-passwordManagerHint"
#define MARK "application/x-farseat;origin=%016" PRIx64 ";owner=%016" PRIx64

/*
 * A line for each name, the best of its kind first. text/plain leaves the encoding open, and Firefox
 * answers it in ASCII with escapes for everything else: it is the last to ask by, and not offered.
 */
static const struct name {
	const char *text;
	enum clipboard_kind kind;
	bool offered; /* by us too */
} names[] = {
	{ "text/plain;charset=utf-8", CLIPBOARD_TEXT, true },
	{ "UTF8_STRING", CLIPBOARD_TEXT, true },
	{ "text/plain;charset=UTF-8", CLIPBOARD_TEXT, false },
	{ "text/plain", CLIPBOARD_TEXT, false },
	{ "text/html", CLIPBOARD_HTML, true },
	{ "image/png", CLIPBOARD_PNG, true },
	{ "text/rtf", CLIPBOARD_RTF, true },
	{ "application/rtf", CLIPBOARD_RTF, false },
	{ "text/uri-list", CLIPBOARD_FILES, true },
};

/* The place of a name in the table; -1: it is not there. */
static int place_of(const char *text)
{
	for (size_t i = 0; text && i < ARRAY_LEN(names); i++)
		if (strcmp(text, names[i].text) == 0)
			return (int)i;
	return -1;
}

/* What stands behind the label; 0: nothing. Whoever asks compares the whole name afterwards. */
static uint64_t number_behind(const char *name, const char *label)
{
	const char *at = strstr(name, label);

	return at ? strtoull(at + strlen(label), NULL, 16) : 0;
}

void wayland_names_add(struct wayland_names *n, const char *name)
{
	uint64_t origin = number_behind(name, ";origin="), owner = number_behind(name, ";owner=");
	char again[WAYLAND_NAME_BYTES];
	int place = place_of(name);

	if (strcmp(name, HINT) == 0)
		n->secret = true;
	wayland_names_mark(again, origin, owner);
	if (strcmp(name, again) == 0) {
		n->origin = origin;
		n->owner = owner;
	}
	if (place < 0)
		return;
	enum clipboard_kind kind = names[place].kind;
	n->kinds |= CLIPBOARD_BIT(kind);
	if (place < place_of(n->ask[kind]) || !n->ask[kind])
		n->ask[kind] = names[place].text;
}

enum wayland_answer wayland_names_answer(const char *name, enum clipboard_kind *kind)
{
	int place = place_of(name);

	if (strcmp(name, HINT) == 0)
		return WAYLAND_ANSWER_HINT;
	if (place < 0)
		return WAYLAND_ANSWER_NONE;
	*kind = names[place].kind;
	return WAYLAND_ANSWER_KIND;
}

void wayland_names_offer(unsigned kinds, bool secret, wayland_name_fn tell, void *user)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].offered && (kinds & CLIPBOARD_BIT(names[i].kind)))
			tell(user, names[i].text);
	if (secret)
		tell(user, HINT);
}

void wayland_names_mark(char out[static WAYLAND_NAME_BYTES], uint64_t origin, uint64_t owner)
{
	snprintf(out, WAYLAND_NAME_BYTES, MARK, origin, owner);
}
