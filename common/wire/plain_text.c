#include "common/wire/plain_text.h"

#include "common/base/utf8.h"

#include <string.h>

bool plain_text_valid(const void *text, size_t len)
{
	const uint8_t *s = text;
	uint32_t code;

	if (!wire_text_clean(text, len))
		return false;
	for (size_t n; len > 0; s += n, len -= n) {
		n = utf8_decode(s, len, &code);
		if (utf8_is_format(code))
			return false;
	}
	return true;
}

void plain_text_read(struct wire_reader *r, char *out, size_t size)
{
	wire_read_text(r, out, size);
	if (plain_text_valid(out, strlen(out)))
		return;
	r->failed = true;
	out[0] = '\0';
}
