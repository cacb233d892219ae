#include "client/session/link_process.h"

#include "common/base/fd.h"
#include "common/base/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define STATUS_TEXT_BYTES 128

void link_process_init(struct link_process *l)
{
	memset(l, 0, sizeof(*l));
	l->channel.fd = -1;
}

void link_process_environment(const char *out[static LINK_PROCESS_ENVIRONMENT_MAX])
{
	static const char *const prefixes[] = { "FARSEAT_", "LANG=", "LC_",
		"TZ=", "LD_LIBRARY_PATH=", "ASAN_", "UBSAN_", "TSAN_", "LSAN_" };
	size_t count = 0;

	for (const char *const *e = process_environment();
		*e && count + 1 < LINK_PROCESS_ENVIRONMENT_MAX; e++)
		for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
			if (strncmp(*e, prefixes[i], strlen(prefixes[i])) == 0) {
				out[count++] = *e;
				break;
			}
	out[count] = NULL;
}

int link_process_start(struct link_process *l, int transport_fd)
{
	char path[PATH_MAX];
	const char *environment[LINK_PROCESS_ENVIRONMENT_MAX];
	int pair[2] = { -1, -1 };
	const char *const argv[] = { "farseat-link", NULL };

	link_process_init(l);
	int r = path_of_program(argv[0], path);
	if (r == 0)
		r = ipc_pair(pair);
	if (r < 0)
		return r;
	const int fds[] = { pair[1], transport_fd };
	struct process_spec spec = {
		.path = path, .argv = argv, .fds = fds, .fd_count = ARRAY_LEN(fds)
	};
	link_process_environment(environment);
	spec.envp = environment;
	spec.die_with_parent = true;
	spec.new_session =
		true; /* Ctrl+C in the terminal ends farseat, which then says goodbye through it */
	r = process_start(&spec, &l->process);
	fd_close(&pair[1]);
	if (r < 0) {
		fd_close(&pair[0]);
		return r;
	}
	r = ipc_channel_init(&l->channel, pair[0]);
	if (r < 0)
		link_process_finish(l, 0, NULL);
	return r;
}

void link_process_finish(struct link_process *l, int grace_ms, char *status_text)
{
	int status = 0;

	if (status_text)
		status_text[0] = '\0';
	if (l->channel.fd >= 0 && grace_ms > 0 && ipc_flush(&l->channel) < 0)
		grace_ms = MIN(grace_ms, 100); /* it does not listen */
	ipc_channel_finish(&l->channel);
	l->channel.fd = -1;
	if (l->process.id <= 0)
		return;
	int r = process_wait(&l->process, grace_ms, &status);
	if (r == -ETIMEDOUT) {
		process_kill(l->process);
		r = process_wait(&l->process, -1, &status);
	}
	/* It says why it ends, unless what it has to say does not get through to us. */
	if (r == 0 && status_text && status == 0)
		snprintf(status_text, STATUS_TEXT_BYTES,
			"ended: the workstation sent more than this laptop could take");
	else if (r == 0 && status_text)
		process_status_text(status, status_text, STATUS_TEXT_BYTES);
}
