#include "common/base/utf8.h"

/* A byte that goes on a character (RFC 3629, section 3). */
static bool is_tail(uint8_t byte)
{
	return (byte & 0xc0) == 0x80;
}

size_t utf8_decode(const void *text, size_t left, uint32_t *code)
{
	/* RFC 3629, section 4: the range of the second byte is what excludes overlong forms,
	 * surrogates and what lies above U+10FFFF. */
	static const struct {
		uint8_t first, last, second_min, second_max, len;
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	const uint8_t *s = text;

	if (s[0] < 0x80) {
		*code = s[0];
		return 1;
	}
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (left < forms[i].len || s[1] < forms[i].second_min || s[1] > forms[i].second_max)
			return 0;
		uint32_t value = s[0] & (0x7fU >> forms[i].len);
		for (size_t k = 1; k < forms[i].len; k++) {
			if (!is_tail(s[k]))
				return 0;
			value = value << 6 | (s[k] & 0x3fU);
		}
		*code = value;
		return forms[i].len;
	}
	return 0;
}

bool utf8_is_format(uint32_t code)
{
	/* Unicode 15.0: general categories Cf, Zl and Zp, and Default_Ignorable_Code_Point of the
	 * tags, less what begins a number in Arabic and other scripts, which is seen. */
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0xad, 0xad },
		{ 0x61c, 0x61c },
		{ 0x180e, 0x180e },
		{ 0x200b, 0x200b },
		{ 0x200e, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2060, 0x206f },
		{ 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },
		{ 0x13430, 0x1343f },
		{ 0x1bca0, 0x1bca3 },
		{ 0x1d173, 0x1d17a },
		{ 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

uint32_t utf8_next(const char **at)
{
	size_t left = 0;
	uint32_t code = 0;

	while (left < 4 && (*at)[left] != '\0')
		left++;
	if (left > 0)
		*at += utf8_decode(*at, left, &code);
	return code;
}

size_t utf8_without_last(const char *text, size_t len)
{
	while (len > 0 && is_tail((uint8_t)text[--len]))
		;
	return len;
}
