#include "common/files/stream.h"

#include "common/base/fd.h"

#include <errno.h>
#include <string.h>

/* A descriptor of the person's, standard output, stays as it is, and may block: a pipe that is ready
 * takes so much at once (PIPE_BUF). */
#define WRITE_BYTES 4096U

bool files_stream_reads(const struct files_stream *s)
{
	return !s->ended;
}

bool files_stream_waits(const struct files_stream *s)
{
	return s->waiting_len > s->waiting_at;
}

static int send_bytes(struct files_stream *s, const uint8_t *bytes, size_t len)
{
	const struct wire_message m = { .type = WIRE_FILE_STREAM,
		.file_data = { .transfer = s->transfer, .bytes = bytes, .len = len } };

	s->bytes += len;
	s->sent_bytes += WIRE_HEADER_BYTES + 1 + len;
	return s->send(s->user, &m);
}

/* CLOSE goes before the stream's own bytes where those wait: it is said when none does. */
static int close_if_taken(struct files_stream *s)
{
	const struct wire_message m = { .type = WIRE_FILE_CLOSE,
		.file_close = { .transfer = s->transfer, .bytes = s->bytes } };

	if (!s->ended || s->acked_bytes < s->sent_bytes)
		return 0;
	int r = s->send(s->user, &m);
	return r < 0 ? r : 1;
}

int files_stream_read(struct files_stream *s)
{
	uint8_t bytes[WIRE_FILE_PART_MAX_BYTES];
	size_t got;

	int r = fd_read(s->from, bytes, sizeof(bytes), &got);
	if (r < 0)
		return r == -EAGAIN ? 0 : r;
	if (got > 0)
		return send_bytes(s, bytes, got);
	s->ended = true;
	return close_if_taken(s);
}

int files_stream_write(struct files_stream *s)
{
	while (files_stream_waits(s)) {
		size_t len = MIN(s->waiting_len - s->waiting_at, (size_t)WRITE_BYTES), put = 0;
		int r = fd_wait_one(s->to, FD_WRITE, 0);
		if (r <= 0)
			return r;
		r = fd_write(s->to, s->waiting + s->waiting_at, len, &put);
		if (r < 0)
			return r == -EAGAIN ? 0 : r == -EPIPE ? -EIO : r;
		s->waiting_at += put;
	}
	s->taken_bytes += s->message_len;
	s->message_len = 0;
	return 0;
}

static int take_bytes(struct files_stream *s, const struct wire_file_data *data, size_t len)
{
	memcpy(s->waiting, data->bytes, data->len);
	s->waiting_at = 0;
	s->waiting_len = data->len;
	s->message_len = len;
	s->bytes += data->len;
	return files_stream_write(s);
}

int files_stream_take(struct files_stream *s, const struct wire_message *m, size_t len)
{
	if (m->type == WIRE_FILE_STREAM)
		return files_stream_waits(s) ? -EPROTO : take_bytes(s, &m->file_data, len);
	if (m->type == WIRE_FILE_CLOSE)
		return 1;
	if (m->type != WIRE_FILE_ACK || m->file_ack.taken_bytes > s->sent_bytes)
		return -EPROTO;
	s->acked_bytes = MAX(s->acked_bytes, m->file_ack.taken_bytes);
	return close_if_taken(s);
}

int files_stream_ack(struct files_stream *s, bool now)
{
	return files_ack(s->send, s->user, s->transfer, s->taken_bytes, &s->told_bytes, now);
}
