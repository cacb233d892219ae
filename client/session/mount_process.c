#include "client/session/mount_process.h"

#include "client/session/link_process.h"
#include "common/base/fd.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Unmounting takes milliseconds. One that stands still is left alone: it may yet come to it. */
#define EXIT_MS 2000

bool mount_process_possible(void)
{
	char path[PATH_MAX];

	return path_fusermount() && file_is_there("/dev/fuse") &&
	       path_of_program("farseat-mount", path) == 0 &&
	       path_of_program("farseat-paste", path) == 0;
}

static int start(struct mount_process *m, int channel_fd)
{
	const char *environment[LINK_PROCESS_ENVIRONMENT_MAX];
	char path[PATH_MAX], folder[PATH_MAX];

	int r = path_of_program("farseat-mount", path);
	if (r == 0)
		r = path_of(PATH_RUNTIME, "pasted", folder);
	if (r < 0)
		return r;
	link_process_environment(environment);
	const char *const argv[] = { "farseat-mount", folder, NULL };
	const struct process_spec spec = {
		.path = path,
		.argv = argv,
		.envp = environment,
		.fds = &channel_fd,
		.fd_count = 1,
		.new_session = true, /* it outlives what ends us */
	};
	return process_start(&spec, &m->process);
}

int mount_process_start(struct mount_process *m)
{
	int pair[2];

	memset(m, 0, sizeof(*m));
	m->channel.fd = -1;
	int r = ipc_pair(pair);
	if (r < 0)
		return r;
	r = start(m, pair[1]);
	fd_close(&pair[1]);
	if (r == 0)
		return ipc_channel_init(&m->channel, pair[0]);
	fd_close(&pair[0]);
	return r;
}

int mount_process_read(
	struct mount_process *m, char folder[static WIRE_FILE_PATH_MAX_BYTES + 1], int *fd)
{
	struct files_record record;
	int passed = -1;

	int r = files_record_receive(&m->channel, &record, &passed);
	if (r == -EAGAIN)
		return 0;
	const struct record_blob *name = &record.files_place.name;
	if (r == 1 && (record.type != RECORD_FILES_PLACE || passed < 0 || name->len == 0))
		r = -EPROTO;
	if (r < 0) {
		fd_close(&passed);
		return r;
	}
	snprintf(folder, WIRE_FILE_PATH_MAX_BYTES + 1, "%.*s", (int)name->len,
		(const char *)name->bytes);
	*fd = passed;
	return 1;
}

void mount_process_finish(struct mount_process *m)
{
	ipc_channel_finish(&m->channel);
	m->channel.fd = -1;
	if (m->process.id > 0 && process_wait(&m->process, EXIT_MS, NULL) == -ETIMEDOUT)
		log_warn("farseat-mount does not unmount what was shown for pasting");
}
