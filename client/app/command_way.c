/* The way to a workstation as the command line names it: --via, --via-command, --proxy. */
#include "client/app/commands.h"

#include <stdio.h>
#include <string.h>

int command_way(const struct options *o, struct way *out)
{
	struct way way = { 0 };
	const struct {
		const char *option;
		char *text;
	} ways[] = {
		{ "via", way.via },
		{ "via-command", way.command },
		{ "proxy", way.proxy },
	};
	int given = 0;

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		const char *value = options_value(o, ways[i].option);
		if (!value)
			continue;
		if (given++) {
			options_wrong(o,
				"--via, --via-command and --proxy are different ways: give one of them");
			return -1;
		}
		if (!*value || strlen(value) >= WAY_TEXT_MAX_BYTES) {
			options_wrong(o, "--%s must be 1 to %d bytes long", ways[i].option,
				WAY_TEXT_MAX_BYTES - 1);
			return -1;
		}
		/* "none" of a proxy is kept: it also holds against the environment's. */
		if (strcmp(value, "none") != 0 || ways[i].text == way.proxy)
			memcpy(ways[i].text, value, strlen(value) + 1);
	}
	const char *wrong = given ? way_wrong(&way, NULL) : NULL;
	if (wrong) {
		options_wrong(o, "%s", wrong);
		return -1;
	}
	if (given)
		*out = way;
	return given;
}
