#include "common/clipboard/uri_list.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

void uri_list_init(struct uri_list *l, const uint8_t *bytes, size_t len)
{
	/* PCManFM puts a zero byte at the end. */
	const uint8_t *zero = len > 0 ? memchr(bytes, 0, len) : NULL;

	l->at = bytes;
	l->end = zero ? zero : bytes + len;
}

/* The next line without its end; NULL: there is none. Empty ones and comments are passed over. */
static const uint8_t *next_line(struct uri_list *l, size_t *len)
{
	while (l->at < l->end) {
		const uint8_t *line = l->at;
		while (l->at < l->end && *l->at != '\r' && *l->at != '\n')
			l->at++;
		*len = (size_t)(l->at - line);
		if (l->at < l->end)
			l->at++;
		if (*len > 0 && line[0] != '#')
			return line;
	}
	return NULL;
}

static bool skip(const uint8_t **at, size_t *len, const char *text)
{
	size_t text_len = strlen(text);

	if (*len < text_len || memcmp(*at, text, text_len) != 0)
		return false;
	*at += text_len;
	*len -= text_len;
	return true;
}

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* %XX are bytes; none may be zero. */
static int decode(const uint8_t *path, size_t len, char *out, size_t size)
{
	size_t to = 0;

	for (size_t at = 0; at < len; at++) {
		int c = path[at];
		if (c == '%') {
			int high = at + 2 < len ? digit(path[at + 1]) : -1;
			int low = high >= 0 ? digit(path[at + 2]) : -1;
			c = low >= 0 ? high << 4 | low : 0;
			at += 2;
		}
		if (c == 0 || to + 1 >= size)
			return -EINVAL;
		out[to++] = (char)c;
	}
	out[to] = '\0';
	return 1;
}

int uri_list_next(struct uri_list *l, char *out, size_t size)
{
	size_t len;
	const uint8_t *line = next_line(l, &len);

	if (!line)
		return 0;
	if (!skip(&line, &len, "file:"))
		return -EINVAL;
	if (skip(&line, &len, "//"))
		(void)skip(&line, &len, "localhost");
	/* With a host of another name it is elsewhere. */
	return len > 0 && line[0] == '/' ? decode(line, len, out, size) : -EINVAL;
}
