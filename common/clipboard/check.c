#include "common/clipboard/check.h"

#include <errno.h>
#include <string.h>

void check_init(struct check *c, enum clipboard_kind kind)
{
	*c = (struct check){ .kind = kind };
}

static int judge_png(const uint8_t head[static CHECK_PNG_HEAD_BYTES])
{
	/* The signature, then a chunk of 13 bytes that is IHDR. */
	static const uint8_t begin[16] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13,
		'I', 'H', 'D', 'R' };
	struct wire_reader r;

	if (memcmp(head, begin, sizeof(begin)) != 0)
		return -EBADMSG;
	wire_reader_init(&r, head + sizeof(begin), CHECK_PNG_HEAD_BYTES - sizeof(begin));
	uint32_t width_px = wire_read_u32(&r), height_px = wire_read_u32(&r);
	/* 2^31 - 1 a side at most (PNG, 11.2.2). */
	if (width_px == 0 || height_px == 0 || width_px > INT32_MAX || height_px > INT32_MAX)
		return -EBADMSG;
	return (uint64_t)width_px * height_px > WIRE_CLIPBOARD_PNG_MAX_PX ? -E2BIG : 0;
}

static int judge_rtf(const uint8_t *head)
{
	return memcmp(head, "{\\rtf", CHECK_RTF_HEAD_BYTES) == 0 ? 0 : -EBADMSG;
}

/* Gathers what a kind begins with, and judges it once it is whole. */
static int take_head(struct check *c, const uint8_t *bytes, size_t len, bool end)
{
	size_t size = c->kind == CLIPBOARD_PNG ? CHECK_PNG_HEAD_BYTES : CHECK_RTF_HEAD_BYTES;

	if (c->bytes >= size)
		return 0;
	size_t part = MIN(len, size - (size_t)c->bytes);
	if (part > 0)
		memcpy(c->head + c->bytes, bytes, part);
	if (c->bytes + part < size)
		return end ? -EBADMSG : 0;
	return c->kind == CLIPBOARD_PNG ? judge_png(c->head) : judge_rtf(c->head);
}

int check_take(struct check *c, const uint8_t *bytes, size_t len, bool end)
{
	bool is_text = c->kind == CLIPBOARD_TEXT || c->kind == CLIPBOARD_HTML;

	if (len > clipboard_kind_max_bytes(c->kind) - c->bytes)
		return -E2BIG;
	int r = is_text ? text_take(&c->text, bytes, len, end, NULL)
			: take_head(c, bytes, len, end);
	c->bytes += len;
	return r;
}
