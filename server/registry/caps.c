#include "server/registry/caps.h"

#include "common/wire/messages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What the program can do. Bits that are kept in the registry for other versions (PROTOCOL.md has more
 * capabilities than this one carries out) are neither shown nor changed. */
/* farseatctl's completion has the same words (server/admin/main.c), held by a test. */
static const struct {
	uint32_t cap;
	const char *word, *meaning;
} words[] = {
	{ WIRE_CAP_SEE, "see", "sees the screen" },
	{ WIRE_CAP_INPUT, "input", "types and moves the pointer" },
	{ WIRE_CAP_CLIPBOARD_IN, "clipboard-in", "clipboard from the laptop" },
	{ WIRE_CAP_CLIPBOARD_OUT, "clipboard-out", "clipboard to the laptop" },
	{ WIRE_CAP_SOUND, "sound", "hears the session" },
	{ WIRE_CAP_FILES_IN, "files-in", "files from the laptop" },
	{ WIRE_CAP_FILES_OUT, "files-out", "files to the laptop" },
	{ WIRE_CAP_RESIZE, "resize", "changes the screen's size" },
};

int caps_apply(uint32_t *caps, const char *change)
{
	if (change[0] != '+' && change[0] != '-')
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i].word, change + 1) != 0)
			continue;
		*caps = change[0] == '+' ? *caps | words[i].cap : *caps & ~words[i].cap;
		return 0;
	}
	return -EINVAL;
}

void caps_list(char out[static CAPS_LIST_MAX_BYTES])
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(words) && at < CAPS_LIST_MAX_BYTES; i++)
		at += (size_t)snprintf(out + at, CAPS_LIST_MAX_BYTES - at, "%s%s",
			i > 0 ? ", " : "", words[i].word);
}

json_t *caps_json(uint32_t caps)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (caps & words[i].cap)
			json_array_append_new(list, json_string(words[i].word));
	return list;
}

void caps_print(uint32_t caps)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		printf("%-13s  %-3s  %s\n", words[i].word, caps & words[i].cap ? "yes" : "no",
			words[i].meaning);
}
