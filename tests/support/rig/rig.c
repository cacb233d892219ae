/* The rig's loop, what stands between the programs, and what a test waits for. */
#include "tests/support/rig/rig_internal.h"

#include "common/base/clock.h"
#include "common/base/fd.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* B, G and R of a pixel in memory; X does not count. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define RGB_MASK 0x00ffffffU
#else
#define RGB_MASK 0xffffff00U
#endif

enum who { FROM_WORKER, FROM_AGENT, FROM_LINK };

static void drain_channel(struct rig *r, struct ipc_channel *c, enum who who)
{
	struct worker_record from_worker;
	struct view_record from_viewed;
	struct link_record from_link;
	int fd;

	while (c->fd >= 0) {
		int got = who == FROM_WORKER  ? worker_record_receive(c, &from_worker, &fd)
			  : who == FROM_AGENT ? view_record_receive(c, &from_viewed, &fd)
					      : link_record_receive(c, &from_link, &fd);
		if (got == -EAGAIN)
			return;
		if (got < 0) {
			rig_must(got == -EPIPE, "malformed record");
			ipc_channel_finish(c);
			return;
		}
		if (who == FROM_WORKER)
			rig_from_worker(r, &from_worker);
		else if (who == FROM_AGENT)
			rig_agent_from_worker(r, &from_viewed);
		else
			rig_from_link(r, &from_link, &fd);
		fd_close(&fd);
	}
}

static void write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };
			poll(&p, 1, 1000);
			continue;
		}
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

static void relay(struct rig *r, int direction)
{
	uint8_t bytes[16384];

	ssize_t n = read(r->relay[direction], bytes, sizeof(bytes));
	if (n < 0)
		return;
	if (n == 0) {
		shutdown(r->relay[1 - direction], SHUT_WR);
		fd_close(&r->relay[direction]);
		return;
	}
	size_t len = (size_t)n;
	if (r->on_wire)
		len = r->on_wire(r->on_wire_user, direction, bytes, len);
	r->relay_bytes[direction] += len;
	if (r->relay[1 - direction] >= 0)
		write_all(r->relay[1 - direction], bytes, len);
}

static void turn(struct rig *r, int timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = r->supervisor.fd, .events = POLLIN },
		{ .fd = r->agent.fd, .events = POLLIN },
		{ .fd = r->ui.fd, .events = POLLIN },
		{ .fd = r->relay_stopped ? -1 : r->relay[0], .events = POLLIN },
		{ .fd = r->relay_stopped ? -1 : r->relay[1], .events = POLLIN },
	};

	poll(fds, 5, timeout_ms);
	drain_channel(r, &r->ui, FROM_LINK);
	drain_channel(r, &r->agent, FROM_AGENT);
	drain_channel(r, &r->supervisor, FROM_WORKER);
	for (int i = 0; i < 2; i++)
		if (fds[3 + i].revents && r->relay[i] >= 0)
			relay(r, i);
}

bool rig_run(struct rig *r, rig_done_fn done, int timeout_ms)
{
	uint64_t end_ms = clock_now_ms() + (uint64_t)timeout_ms;

	for (;;) {
		if (done && done(r))
			return true;
		uint64_t now_ms = clock_now_ms();
		turn(r, now_ms < end_ms ? (int)(end_ms - now_ms) : 0);
		if (now_ms >= end_ms)
			return done && done(r);
	}
}

bool rig_next_update(struct rig *r, int timeout_ms)
{
	uint64_t end_ms = clock_now_ms() + (uint64_t)timeout_ms;
	unsigned before = r->update_count;

	while (r->update_count == before) {
		uint64_t now_ms = clock_now_ms();
		if (now_ms >= end_ms)
			return false;
		turn(r, (int)(end_ms - now_ms));
	}
	return true;
}

bool rig_equal(const struct rig *r)
{
	if (!r->pixels.bytes || r->screen.width_px != r->width_px ||
		r->screen.height_px != r->height_px)
		return false;
	size_t size = (size_t)r->width_px * r->height_px * 4;
	uint32_t differs = 0;
	for (size_t i = 0; i < size && !(differs & RGB_MASK); i += (size_t)r->width_px * 4) {
		for (size_t x = 0; x < (size_t)r->width_px * 4; x += 4) {
			uint32_t a, b;
			memcpy(&a, r->pixels.bytes + i + x, 4);
			memcpy(&b, r->framebuffer.bytes + i + x, 4);
			differs |= a ^ b;
		}
	}
	return !(differs & RGB_MASK);
}

bool rig_is_open(const struct rig *r)
{
	return r->open_seen;
}

bool rig_is_equal(const struct rig *r)
{
	return r->damage.rect_count == 0 && r->update_count > 0 && rig_equal(r);
}

bool rig_has_failed(const struct rig *r)
{
	return r->failed_seen;
}

bool rig_has_ended(const struct rig *r)
{
	return r->ended_seen;
}
