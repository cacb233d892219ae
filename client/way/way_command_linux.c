/* POSIX: a shell, its process group, and the terminal that it may ask on. */
#include "client/way/way_command.h"

#include "client/way/way_impl.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHELL                   "/bin/sh"
#define TALK_MAX_BYTES          1024 /* the newest that it said */
#define BLAME_MS                500  /* a command that failed ends by itself */
#define PATIENCE_MS             20000
#define PATIENCE_WITH_PERSON_MS 110000 /* with ours, sshd's LoginGraceTime */
#define ENDING_MS               300    /* from its input's end, then from SIGTERM */

struct command {
	struct process process; /* leads a group; none: it has ended */
	int status;             /* of wait, once reaped */
	int fd;                 /* our end of its standard input and output, until taken */
	int talk_fd;
	int terminal_fd; /* lent to it: ours again when the session is open; -1 */
	char line[WAY_COMMAND_LINE_MAX_BYTES];
	char talk[TALK_MAX_BYTES];
	size_t talk_len;
};

/*
 * A command that asks for a passphrase asks on the terminal, which only its foreground group may
 * read. It is lent to the command until the session is open, as a shell does; then Ctrl+C ends
 * farseat again, which says goodbye through the command.
 */
static void lend_terminal(struct command *c)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (tcgetpgrp(fd) == getpgrp() && tcsetpgrp(fd, c->process.id) == 0) {
		c->terminal_fd = fd;
		kill(-c->process.id, SIGCONT); /* it may have asked, and been stopped, before */
	} else {
		fd_close(&fd);
	}
}

static void take_terminal_back(struct command *c)
{
	sigset_t background, before;

	if (c->terminal_fd < 0)
		return;
	/* A background group may do this only while SIGTTOU is blocked. */
	sigemptyset(&background);
	sigaddset(&background, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &background, &before);
	if (tcgetpgrp(c->terminal_fd) == c->process.id || c->process.id == 0)
		tcsetpgrp(c->terminal_fd, getpgrp());
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	fd_close(&c->terminal_fd);
}

static int start(struct command *c)
{
	const char *const argv[] = { SHELL, "-c", c->line, NULL };
	int talk[2] = { -1, -1 }, pair[2] = { -1, -1 };
	int r = fd_pipe(talk);

	if (r == 0)
		r = fd_pair(pair);
	if (r == 0)
		r = fd_set_nonblock(pair[0]);
	if (r == 0)
		r = fd_set_nonblock(talk[0]);
	if (r == 0) {
		const int stdio[] = { pair[1], pair[1], talk[1] };
		struct process_spec spec = { .path = SHELL, .argv = argv, .stdio = stdio };
		spec.new_group = true;
		spec.die_with_parent = true;
		spec.death_signal = SIGTERM;
		r = process_start(&spec, &c->process);
	}
	fd_close(&pair[1]);
	fd_close(&talk[1]);
	c->fd = pair[0];
	c->talk_fd = talk[0];
	if (r == 0)
		lend_terminal(c);
	return r;
}

static int command_open(void **self, const struct way *way, const char *host, uint16_t port)
{
	struct command *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->fd = -1;
	c->talk_fd = -1;
	c->terminal_fd = -1;
	int r = way_command_expand(way->command, host, port, c->line);
	if (r == 0)
		r = start(c);
	if (r < 0) {
		way_command.close(c);
		return r;
	}
	*self = c;
	return 0;
}

static int command_fd(const void *self)
{
	const struct command *c = self;

	return c->talk_fd;
}

static int command_take(void *self, struct dial_result *out)
{
	struct command *c = self;

	*out = (struct dial_result){ .fd = c->fd, .through = true };
	snprintf(out->reason, sizeof(out->reason), "through the command '%.100s'", c->line);
	c->fd = -1;
	return 0;
}

/* Only the command knows when its connection is there; where it has a terminal, a person may be
 * typing a passphrase. */
static bool command_for_link(const void *self, struct record_link_way *out)
{
	const struct command *c = self;

	out->patience_ms = c->terminal_fd >= 0 ? PATIENCE_WITH_PERSON_MS : PATIENCE_MS;
	return true;
}

/* Keeps the end of what it prints. */
static void command_process(void *self)
{
	struct command *c = self;

	while (c->talk_fd >= 0) {
		char bytes[512];
		size_t len = 0;
		int r = fd_read(c->talk_fd, bytes, sizeof(bytes), &len);
		if (r == -EAGAIN)
			return;
		if (r < 0 || len == 0) {
			fd_close(&c->talk_fd);
			return;
		}
		size_t keep = MIN(c->talk_len, TALK_MAX_BYTES - len);
		memmove(c->talk, c->talk + c->talk_len - keep, keep);
		memcpy(c->talk + keep, bytes, len);
		c->talk_len = keep + len;
	}
}

static void command_opened(void *self)
{
	take_terminal_back(self);
}

/* Waits for its end, for so long at most; whether it has ended. */
static bool ended(struct command *c, int ms)
{
	uint64_t until = clock_now_ms() + (uint64_t)ms;

	while (c->process.id > 0 && process_wait(&c->process, 0, &c->status) < 0) {
		if (clock_now_ms() >= until)
			return false;
		/* Its end closes this mostly; a child of its own may keep it. */
		(void)!fd_wait_one(c->talk_fd, FD_READ, 5);
		command_process(c);
	}
	command_process(c);
	return true;
}

/* The last line of its output that is not empty, escaped; "" if there is none. */
static void last_line(struct command *c, char out[static LOG_ESCAPED_MAX])
{
	size_t end = c->talk_len;

	while (end > 0 && strchr("\r\n \t", c->talk[end - 1]))
		end--;
	size_t from = end;
	while (from > 0 && c->talk[from - 1] != '\n')
		from--;
	log_escape(out, c->talk + from, end - from);
}

static bool command_blame(void *self, char reason[static WAY_REASON_BYTES], const char **remedy)
{
	struct command *c = self;
	char said[LOG_ESCAPED_MAX], status[128];

	if (!ended(c, BLAME_MS) || c->status == 0)
		return false; /* it did what it is for: the other end closed */
	last_line(c, said);
	process_status_text(c->status, status, sizeof(status));
	snprintf(reason, WAY_REASON_BYTES, "the command on the way to it %s%s%s", status,
		said[0] ? ": " : " without a word", said);
	*remedy =
		"Run the command by itself to see what is wrong with it: it must carry bytes to the workstation's port. "
		"It is via_command in workstation.conf, or --via-command.";
	return true;
}

static void command_close(void *self)
{
	struct command *c = self;

	/* Most commands end when their input does. The whole group, since a shell may have started
	 * several. */
	fd_close(&c->fd);
	if (!ended(c, ENDING_MS)) {
		process_end_group(c->process, false);
		if (!ended(c, ENDING_MS)) {
			process_end_group(c->process, true);
			if (process_wait(&c->process, -1, NULL) < 0)
				log_debug("the command on the way was not waited for");
		}
	}
	take_terminal_back(c);
	fd_close(&c->talk_fd);
	free(c);
}

const struct way_impl way_command = {
	.open = command_open,
	.fd = command_fd,
	.take = command_take,
	.for_link = command_for_link,
	.process = command_process,
	.opened = command_opened,
	.blame = command_blame,
	.close = command_close,
};
