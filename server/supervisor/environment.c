#include "server/supervisor/environment.h"

#include <string.h>
#include <unistd.h>

static int is_wanted(const char *variable)
{
	static const char *const prefixes[] = { "PATH=", "FARSEAT_", "LANG=", "LC_",
		"TZ=", "HOME=", "XDG_", "ASAN_", "UBSAN_" };

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
			return 1;
	return 0;
}

void environment_small(const char *out[static ENVIRONMENT_MAX])
{
	size_t count = 0;

	for (char **e = environ; *e && count + 1 < ENVIRONMENT_MAX; e++)
		if (is_wanted(*e))
			out[count++] = *e;
	out[count] = NULL;
}
