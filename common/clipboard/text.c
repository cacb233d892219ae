#include "common/clipboard/text.h"

#include "common/base/utf8.h"

#include <errno.h>
#include <string.h>

#define REPLACEMENT 0xfffdU

int text_put(struct buffer *out, uint32_t code)
{
	uint8_t s[4];
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = len - 1; i > 0; i--) {
		s[i] = (uint8_t)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	/* RFC 3629, section 3: 0, 110, 1110, 11110. */
	s[0] = (uint8_t)(len == 1 ? code : (0xf00U >> len & 0xf0) | code);
	return buffer_append(out, s, len);
}

/* Whether a character begins so, whose rest may come: tried with the least and the greatest rest, since
 * some second bytes have a narrower range. */
static bool may_go_on(const uint8_t *s, size_t len)
{
	uint8_t low[4] = { 0x80, 0x80, 0x80, 0x80 }, high[4] = { 0xbf, 0xbf, 0xbf, 0xbf };
	uint32_t code;

	memcpy(low, s, len);
	memcpy(high, s, len);
	return utf8_decode(low, 4, &code) > len || utf8_decode(high, 4, &code) > len;
}

/* How many bytes of what begins no character are mended as one (Unicode, 3.9, maximal subparts): the same
 * wherever the parts were cut. */
static size_t bad_len(const uint8_t *s, size_t len)
{
	size_t bad = 1;

	while (bad < len && bad < 3 && may_go_on(s, bad + 1))
		bad++;
	return bad;
}

static int put_clean(struct buffer *out, const uint8_t *s, size_t len)
{
	return out && len > 0 ? buffer_append(out, s, len) : 0;
}

/* A zero byte, or one that begins no character. */
static int take_bad(struct buffer *out, uint8_t byte)
{
	if (!out)
		return -EBADMSG;
	return byte == 0 ? 0 : text_put(out, REPLACEMENT);
}

/* Goes on with the character that has begun: how many of the bytes were used, or an error. */
static int take_begun(struct text_part *p, const uint8_t *bytes, size_t len, struct buffer *out)
{
	int used = 0;

	while (p->len > 0 && (size_t)used < len) {
		uint32_t code;
		p->bytes[p->len] = bytes[used];
		if (utf8_decode(p->bytes, p->len + 1, &code) == p->len + 1) {
			int r = put_clean(out, p->bytes, p->len + 1);
			p->len = 0;
			return r < 0 ? r : used + 1;
		}
		if (!may_go_on(p->bytes, p->len + 1)) {
			int r = take_bad(out, p->bytes[0]);
			p->len = 0;
			return r < 0 ? r : used; /* that byte may begin another one */
		}
		p->len++;
		used++;
	}
	return used;
}

int text_take(struct text_part *p, const uint8_t *bytes, size_t len, bool end, struct buffer *out)
{
	int r = take_begun(p, bytes, len, out);
	size_t at = r < 0 ? 0 : (size_t)r, clean = at;

	while (r >= 0 && at < len) {
		uint32_t code;
		size_t n = utf8_decode(bytes + at, len - at, &code);
		if (n > 0 && code != 0) {
			at += n;
			continue;
		}
		r = put_clean(out, bytes + clean, at - clean);
		if (r >= 0 && n == 0 && len - at < 4 && may_go_on(bytes + at, len - at)) {
			p->len = len - at;
			memcpy(p->bytes, bytes + at, p->len);
			at = len;
		} else if (r >= 0) {
			r = take_bad(out, bytes[at]);
			at += n > 0 ? n : bad_len(bytes + at, len - at);
		}
		clean = at;
	}
	if (r >= 0 && at > clean)
		r = put_clean(out, bytes + clean, at - clean);
	if (r >= 0 && end && p->len > 0) {
		r = take_bad(out, p->bytes[0]);
		p->len = 0;
	}
	return MIN(r, 0);
}
