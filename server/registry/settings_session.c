#include "server/registry/settings_session.h"

#include <string.h>

#define WORD_MAX_BYTES 128

/* The first word behind an exec; empty where it is too long to be one of ours. */
static void first_word(char out[static WORD_MAX_BYTES], const char *command)
{
	static const char exec[] = "exec ";

	command += strspn(command, " \t");
	if (strncmp(command, exec, sizeof(exec) - 1) == 0)
		command += sizeof(exec) - 1;
	size_t len = strcspn(command, " \t;&|");
	len = len < WORD_MAX_BYTES ? len : 0;
	memcpy(out, command, len);
	out[len] = '\0';
}

static bool is_compositor(const char *command)
{
	static const char *const compositors[] = { "sway", "labwc", "river", "wayfire" };
	static const char variable[] = "WLR_";
	char word[WORD_MAX_BYTES];

	first_word(word, command);
	const char *slash = strrchr(word, '/');
	const char *name = slash ? slash + 1 : word;
	for (size_t i = 0; i < ARRAY_LEN(compositors); i++)
		if (strcmp(name, compositors[i]) == 0)
			return true;
	return strncmp(word, variable, sizeof(variable) - 1) == 0;
}

bool settings_is_wayland(const struct settings *s)
{
	return s->wayland[0] != '\0' || (s->virtual_width_px > 0 && is_compositor(s->session));
}
