#include "common/clipboard/convert.h"

#include <errno.h>
#include <string.h>

void convert_init(struct convert *c, enum clipboard_kind kind)
{
	*c = (struct convert){ .encoding = CONVERT_UNKNOWN };
	check_init(&c->check, kind);
}

/* ---- what encoding it is ---- */

static const char meta[] =
	"<meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\">";

static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

static bool begins(const uint8_t *at, size_t left, const char *word)
{
	size_t len = strlen(word);

	if (left < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower(at[i]) != (uint8_t)word[i])
			return false;
	return true;
}

/* Where what a charset is said to be stands within a tag, which ends before end; NULL: nowhere. */
static const uint8_t *charset_of(const uint8_t *at, const uint8_t *end)
{
	for (; at < end; at++) {
		if (!begins(at, (size_t)(end - at), "charset"))
			continue;
		at += strlen("charset");
		while (at < end && (*at == ' ' || *at == '=' || *at == '"' || *at == '\''))
			at++;
		return at;
	}
	return NULL;
}

/* The charset that the first <meta> which has one says, within the head; *left: bytes from there on. */
static const uint8_t *find_charset(const uint8_t *head, size_t len, size_t *left)
{
	const uint8_t *end = head + len;

	for (const uint8_t *at = head; at < end; at++) {
		if (!begins(at, (size_t)(end - at), "<meta"))
			continue;
		const uint8_t *close = memchr(at, '>', (size_t)(end - at));
		const uint8_t *charset = charset_of(at, close ? close : end);
		if (!charset)
			continue;
		*left = (size_t)(end - charset);
		return charset;
	}
	return NULL;
}

static bool is_utf16(const uint8_t *head, size_t len, size_t zero_at)
{
	/* Without a mark: each other byte of the first characters is zero, as of any tag. */
	return len >= 4 && head[zero_at] == 0 && head[zero_at + 2] == 0 && head[1 - zero_at] != 0 &&
	       head[3 - zero_at] != 0;
}

/* What the head says. *skip: bytes of a mark before the text; *says_utf8: a <meta> says so already. */
static enum convert_encoding judge_head(
	const uint8_t *head, size_t len, size_t *skip, bool *says_utf8)
{
	size_t left = 0;

	*skip = 0;
	*says_utf8 = false;
	if (len >= 2 && head[0] == 0xff && head[1] == 0xfe)
		return *skip = 2, CONVERT_UTF16LE;
	if (len >= 2 && head[0] == 0xfe && head[1] == 0xff)
		return *skip = 2, CONVERT_UTF16BE;
	if (is_utf16(head, len, 1))
		return CONVERT_UTF16LE;
	if (is_utf16(head, len, 0))
		return CONVERT_UTF16BE;
	if (len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
		*skip = 3;
	const uint8_t *charset = find_charset(head, len, &left);
	if (!charset)
		return CONVERT_UTF8;
	*says_utf8 = begins(charset, left, "utf-8") || begins(charset, left, "utf8");
	/* HTML reads Latin-1 as Windows-1252 (Encoding, 4.2). */
	if (*skip == 0 &&
		(begins(charset, left, "iso-8859-1\"") || begins(charset, left, "iso-8859-1'") ||
			begins(charset, left, "iso-8859-1>") ||
			begins(charset, left, "windows-1252")))
		return CONVERT_WINDOWS_1252;
	return CONVERT_UTF8;
}

/* ---- encodings ---- */

static int put_utf16(struct convert *c, uint16_t unit, struct buffer *out)
{
	uint16_t high = c->high_surrogate;
	int r = 0;

	c->high_surrogate = 0;
	if (high && unit >= 0xdc00 && unit <= 0xdfff)
		return text_put(
			out, 0x10000 + ((uint32_t)(high - 0xd800) << 10) + (unit - 0xdc00U));
	if (high)
		r = text_put(out, 0xfffd);
	if (r < 0 || unit == 0)
		return r;
	if (unit >= 0xd800 && unit <= 0xdbff) {
		c->high_surrogate = unit;
		return 0;
	}
	return text_put(out, unit >= 0xdc00 && unit <= 0xdfff ? 0xfffd : unit);
}

static int take_utf16(
	struct convert *c, const uint8_t *bytes, size_t len, bool end, struct buffer *out)
{
	bool little = c->encoding == CONVERT_UTF16LE;
	int r = 0;

	for (size_t i = 0; r == 0 && i < len; i++) {
		if (!c->has_odd_byte) {
			c->odd_byte = bytes[i];
			c->has_odd_byte = true;
			continue;
		}
		c->has_odd_byte = false;
		r = put_utf16(c,
			(uint16_t)(little ? bytes[i] << 8 | c->odd_byte
					  : c->odd_byte << 8 | bytes[i]),
			out);
	}
	/* Half of something is nothing: a byte of zero that was left over, or a cut. */
	if (r == 0 && end && c->high_surrogate)
		r = put_utf16(c, 0, out);
	return r;
}

static int take_windows_1252(const uint8_t *bytes, size_t len, struct buffer *out)
{
	/* 0x80 to 0x9f (Encoding, index windows-1252). */
	static const uint16_t high[32] = { 0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020,
		0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d, 0x8f, 0x90, 0x2018,
		0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
		0x0153, 0x9d, 0x017e, 0x0178 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < len; i++)
		if (bytes[i] != 0)
			r = text_put(out, bytes[i] >= 0x80 && bytes[i] < 0xa0
						  ? high[bytes[i] - 0x80]
						  : bytes[i]);
	return r;
}

static int take_encoded(
	struct convert *c, const uint8_t *bytes, size_t len, bool end, struct buffer *out)
{
	switch (c->encoding) {
	case CONVERT_UTF16LE:
	case CONVERT_UTF16BE:
		return take_utf16(c, bytes, len, end, out);
	case CONVERT_WINDOWS_1252:
		return take_windows_1252(bytes, len, out);
	case CONVERT_UNKNOWN:
	case CONVERT_UTF8:
		break;
	}
	return text_take(&c->text, bytes, len, end, out);
}

/* ---- kinds ---- */

static int take_html(
	struct convert *c, const uint8_t *bytes, size_t len, bool end, struct buffer *out)
{
	size_t skip;
	bool says_utf8;

	if (c->encoding != CONVERT_UNKNOWN)
		return take_encoded(c, bytes, len, end, out);
	size_t part = MIN(len, sizeof(c->head) - c->head_len);
	if (part > 0)
		memcpy(c->head + c->head_len, bytes, part);
	c->head_len += part;
	if (c->head_len < sizeof(c->head) && !end)
		return 0;
	if (c->head_len == 0)
		return 0; /* an empty one stays so */
	c->encoding = judge_head(c->head, c->head_len, &skip, &says_utf8);
	int r = says_utf8 ? 0 : buffer_append(out, meta, sizeof(meta) - 1);
	if (r == 0)
		r = take_encoded(c, c->head + skip, c->head_len - skip, end && part == len, out);
	return r == 0 && part < len ? take_encoded(c, bytes + part, len - part, end, out) : r;
}

int convert_take(struct convert *c, const uint8_t *bytes, size_t len, bool end, struct buffer *out)
{
	if (c->check.kind == CLIPBOARD_TEXT)
		return text_take(&c->text, bytes, len, end, out);
	if (c->check.kind == CLIPBOARD_HTML)
		return take_html(c, bytes, len, end, out);
	int r = check_take(&c->check, bytes, len, end);
	return r == 0 && len > 0 ? buffer_append(out, bytes, len) : r;
}
