/* The way to a workstation as the command line names it: --via, --via-command, --proxy. */
#include "client/app/commands.h"

#include <stdio.h>
#include <string.h>

int command_route(const struct options *o, struct route *out)
{
	struct route route = { 0 };
	const struct {
		const char *option;
		char *text;
	} ways[] = {
		{ "via", route.via },
		{ "via-command", route.command },
		{ "proxy", route.proxy },
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
		if (!*value || strlen(value) >= ROUTE_TEXT_MAX_BYTES) {
			options_wrong(o, "--%s must be 1 to %d bytes long", ways[i].option,
				ROUTE_TEXT_MAX_BYTES - 1);
			return -1;
		}
		/* "none" of a proxy is kept: it also holds against the environment's. */
		if (strcmp(value, "none") != 0 || ways[i].text == route.proxy)
			memcpy(ways[i].text, value, strlen(value) + 1);
	}
	const char *wrong = given ? route_wrong(&route, NULL) : NULL;
	if (wrong) {
		options_wrong(o, "%s", wrong);
		return -1;
	}
	if (given)
		*out = route;
	return given;
}
