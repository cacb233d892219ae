#include "common/base/base64.h"

#include <errno.h>
#include <string.h>

#define LINE_BYTES 48 /* 64 characters */

/* RFC 4648, tables 1 and 2. */
static const char digits_plain[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char digits_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static const char *digits_of(enum base64_form form)
{
	return form == BASE64_URL ? digits_url : digits_plain;
}

static bool is_padded(enum base64_form form)
{
	return form == BASE64_PADDED || form == BASE64_LINES;
}

/* Up to three bytes as up to four characters. */
static char *encode_group(char *at, const uint8_t *bytes, size_t len, enum base64_form form)
{
	const char *digits = digits_of(form);
	uint32_t group = (uint32_t)bytes[0] << 16;

	if (len > 1)
		group |= (uint32_t)bytes[1] << 8;
	if (len > 2)
		group |= bytes[2];
	for (size_t i = 0; i < 4; i++) {
		if (i <= len)
			*at++ = digits[group >> (18 - 6 * i) & 63];
		else if (is_padded(form))
			*at++ = '=';
	}
	return at;
}

bool base64_encode(const uint8_t *bytes, size_t len, enum base64_form form, char *out, size_t size)
{
	char *at = out;

	if (len > size ||
		(form == BASE64_LINES ? BASE64_LINES_BYTES(len) : BASE64_TEXT_BYTES(len)) > size)
		return false;
	for (size_t i = 0; i < len; i += 3) {
		at = encode_group(at, bytes + i, MIN((size_t)3, len - i), form);
		if (form == BASE64_LINES && ((i + 3) % LINE_BYTES == 0 || i + 3 >= len))
			*at++ = '\n';
	}
	*at = '\0';
	return true;
}

/* What was read so far: up to 7 bits wait for the next character. */
struct decoding {
	uint32_t group;
	unsigned bits;
	size_t digit_count, len;
};

/* Takes one character that is neither padding nor a line's end. */
static int decode_digit(struct decoding *d, const char *digits, char c, uint8_t *out, size_t size)
{
	const char *digit = c != '\0' ? strchr(digits, c) : NULL;

	if (!digit)
		return -EINVAL;
	d->group = d->group << 6 | (uint32_t)(digit - digits);
	d->bits += 6;
	d->digit_count++;
	if (d->bits < 8)
		return 0;
	if (d->len == size)
		return -E2BIG;
	d->bits -= 8;
	out[d->len++] = (uint8_t)(d->group >> d->bits);
	return 0;
}

int base64_decode(
	const char *text, size_t text_len, enum base64_form form, uint8_t *out, size_t size)
{
	struct decoding d = { 0 };
	size_t padding = 0;

	for (size_t i = 0; i < text_len; i++) {
		char c = text[i];
		if (form == BASE64_LINES && (c == '\n' || c == '\r'))
			continue;
		if (c == '=' && is_padded(form)) {
			padding++;
			continue;
		}
		int r = padding > 0 ? -EINVAL : decode_digit(&d, digits_of(form), c, out, size);
		if (r < 0)
			return r;
	}
	/* One character alone in a group holds no byte. */
	if (d.digit_count % 4 == 1 || (d.group & ((1U << d.bits) - 1)) != 0)
		return -EINVAL;
	if (is_padded(form) && padding != (4 - d.digit_count % 4) % 4)
		return -EINVAL;
	return (int)d.len;
}
