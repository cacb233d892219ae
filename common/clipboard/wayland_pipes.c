#include "common/clipboard/wayland_pipes.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"

#include <errno.h>
#include <string.h>

bool wayland_pipes_waits(const struct wayland_pipe *pipe)
{
	return pipe->id != 0 && (pipe->writing ? pipe->waits : pipe->window_bytes > 0);
}

void wayland_pipes_finish(struct wayland_pipes *p)
{
	for (size_t i = 0; i < ARRAY_LEN(p->all); i++)
		if (p->all[i].id)
			wayland_pipes_close(&p->all[i]);
}

struct wayland_pipe *wayland_pipes_add(struct wayland_pipes *p, int fd, bool writing)
{
	struct wayland_pipe *pipe = NULL;

	for (size_t i = 0; i < ARRAY_LEN(p->all) && !pipe; i++)
		if (p->all[i].id == 0)
			pipe = &p->all[i];
	if (!pipe || fd_set_nonblock(fd) < 0) {
		fd_close(&fd);
		return NULL;
	}
	p->last_id += p->last_id == UINT32_MAX ? 2 : 1;
	*pipe = (struct wayland_pipe){
		.id = p->last_id, .fd = fd, .writing = writing, .moved_ms = clock_now_ms()
	};
	return pipe;
}

struct wayland_pipe *wayland_pipes_find(struct wayland_pipes *p, uint32_t id, bool writing)
{
	for (size_t i = 0; id && i < ARRAY_LEN(p->all); i++)
		if (p->all[i].id == id && p->all[i].writing == writing)
			return &p->all[i];
	return NULL;
}

void wayland_pipes_close(struct wayland_pipe *pipe)
{
	fd_close(&pipe->fd);
	pipe->id = 0;
}

size_t wayland_pipes_write(struct wayland_pipe *pipe, const uint8_t *bytes, size_t len)
{
	size_t done = 0, put = 0;
	int r = 0;

	while (r == 0 && done < len) {
		r = fd_write(pipe->fd, bytes + done, len - done, &put);
		done += r == 0 ? put : 0;
	}
	if (done > 0 || !pipe->waits)
		pipe->moved_ms = clock_now_ms();
	pipe->waits = r < 0;
	pipe->broken = r < 0 && r != -EAGAIN;
	return done;
}

size_t wayland_pipes_fds(const struct wayland_pipes *p, int fds[static CLIPBOARD_LOCAL_FDS_MAX],
	bool wants_write[static CLIPBOARD_LOCAL_FDS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_LEN(p->all); i++)
		if (wayland_pipes_waits(&p->all[i])) {
			fds[count] = p->all[i].fd;
			wants_write[count++] = p->all[i].writing;
		}
	return count;
}

static void end_read(struct wayland_pipe *pipe, struct clipboard_local *l, enum clipboard_end end)
{
	uint32_t id = pipe->id;

	wayland_pipes_close(pipe);
	l->listener->read_ended(l->user, id, end);
}

static void read_some(struct wayland_pipes *p, struct wayland_pipe *pipe, struct clipboard_local *l)
{
	size_t got = 0;
	uint32_t id = pipe->id;
	int r = fd_read(pipe->fd, p->bytes, MIN(pipe->window_bytes, sizeof(p->bytes)), &got);

	if (r == -EAGAIN)
		return;
	if (r < 0) {
		end_read(pipe, l, CLIPBOARD_GONE);
	} else if (got == 0) {
		/* Who refuses closes the pipe unwritten; of all kinds a text alone can be empty. */
		bool whole = pipe->moved_bytes > 0 || pipe->kind == CLIPBOARD_TEXT;
		end_read(pipe, l, whole ? CLIPBOARD_WHOLE : CLIPBOARD_REFUSED);
	} else if (got > clipboard_kind_max_bytes(pipe->kind) - pipe->moved_bytes) {
		end_read(pipe, l, CLIPBOARD_TOO_LARGE);
	} else {
		pipe->window_bytes -= got;
		pipe->moved_bytes += got;
		pipe->moved_ms = clock_now_ms();
		l->listener->read_data(l->user, id, p->bytes, got);
	}
	secure_wipe(p->bytes, got);
}

static void write_more(struct wayland_pipe *pipe, struct clipboard_local *l)
{
	uint32_t id = pipe->id;

	if (pipe->broken) {
		wayland_pipes_close(pipe);
		l->listener->unwanted(l->user, id);
		return;
	}
	pipe->waits = false;
	l->listener->room(l->user, id);
}

void wayland_pipes_step(struct wayland_pipes *p, struct clipboard_local *l)
{
	struct fd_poll polls[CLIPBOARD_LOCAL_FDS_MAX];
	uint32_t ids[CLIPBOARD_LOCAL_FDS_MAX];

	for (size_t i = 0; i < ARRAY_LEN(p->all); i++) {
		ids[i] = p->all[i].id;
		polls[i] =
			(struct fd_poll){ .fd = wayland_pipes_waits(&p->all[i]) ? p->all[i].fd : -1,
				.want = p->all[i].writing ? FD_WRITE : FD_READ };
	}
	if (fd_wait(polls, ARRAY_LEN(polls), 0) <= 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(p->all); i++) {
		struct wayland_pipe *pipe = &p->all[i];
		/* The listener may have ended it, and begun another one in its place. */
		if (polls[i].fd < 0 || !polls[i].got || pipe->id != ids[i])
			continue;
		if (!pipe->writing) {
			read_some(p, pipe, l);
		} else {
			pipe->broken |= (polls[i].got & FD_END) != 0;
			write_more(pipe, l);
		}
	}
}

void wayland_pipes_expire(struct wayland_pipes *p, struct clipboard_local *l, uint64_t now_ms)
{
	for (size_t i = 0; i < ARRAY_LEN(p->all); i++) {
		struct wayland_pipe *pipe = &p->all[i];
		if (!wayland_pipes_waits(pipe) || now_ms < pipe->moved_ms + CLIPBOARD_ANSWER_MS)
			continue;
		pipe->broken = true;
		if (pipe->writing)
			write_more(pipe, l);
		else
			end_read(pipe, l, CLIPBOARD_LATE);
	}
}

int wayland_pipes_due_ms(const struct wayland_pipes *p, uint64_t now_ms)
{
	int due = -1;

	for (size_t i = 0; i < ARRAY_LEN(p->all); i++) {
		const struct wayland_pipe *pipe = &p->all[i];
		if (!wayland_pipes_waits(pipe))
			continue;
		uint64_t end_ms = pipe->moved_ms + CLIPBOARD_ANSWER_MS;
		int ms = end_ms > now_ms ? (int)(end_ms - now_ms) : 0;
		due = due < 0 ? ms : MIN(due, ms);
	}
	return due;
}
