#include "server/supervisor/child.h"

#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/paths.h"
#include "common/base/process_linux.h"
#include "server/supervisor/environment.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Records taken in a row before others get a turn. */
#define RECORDS_AT_ONCE 64

static void update_poll(struct child *c);

static void on_closed(uv_handle_t *handle)
{
	struct child *c = handle->data;

	if (--c->open_handles > 0)
		return;
	ipc_channel_finish(&c->channel);
	free(c->taken);
	c->on_ended(c, c->status);
}

static void close_handles(struct child *c)
{
	if (c->closing)
		return;
	c->closing = true;
	uv_close((uv_handle_t *)&c->poll, on_closed);
	uv_close((uv_handle_t *)&c->killer, on_closed);
}

static void on_kill(uv_timer_t *timer)
{
	struct child *c = timer->data;

	if (c->by)
		starters_kill(c->by, c->kind);
	else if (c->pid > 0)
		kill(c->pid, SIGKILL);
}

void child_end(struct child *c, unsigned ms)
{
	if (c->closing)
		return;
	if (ms == 0)
		on_kill(&c->killer);
	else
		uv_timer_start(&c->killer, on_kill, ms, 0);
}

void child_close(struct child *c)
{
	if (c->closing || c->deaf)
		return;
	shutdown(c->channel.fd, SHUT_RDWR);
	uv_poll_stop(&c->poll);
	c->deaf = true;
	child_end(c, CHILD_END_MS);
}

void child_reap(struct child *c)
{
	int status = 0;

	if (c->pid <= 0 || waitpid(c->pid, &status, WNOHANG) != c->pid)
		return;
	child_exited(c, status);
}

void child_exited(struct child *c, int status)
{
	c->pid = -1;
	c->status = status;
	close_handles(c);
}

/* Takes what waits in the channel. */
static void take_records(struct child *c)
{
	for (int i = 0; i < RECORDS_AT_ONCE && !c->closing; i++) {
		int r = dispatch_next(&c->channel, c->dispatch, c->owner, c->taken);
		if (r == -EAGAIN)
			return;
		if (r >= 0)
			continue;
		if (r != -EPIPE && r != -EPROTO) /* EPROTO: said by child_refused */
			log_warn("%s %d cannot be served (%s): ended", c->name, (int)c->pid,
				strerror(-r));
		uv_poll_stop(&c->poll);
		c->deaf = true;
		child_end(c,
			r == -EPIPE ? CHILD_END_MS : 0); /* closed in order: it is about to exit */
		return;
	}
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct child *c = poll->data;

	(void)status;
	if (events & UV_WRITABLE) {
		int r = ipc_flush(&c->channel);
		if (r < 0 && r != -EAGAIN)
			child_end(c, 0);
	}
	if (events & (UV_READABLE | UV_DISCONNECT))
		take_records(c);
	if (!c->closing && !c->deaf)
		update_poll(c);
}

static void update_poll(struct child *c)
{
	uv_poll_start(
		&c->poll, UV_READABLE | (ipc_wants_write(&c->channel) ? UV_WRITABLE : 0), on_poll);
}

void child_send(struct child *c, const void *record, int fd)
{
	if (c->closing || c->deaf)
		return;
	int r = record_send(&c->channel, c->dispatch->records, record, fd);
	if (r == 0) {
		if (ipc_wants_write(&c->channel))
			update_poll(c);
		return;
	}
	if (r != -EPIPE)
		log_warn("cannot send %s to %s %d: %s",
			record_type_name((uint8_t) * (const enum record_type *)record), c->name,
			(int)c->pid, strerror(-r));
	child_end(c, r == -EPIPE ? CHILD_END_MS : 0);
}

void child_refused(const struct child *c, const char *what)
{
	log_error("%s %d sent %s: it is ended", c->name, (int)c->pid, what);
}

static int start_process(struct child *c, const struct child_spec *spec, int channel_fd)
{
	char path[PATH_MAX];
	const char *environment[ENVIRONMENT_MAX];
	const int fds[] = { channel_fd, spec->extra_fd };
	const char *argv[] = { spec->program, spec->argument, NULL };

	int r = spec->program_fd ? 0 : path_of_program(spec->program, path);
	if (r < 0) {
		log_error("%s is not installed beside farseatd, nor in %s", spec->program,
			FARSEAT_LIBEXECDIR);
		return r;
	}
	environment_small(environment);
	const struct process_spec process = {
		.path = path,
		.program_fd = spec->program_fd,
		.argv = argv,
		.envp = environment,
		.fds = fds,
		.fd_count = spec->extra_fd >= 0 ? 2 : 1,
		.die_with_parent = spec->die_with_parent,
		.new_session = spec->new_session,
	};
	return process_start_pid(&process, &c->pid);
}

int child_start(
	struct child *c, uv_loop_t *loop, const struct child_spec *spec, child_ended_fn on_ended)
{
	int pair[2] = { -1, -1 };

	c->name = spec->program;
	c->dispatch = spec->dispatch;
	c->taken = calloc(1, spec->dispatch->records->record_bytes);
	if (!c->taken)
		return -ENOMEM;
	c->pid = -1;
	c->channel.fd = -1;
	c->by = spec->by;
	c->kind = spec->kind;
	c->closing = false;
	c->deaf = false;
	c->status = 0;
	c->on_ended = on_ended;

	int r = ipc_pair(pair);
	if (r == 0)
		r = spec->by ? starters_start(spec->by, spec->kind, c, pair[1], spec->extra_fd)
			     : start_process(c, spec, pair[1]);
	fd_close(&pair[1]);
	if (r < 0) {
		fd_close(&pair[0]);
		free(c->taken);
		return r;
	}
	r = ipc_channel_init(&c->channel, pair[0]);
	if (r == 0)
		r = uv_poll_init(loop, &c->poll, c->channel.fd);
	if (r < 0) { /* out of memory */
		if (c->by) {
			starters_forget(c->by, c->kind);
		} else {
			kill(c->pid, SIGKILL);
			waitpid(c->pid, NULL, 0);
		}
		ipc_channel_finish(&c->channel);
		free(c->taken);
		return r;
	}
	uv_timer_init(loop, &c->killer);
	c->poll.data = c;
	c->killer.data = c;
	c->open_handles = 2;
	update_poll(c);
	return 0;
}
