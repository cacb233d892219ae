/* Fields and records that several ipc channels have. */
#include "common/ipc/record_coders.h"
#include "common/wire/plain_text.h"

#include <string.h>

void record_put_blob(struct wire_writer *w, const struct record_blob *blob)
{
	wire_write_blob(w, blob->bytes, blob->len);
}

bool record_get_blob(struct wire_reader *r, struct record_blob *blob, size_t max)
{
	blob->bytes = wire_read_blob(r, max, &blob->len);
	return blob->len > 0;
}

/* As a program may be given it: it goes to whoever pastes. */
static bool uri_valid(const uint8_t *line, size_t len)
{
	static const char begin[] = "file:///";

	if (len < sizeof(begin) - 1 || memcmp(line, begin, sizeof(begin) - 1) != 0)
		return false;
	for (size_t i = 0; i < len; i++)
		if (line[i] <= ' ' || line[i] >= 0x7f)
			return false;
	return true;
}

bool record_get_uris(struct wire_reader *r, struct record_blob *uris)
{
	if (!record_get_blob(r, uris, RECORD_URIS_MAX_BYTES))
		return false;
	for (size_t at = 0; at < uris->len;) {
		const uint8_t *line = uris->bytes + at;
		const uint8_t *end = memchr(line, '\r', uris->len - at);
		size_t len = end ? (size_t)(end - line) : 0;
		if (!end || at + len + 1 >= uris->len || end[1] != '\n' || !uri_valid(line, len))
			return false;
		at += len + 2;
	}
	return true;
}

void record_put_blobs(
	struct wire_writer *w, const struct record_blob *blobs, size_t count, size_t max)
{
	if (count > max)
		w->failed = true;
	wire_write_u8(w, (uint8_t)count);
	for (size_t i = 0; i < count && !w->failed; i++)
		record_put_blob(w, &blobs[i]);
}

bool record_get_blobs(struct wire_reader *r, struct record_blob *blobs, size_t *count, size_t max,
	size_t item_max)
{
	size_t n = wire_read_u8(r);

	*count = 0;
	if (n > max)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!record_get_blob(r, &blobs[i], item_max))
			return false;
	*count = n;
	return true;
}

void record_put_rects(struct wire_writer *w, const struct record_rect *rects, size_t count)
{
	if (count > RECORD_RECTS_MAX)
		w->failed = true;
	wire_write_u8(w, (uint8_t)count);
	for (size_t i = 0; i < count && !w->failed; i++) {
		wire_write_u16(w, rects[i].x_px);
		wire_write_u16(w, rects[i].y_px);
		wire_write_u16(w, rects[i].width_px);
		wire_write_u16(w, rects[i].height_px);
	}
}

bool record_get_rects(struct wire_reader *r, struct record_rect *rects, size_t *count)
{
	size_t n = wire_read_u8(r);

	*count = 0;
	if (n < 1 || n > RECORD_RECTS_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		rects[i].x_px = wire_read_u16(r);
		rects[i].y_px = wire_read_u16(r);
		rects[i].width_px = wire_read_u16(r);
		rects[i].height_px = wire_read_u16(r);
		if (rects[i].width_px == 0 || rects[i].height_px == 0 ||
			rects[i].x_px + rects[i].width_px > WIRE_SIDE_MAX_PX ||
			rects[i].y_px + rects[i].height_px > WIRE_SIDE_MAX_PX)
			return false;
	}
	*count = n;
	return true;
}

void record_put_line(struct wire_writer *w, const char *text, size_t max)
{
	wire_write_blob(w, text, strnlen(text, max - 1));
}

void record_get_line(struct wire_reader *r, char *out, size_t size)
{
	size_t len;
	const uint8_t *p = wire_read_blob(r, size - 1, &len);

	out[0] = '\0';
	if (!p)
		return;
	if (!plain_text_valid(p, len)) {
		r->failed = true;
		return;
	}
	memcpy(out, p, len);
	out[len] = '\0';
}

void record_encode_log(struct wire_writer *w, const void *body)
{
	const struct record_log *m = body;

	wire_write_u8(w, m->level);
	record_put_blob(w, &m->line);
}

bool record_decode_log(struct wire_reader *r, void *body)
{
	struct record_log *m = body;

	m->level = wire_read_u8(r);
	record_get_blob(r, &m->line, RECORD_LINE_MAX_BYTES - 1);
	return wire_text_clean(m->line.bytes, m->line.len);
}

void record_encode_wire(struct wire_writer *w, const void *body)
{
	const struct record_wire *m = body;

	record_put_blob(w, &m->message);
}

bool record_decode_wire(struct wire_reader *r, void *body)
{
	struct record_wire *m = body;

	bool has_message = record_get_blob(r, &m->message, WIRE_MESSAGE_MAX_BYTES);
	return has_message && m->message.len >= WIRE_HEADER_BYTES;
}

void record_encode_set_caps(struct wire_writer *w, const void *body)
{
	const struct record_set_caps *m = body;

	wire_write_u32(w, m->worker);
	wire_write_u32(w, m->caps);
}

bool record_decode_set_caps(struct wire_reader *r, void *body)
{
	struct record_set_caps *m = body;

	m->worker = wire_read_u32(r);
	m->caps = wire_read_u32(r);
	return true;
}

void record_encode_end(struct wire_writer *w, const void *body)
{
	const struct record_end *m = body;

	wire_write_u16(w, m->code);
	wire_write_text(w, m->reason);
}

bool record_decode_end(struct wire_reader *r, void *body)
{
	struct record_end *m = body;

	m->code = wire_read_u16(r);
	plain_text_read(r, m->reason, sizeof(m->reason));
	return m->code != 0;
}

void record_encode_link_step(struct wire_writer *w, const void *body)
{
	const struct record_link_step *m = body;

	wire_write_text(w, m->step);
	wire_write_u32(w, m->at_us);
	wire_write_text(w, m->detail);
}

bool record_decode_link_step(struct wire_reader *r, void *body)
{
	struct record_link_step *m = body;

	plain_text_read(r, m->step, sizeof(m->step));
	m->at_us = wire_read_u32(r);
	plain_text_read(r, m->detail, sizeof(m->detail));
	return true;
}

void record_encode_cursor(struct wire_writer *w, const void *body)
{
	const struct record_cursor *m = body;

	wire_write_u16(w, m->width_px);
	wire_write_u16(w, m->height_px);
	wire_write_u16(w, m->hot_x_px);
	wire_write_u16(w, m->hot_y_px);
}

bool record_decode_cursor(struct wire_reader *r, void *body)
{
	struct record_cursor *m = body;

	m->width_px = wire_read_u16(r);
	m->height_px = wire_read_u16(r);
	m->hot_x_px = wire_read_u16(r);
	m->hot_y_px = wire_read_u16(r);
	return m->width_px <= WIRE_CURSOR_SIDE_MAX_PX && m->height_px <= WIRE_CURSOR_SIDE_MAX_PX &&
	       (m->width_px == 0) == (m->height_px == 0) &&
	       (m->width_px == 0 ? m->hot_x_px == 0 : m->hot_x_px < m->width_px) &&
	       (m->height_px == 0 ? m->hot_y_px == 0 : m->hot_y_px < m->height_px);
}
