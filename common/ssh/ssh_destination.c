#include "common/ssh/ssh_destination.h"

#include "common/base/port.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool word_char(char c, const char *more)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr(more, c));
}

static bool copy_word(const char *at, size_t len, const char *more, char *out, size_t size)
{
	if (len == 0 || len >= size || at[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!word_char(at[i], more))
			return false;
	memcpy(out, at, len);
	out[len] = '\0';
	return true;
}

int ssh_destination_parse(const char *text, size_t len, struct ssh_destination *out)
{
	static const char scheme[] = "ssh://";
	struct ssh_destination d = { 0 };

	if (len > strlen(scheme) && memcmp(text, scheme, strlen(scheme)) == 0) {
		text += strlen(scheme);
		len -= strlen(scheme);
		if (len > 0 && text[len - 1] == '/')
			len--;
	}
	const char *at = memrchr(text, '@', len);
	if (at) {
		if (!copy_word(text, (size_t)(at - text), "._-@+\\", d.user, sizeof(d.user)))
			return -EINVAL;
		len -= (size_t)(at - text) + 1;
		text = at + 1;
	}
	const char *end = text + len, *port = NULL;
	if (len > 0 && text[0] == '[') {
		const char *close = memchr(text, ']', len);
		if (!close || (close + 1 < end && close[1] != ':'))
			return -EINVAL;
		port = close + 1 < end ? close + 2 : NULL;
		text++;
		len = (size_t)(close - text);
	} else {
		const char *colon = memchr(text, ':', len);
		/* Two colons: a bare IPv6 address. */
		if (colon && !memchr(colon + 1, ':', (size_t)(end - colon) - 1)) {
			port = colon + 1;
			len = (size_t)(colon - text);
		}
	}
	if (!copy_word(text, len, "._-:", d.host, sizeof(d.host)) ||
		(port && port_parse(port, (size_t)(end - port), &d.port) < 0))
		return -EINVAL;
	*out = d;
	return 0;
}

void ssh_known_name(const char *host, uint16_t port, char out[static SSH_HOST_MAX_BYTES])
{
	if (port != SSH_PORT)
		snprintf(out, SSH_HOST_MAX_BYTES, "[%.245s]:%u", host, (unsigned)port);
	else
		snprintf(out, SSH_HOST_MAX_BYTES, "%s", host);
}
