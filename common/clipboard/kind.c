#include "common/clipboard/kind.h"

#include <string.h>

static const char *const names[CLIPBOARD_KIND_COUNT] = {
	[CLIPBOARD_TEXT] = "text",
	[CLIPBOARD_HTML] = "html",
	[CLIPBOARD_PNG] = "png",
	[CLIPBOARD_RTF] = "rtf",
	[CLIPBOARD_FILES] = "files",
};

size_t clipboard_kind_max_bytes(enum clipboard_kind kind)
{
	static const uint32_t max_bytes[WIRE_CLIPBOARD_KINDS] = CLIPBOARD_KINDS_MAX_BYTES;

	/* Files are a list of their names, which is a text. */
	return max_bytes[kind == CLIPBOARD_FILES ? CLIPBOARD_TEXT : kind];
}

const char *clipboard_kind_name(enum clipboard_kind kind)
{
	return names[kind];
}

const char *clipboard_selection_name(enum clipboard_selection selection)
{
	return selection == CLIPBOARD_PRIMARY ? "primary" : "clipboard";
}

bool clipboard_kind_of_name(enum clipboard_kind *out, const char *name)
{
	for (int i = 0; i < CLIPBOARD_KIND_COUNT; i++)
		if (strcmp(names[i], name) == 0) {
			*out = (enum clipboard_kind)i;
			return true;
		}
	return false;
}
