#include "client/tunnel/stream.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"

#include <errno.h>
#include <stdlib.h>

/* After one side has ended the other may still send what it has, but not stay silent for ever. */
#define HALF_OPEN_MS 5000

unsigned long stream_window_bytes(uint64_t round_trip_us)
{
	/* Limited before it is multiplied, so that nothing overflows. */
	uint64_t ms = MIN(round_trip_us / 1000,
		(uint64_t)STREAM_WINDOW_MAX_BYTES / STREAM_WINDOW_BYTES_PER_MS + 1);
	uint64_t bytes = ms * STREAM_WINDOW_BYTES_PER_MS;

	return MIN(
		MAX(bytes, (uint64_t)STREAM_WINDOW_LEAST_BYTES), (uint64_t)STREAM_WINDOW_MAX_BYTES);
}

int stream_init(struct stream *s, LIBSSH2_CHANNEL *channel, int fd, unsigned long window_bytes)
{
	*s = (struct stream){ .channel = channel, .fd = fd, .window_bytes = window_bytes };
	s->up = malloc(STREAM_UP_BYTES);
	s->down = malloc(STREAM_DOWN_BYTES);
	if (s->up && s->down)
		return 0;
	stream_finish(s);
	return -ENOMEM;
}

void stream_finish(struct stream *s)
{
	if (s->channel)
		(void)!libssh2_channel_free(s->channel); /* EAGAIN: the session's end frees it */
	free(s->up);
	free(s->down);
	fd_close(&s->fd);
	*s = (struct stream){ .fd = -1 };
}

/* Errors of libssh2 that end this channel alone; the next read reports those of the transport. */
static int error_of(ssize_t r)
{
	switch (r) {
	case LIBSSH2_ERROR_SOCKET_RECV:
	case LIBSSH2_ERROR_SOCKET_SEND:
	case LIBSSH2_ERROR_SOCKET_DISCONNECT:
		return -ECONNRESET;
	case LIBSSH2_ERROR_CHANNEL_CLOSED:
	case LIBSSH2_ERROR_CHANNEL_EOF_SENT:
		return 0;
	default:
		return -EPROTO;
	}
}

static int send_eof(struct stream *s)
{
	if (!s->up_ended || s->up_len > 0 || s->eof_sent)
		return 0;
	int r = libssh2_channel_send_eof(s->channel);
	if (r == LIBSSH2_ERROR_EAGAIN)
		return 0;
	s->eof_sent = true;
	return r == 0 ? 1 : error_of(r);
}

static int pump_up(struct tunnel *t, struct stream *s)
{
	if (s->up_len == 0 && !s->up_ended && t->out.len < STREAM_OUT_HIGH_BYTES) {
		size_t got = 0;
		int r = fd_read(s->fd, s->up, STREAM_UP_BYTES, &got);
		if (r != -EAGAIN && got == 0)
			s->up_ended = true; /* it ended, or is gone */
		s->up_at = 0;
		s->up_len = got;
	}
	if (s->up_len == 0)
		return send_eof(s);
	if (t->out.len >= STREAM_OUT_HIGH_BYTES)
		return 0;
	/* After EAGAIN the same bytes and length come again: nothing else changes them. */
	ssize_t n = libssh2_channel_write(s->channel, (const char *)s->up + s->up_at, s->up_len);
	if (n == LIBSSH2_ERROR_EAGAIN)
		return 0;
	if (n < 0) {
		s->up_ended = true;
		s->eof_sent = true;
		s->up_len = 0;
		return error_of(n);
	}
	s->up_at += (size_t)n;
	s->up_len -= (size_t)n;
	return n > 0;
}

/* Opens the window as far as we want it again, a little at a time as ssh does: each opening also
 * acknowledges at once what came. */
#define STREAM_REFILL_BYTES (256U * 1024)

static int open_window(struct stream *s)
{
	unsigned long queued = 0;
	unsigned long left = libssh2_channel_window_read_ex(s->channel, &queued, NULL);
	unsigned now = 0;

	if (left + queued > s->window_bytes - STREAM_REFILL_BYTES)
		return 0;
	int r = libssh2_channel_receive_window_adjust2(
		s->channel, s->window_bytes - left - queued, 1, &now);
	return r == 0 || r == LIBSSH2_ERROR_EAGAIN ? 0 : error_of(r);
}

static int read_talk(struct stream *s)
{
	char part[512];

	if (!s->talk)
		return 0;
	ssize_t n = libssh2_channel_read_stderr(s->channel, part, sizeof(part));
	if (n <= 0)
		return 0;
	/* The end of it says what went wrong. */
	if (s->talk->len + (size_t)n > s->talk->limit_bytes)
		buffer_consume(s->talk,
			MIN(s->talk->len, s->talk->len + (size_t)n - s->talk->limit_bytes));
	return buffer_append(s->talk, part, (size_t)n) == 0;
}

static int read_channel(struct stream *s)
{
	if (s->down_len > 0 || s->down_ended)
		return 0;
	ssize_t n = libssh2_channel_read(s->channel, (char *)s->down, STREAM_DOWN_BYTES);
	if (n > 0) {
		s->down_at = 0;
		s->down_len = (size_t)n;
		int r = open_window(s);
		return r < 0 ? r : 1;
	}
	if (n < 0 && n != LIBSSH2_ERROR_EAGAIN) {
		s->down_ended = true;
		return error_of(n);
	}
	if (libssh2_channel_eof(s->channel)) {
		s->down_ended = true;
		return 1;
	}
	return 0;
}

static int pump_down(struct stream *s)
{
	int talk = read_talk(s);
	int r = read_channel(s);

	if (r < 0)
		return r;
	while (s->down_len > 0) {
		size_t put = 0;
		int e = fd_write(s->fd, s->down + s->down_at, s->down_len, &put);
		if (e == -EAGAIN)
			return r | talk;
		if (e < 0) { /* nothing reads it any more */
			s->down_len = 0;
			s->down_ended = true;
			s->fd_shut = true;
			return 1;
		}
		s->down_at += put;
		s->down_len -= put;
		r = 1;
	}
	if (s->down_ended && !s->fd_shut) {
		fd_end_writing(s->fd);
		s->fd_shut = true;
		r = 1;
	}
	return r | talk;
}

int stream_pump(struct tunnel *t, struct stream *s)
{
	int down = pump_down(s);
	int up = down < 0 ? 0 : pump_up(t, s);

	bool moved = down > 0 || up > 0;
	if ((moved || s->half_since_ms == 0) && (s->down_ended || s->up_ended))
		s->half_since_ms = clock_now_ms();
	return down < 0 ? down : up < 0 ? up : down | up;
}

bool stream_over(const struct stream *s, uint64_t now_ms)
{
	bool up = s->up_ended && s->eof_sent, down = s->down_ended && s->fd_shut;

	if (s->talk) /* a command: its input may end long before its output */
		return down;
	return (up && down) || (s->half_since_ms != 0 && now_ms - s->half_since_ms > HALF_OPEN_MS);
}

bool stream_wants_in(const struct stream *s)
{
	return s->down_len == 0 && !s->down_ended;
}

short stream_events(const struct tunnel *t, const struct stream *s)
{
	short events = 0;

	if (s->down_len > 0)
		events |= FD_WRITE;
	if (s->up_len == 0 && !s->up_ended && t->out.len < STREAM_OUT_HIGH_BYTES)
		events |= FD_READ;
	return events;
}
