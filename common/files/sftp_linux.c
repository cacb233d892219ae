#include "common/files/sftp.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/paths.h"
#include "common/base/process.h"
#include "common/files/sftp_box.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Loading and confining takes milliseconds; a machine that swaps may take seconds. */
#define READY_MS 10000

/* Debian and its kin; Fedora and its kin; Arch, SUSE; from source. */
static const char *const places[] = { "/usr/lib/openssh/sftp-server",
	"/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server",
	"/usr/libexec/sftp-server" };

/* Of our environment it gets nothing. */
static int start_server(const char *library, const char *start, bool read_only, const int stdio[3],
	const int fds[3])
{
	/* Its own log would name files of a session in a place where nobody expects them. */
	const char *const argv[] = { "sftp-server", "-e", "-l", "QUIET", "-d", start,
		read_only ? "-R" : NULL, NULL };
	char preload[PATH_MAX + 16];
	const char *const envp[] = { preload, "PATH=/usr/bin:/bin", NULL };
	const struct process_spec spec = {
		.path = path_first_program(places, ARRAY_LEN(places)),
		.argv = argv,
		.envp = envp,
		.fds = fds,
		.fd_count = 3,
		.stdio = stdio,
		.die_with_parent = true,
	};
	struct process process;

	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", library);
	return spec.path ? process_start(&spec, &process) : -ENOENT;
}

/* -EPIPE: it has ended instead. */
static int wait_until_ready(int fd)
{
	uint8_t byte;
	size_t got;

	int r = fd_wait_one(fd, FD_READ, READY_MS);
	if (r <= 0)
		return r < 0 ? r : -ETIMEDOUT;
	r = fd_read(fd, &byte, 1, &got);
	return r == 0 && got == 0 ? -EPIPE : r;
}

static int start_in(
	const struct sandbox_box *box, const char *start, bool read_only, struct files_sftp *out)
{
	int in[2] = { -1, -1 }, ready[2] = { -1, -1 }, said[2] = { -1, -1 };
	char library[PATH_MAX];

	int r = path_of_library(SFTP_BOX_LIBRARY, library);
	if (r == 0)
		r = fd_pipe(in);
	if (r == 0)
		r = fd_pipe(said);
	if (r == 0)
		r = fd_pipe(ready);
	if (r == 0) {
		const int stdio[] = { in[0], said[1], 2 };
		const int fds[] = { box->ruleset, box->filter, ready[1] };
		r = start_server(library, start, read_only, stdio, fds);
	}
	fd_close(&in[0]);
	fd_close(&said[1]);
	fd_close(&ready[1]);
	if (r == 0)
		r = wait_until_ready(ready[0]);
	fd_close(&ready[0]);
	if (r < 0) {
		fd_close(&in[1]);
		fd_close(&said[0]);
		return r;
	}
	*out = (struct files_sftp){ .from = said[0], .to = in[1] };
	return 0;
}

int files_sftp_start(const struct sandbox_folder *folders, size_t count, const char *start,
	struct files_sftp *out)
{
	struct sandbox_folder reached[SANDBOX_FOLDERS_MAX + 1];
	bool read_only = true;
	struct sandbox_box box;

	if (count > SANDBOX_FOLDERS_MAX)
		return -E2BIG;
	for (size_t i = 0; i < count; i++) {
		reached[i] = folders[i];
		reached[i].arrangeable = folders[i].writable;
		read_only &= !folders[i].writable;
	}
	/* It does not begin without one. */
	reached[count] = (struct sandbox_folder){ .fd = fd_null(), .writable = true };
	int r = reached[count].fd < 0 ? -ENOENT : sandbox_make_box(reached, count + 1, &box);
	fd_close(&reached[count].fd);
	if (r < 0)
		return r;
	r = start_in(&box, start, read_only, out);
	fd_close(&box.ruleset);
	fd_close(&box.filter);
	return r;
}

void files_sftp_finish(struct files_sftp *s, int wait_ms)
{
	uint64_t until_ms = clock_now_ms() + (uint64_t)wait_ms;
	uint8_t bytes[4096];
	size_t got = 1;

	fd_close(&s->to);
	while (s->from >= 0 && got > 0) {
		uint64_t now_ms = clock_now_ms();
		if (now_ms >= until_ms ||
			fd_wait_one(s->from, FD_READ, (int)(until_ms - now_ms)) <= 0 ||
			fd_read(s->from, bytes, sizeof(bytes), &got) < 0)
			break;
	}
	fd_close(&s->from);
}
