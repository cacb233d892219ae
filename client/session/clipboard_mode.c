#include "client/session/clipboard_mode.h"

#include <string.h>

static const char *const names[CLIPBOARD_MODES] = {
	[CLIPBOARD_BOTH] = "both",
	[CLIPBOARD_TO] = "to",
	[CLIPBOARD_FROM] = "from",
	[CLIPBOARD_OFF] = "off",
};

int clipboard_mode_parse(const char *word)
{
	for (int i = 0; i < CLIPBOARD_MODES; i++)
		if (strcmp(word, names[i]) == 0)
			return i;
	return -1;
}

const char *clipboard_mode_name(enum clipboard_mode mode)
{
	return names[mode];
}
