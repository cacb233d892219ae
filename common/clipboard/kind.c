#include "common/clipboard/kind.h"

#include <string.h>

static const struct {
	const char *name;
	size_t max_bytes;
} kinds[CLIPBOARD_KIND_COUNT] = {
	[CLIPBOARD_TEXT] = { "text", WIRE_CLIPBOARD_TEXT_MAX_BYTES },
	[CLIPBOARD_HTML] = { "html", WIRE_CLIPBOARD_TEXT_MAX_BYTES },
	[CLIPBOARD_PNG] = { "png", WIRE_CLIPBOARD_PNG_MAX_BYTES },
	[CLIPBOARD_RTF] = { "rtf", WIRE_CLIPBOARD_TEXT_MAX_BYTES },
	[CLIPBOARD_FILES] = { "files", WIRE_CLIPBOARD_TEXT_MAX_BYTES },
};

size_t clipboard_kind_max_bytes(enum clipboard_kind kind)
{
	return kinds[kind].max_bytes;
}

const char *clipboard_kind_name(enum clipboard_kind kind)
{
	return kinds[kind].name;
}

const char *clipboard_selection_name(enum clipboard_selection selection)
{
	return selection == CLIPBOARD_PRIMARY ? "primary" : "clipboard";
}

bool clipboard_kind_of_name(enum clipboard_kind *out, const char *name)
{
	for (int i = 0; i < CLIPBOARD_KIND_COUNT; i++)
		if (strcmp(kinds[i].name, name) == 0) {
			*out = (enum clipboard_kind)i;
			return true;
		}
	return false;
}
