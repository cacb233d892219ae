/* The daemon's side of farseat-starter: agent and signer are its children, and ours by order. */
#include "server/supervisor/supervisor.h"

#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/process_linux.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define STATUS_LOST SIGKILL /* as waitpid says that a signal killed it */

/* Without farseat-starter neither agent nor signer can be started any more. farseatd ends, so that
 * the service manager starts all of it again. */
static void lost(struct supervisor *s)
{
	struct starters *t = &s->starters;

	uv_poll_stop(&t->poll);
	t->lost = true;
	for (int kind = 0; kind < STARTER_KINDS; kind++) {
		struct child *c = t->children[kind];
		t->children[kind] = NULL;
		if (c)
			child_exited(c, STATUS_LOST);
	}
	if (s->stopping)
		return;
	log_error("farseat-starter has ended: nothing can be started any more; farseatd ends");
	s->failed = true;
	supervisor_stop(s);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct supervisor *s = poll->data;
	struct starters *t = &s->starters;
	struct starter_packet packet;
	int fd, r;

	(void)status;
	(void)events;
	while ((r = starter_receive(&t->channel, &packet, &fd)) == 1) {
		fd_close(&fd);
		struct child *c = t->children[packet.kind];
		if (packet.op != STARTER_ENDED) {
			r = -EPROTO;
			break;
		}
		t->children[packet.kind] = NULL;
		if (c)
			child_exited(c, packet.status);
	}
	if (r != -EAGAIN)
		lost(s);
}

/* What it starts, as paths; "" where one is not installed. */
struct programs {
	char self[PATH_MAX], agent[PATH_MAX], wayland[PATH_MAX], signer[PATH_MAX], files[PATH_MAX],
		sound[PATH_MAX];
};

/* -errno: one is missing without which nothing works; that was logged. */
static int find_programs(struct programs *p)
{
	int r = path_of_program("farseat-starter", p->self);
	if (r == 0)
		r = path_of_program("farseat-agent", p->agent);
	if (r == 0)
		r = path_of_program("farseatctl", p->signer);
	if (r < 0) {
		log_error(
			"farseat-starter, farseat-agent or farseatctl is not installed beside farseatd, nor in %s",
			FARSEAT_LIBEXECDIR);
		return r;
	}
	if (path_of_program("farseat-agent-wayland", p->wayland) < 0)
		p->wayland[0] = '\0'; /* choice.c says so where it is needed */
	/* Each package has one of its own, as no file can be in two. */
	if (path_of_program("server/farseat-files", p->files) < 0 &&
		path_of_program("farseat-files", p->files) < 0) {
		log_warn(
			"farseat-files is not installed beside farseatd, nor in %s: no files can be copied",
			FARSEAT_LIBEXECDIR);
		p->files[0] = '\0';
	}
	if (path_of_program("farseat-sound", p->sound) < 0) {
		log_warn(
			"farseat-sound is not installed beside farseatd, nor in %s: sessions are silent",
			FARSEAT_LIBEXECDIR);
		p->sound[0] = '\0';
	}
	return 0;
}

/* Starts it, with the other end of the channel. */
static int start(struct starters *t, const struct programs *p, const char *session)
{
	const char *const argv[] = { "farseat-starter", p->agent, p->wayland, p->signer, p->files,
		p->sound, session, NULL };
	int pair[2] = { -1, -1 };

	int r = ipc_pair(pair);
	if (r == 0) {
		const struct process_spec spec = {
			.path = p->self,
			.argv = argv,
			.fds = &pair[1],
			.fd_count = 1,
			.die_with_parent = true,
			.new_session = true,
		};
		r = process_start_pid(&spec, &t->pid);
	}
	fd_close(&pair[1]);
	if (r == 0)
		r = ipc_channel_init(&t->channel, pair[0]);
	else
		fd_close(&pair[0]);
	return r;
}

int starters_open(struct supervisor *s)
{
	struct starters *t = &s->starters;
	struct programs programs;

	int r = find_programs(&programs);
	if (r < 0)
		return r;
	r = start(t, &programs, s->settings.session);
	if (r == 0)
		r = uv_poll_init(&s->loop, &t->poll, t->channel.fd);
	if (r < 0) {
		log_error("cannot start farseat-starter: %s", strerror(-r));
		return r;
	}
	t->opened = true;
	t->poll.data = s;
	r = uv_poll_start(&t->poll, UV_READABLE, on_poll);
	uv_unref((uv_handle_t *)&t->poll); /* its children keep the loop running; it does not */
	return r;
}

/* The loop must run once more for the poll's end; farseat-starter ends as its channel does. */
static void on_poll_closed(uv_handle_t *handle)
{
	struct supervisor *s = handle->data;

	ipc_channel_finish(&s->starters.channel);
}

void starters_close(struct supervisor *s)
{
	struct starters *t = &s->starters;

	if (!t->opened)
		return;
	t->opened = false;
	t->lost = true;
	uv_close((uv_handle_t *)&t->poll, on_poll_closed);
}

int starters_start(
	struct starters *t, enum starter_kind kind, struct child *c, int fd, int extra_fd)
{
	const struct starter_packet extra = { .op = STARTER_EXTRA, .kind = kind };
	const struct starter_packet packet = { .op = STARTER_START, .kind = kind };

	if (t->lost || t->children[kind])
		return -EPIPE;
	int r = extra_fd >= 0 ? starter_send(&t->channel, &extra, extra_fd) : 0;
	if (r == 0)
		r = starter_send(&t->channel, &packet, fd);
	if (r == 0)
		t->children[kind] = c;
	return r;
}

void starters_kill(struct starters *t, enum starter_kind kind)
{
	const struct starter_packet packet = { .op = STARTER_KILL, .kind = kind };

	if (!t->lost && starter_send(&t->channel, &packet, -1) < 0)
		log_warn("farseat-starter does not listen");
}

void starters_forget(struct starters *t, enum starter_kind kind)
{
	starters_kill(t, kind);
	t->children[kind] = NULL;
}

void starters_reap(struct supervisor *s)
{
	if (s->starters.pid > 0 && waitpid(s->starters.pid, NULL, WNOHANG) == s->starters.pid)
		s->starters.pid = 0;
}
