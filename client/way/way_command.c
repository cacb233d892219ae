/* What is put in the place of %h and %p; how it is run depends on the system (way_command_linux.c). */
#include "client/way/way_command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("._:-", c) != NULL;
}

static bool host_is_plain(const char *host)
{
	if (!*host || *host == '-')
		return false;
	for (; *host; host++)
		if (!host_char(*host))
			return false;
	return true;
}

int way_command_expand(const char *command, const char *host, uint16_t port,
	char out[static WAY_COMMAND_LINE_MAX_BYTES])
{
	size_t len = 0;
	char port_text[8];

	if (!host_is_plain(host))
		return -EINVAL;
	snprintf(port_text, sizeof(port_text), "%u", (unsigned)port);
	for (const char *at = command; *at; at++) {
		char one[2] = { *at, '\0' };
		const char *part = one;
		if (*at == '%') {
			at++;
			if (*at == 'h')
				part = host;
			else if (*at == 'p')
				part = port_text;
			else if (*at != '%')
				return -EINVAL;
		}
		size_t part_len = strlen(part);
		if (part_len >= WAY_COMMAND_LINE_MAX_BYTES - len)
			return -E2BIG;
		memcpy(out + len, part, part_len);
		len += part_len;
	}
	out[len] = '\0';
	return 0;
}
