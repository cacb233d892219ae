#include "client/session/files_process.h"

#include "client/session/link_process.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/paths.h"
#include "common/ipc/dispatch.h"

#include <errno.h>
#include <string.h>

static int on_progress(void *owner, const void *body, int *fd)
{
	const struct files_process *f = owner;

	(void)fd;
	if (f->events->progress)
		f->events->progress(f->user, body);
	return 0;
}

static int on_fault(void *owner, const void *body, int *fd)
{
	const struct files_process *f = owner;

	(void)fd;
	if (f->events->fault)
		f->events->fault(f->user, body);
	return 0;
}

static int on_entry(void *owner, const void *body, int *fd)
{
	const struct files_process *f = owner;

	(void)fd;
	if (!f->events->entry)
		return -EPROTO;
	f->events->entry(f->user, body);
	return 0;
}

static int on_copied(void *owner, const void *body, int *fd)
{
	const struct files_process *f = owner;

	(void)fd;
	if (!f->events->copied)
		return -EPROTO;
	f->events->copied(f->user, body);
	return 0;
}

static int on_result(void *owner, const void *body, int *fd)
{
	struct files_process *f = owner;

	(void)fd;
	if (f->done)
		return -EPROTO;
	f->done = true;
	f->events->result(f->user, body);
	return 0;
}

static int on_log(void *owner, const void *body, int *fd)
{
	const struct record_log *log = body;

	(void)owner;
	(void)fd;
	log_line(MIN(log->level, LOG_DEBUG), "files: %.*s", (int)log->line.len,
		(const char *)log->line.bytes);
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	(void)owner;
	(void)record;
	log_error("farseat-files sent %s", what);
}

static const struct dispatch_rule rules[] = {
	{ RECORD_FILES_PROGRESS, DISPATCH_ALWAYS, on_progress, 0 },
	{ RECORD_FILES_FAULT, DISPATCH_ALWAYS, on_fault, 0 },
	{ RECORD_FILES_RESULT, DISPATCH_ALWAYS, on_result, 0 },
	{ RECORD_FILES_ENTRY, DISPATCH_ALWAYS, on_entry, 0 },
	{ RECORD_FILES_COPIED, DISPATCH_ALWAYS, on_copied, 0 },
	{ RECORD_LOG, DISPATCH_ALWAYS, on_log, 0 },
};

static const struct dispatch dispatch = {
	.records = &files_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.refuse = refuse,
};

void files_process_init(
	struct files_process *f, const struct files_process_events *events, void *user)
{
	memset(f, 0, sizeof(*f));
	f->program = "farseat-files";
	f->channel.fd = -1;
	f->events = events;
	f->user = user;
}

static int start(struct files_process *f, int channel_fd, int wire_fd)
{
	const char *const argv[] = { f->program, NULL };
	const char *environment[LINK_PROCESS_ENVIRONMENT_MAX];
	const int fds[] = { channel_fd, wire_fd };
	char path[PATH_MAX];
	int r = path_of_program(argv[0], path);

	if (r < 0)
		return r;
	link_process_environment(environment);
	const struct process_spec spec = {
		.path = path,
		.argv = argv,
		.envp = environment,
		.fds = fds,
		.fd_count = ARRAY_LEN(fds),
		.die_with_parent = true,
		.new_session = true, /* Ctrl+C is ours: it is told, and cleans up */
	};
	return process_start(&spec, &f->process);
}

int files_process_start(
	struct files_process *f, const struct record_files_config *config, int *wire_fd)
{
	const struct files_record record = { .type = RECORD_FILES_CONFIG, .files_config = *config };
	int parent[2] = { -1, -1 }, wire[2] = { -1, -1 };

	int r = ipc_pair(parent);
	if (r == 0)
		r = ipc_pair(wire);
	if (r == 0)
		r = start(f, parent[1], wire[1]);
	fd_close(&parent[1]);
	fd_close(&wire[1]);
	if (r == 0)
		r = ipc_channel_init(&f->channel, parent[0]);
	else
		fd_close(&parent[0]);
	if (r == 0)
		r = files_record_send(&f->channel, &record, -1);
	if (r < 0) {
		fd_close(&wire[0]);
		files_process_finish(f, 0);
		return r;
	}
	*wire_fd = wire[0];
	return 0;
}

int files_process_place(struct files_process *f, int fd, const char *name)
{
	struct files_record record = { .type = RECORD_FILES_PLACE };

	record.files_place.name.bytes = (const uint8_t *)name;
	record.files_place.name.len = strlen(name);
	return files_record_send(&f->channel, &record, fd);
}

int files_process_go(struct files_process *f)
{
	const struct files_record record = { .type = RECORD_FILES_GO };

	return files_record_send(&f->channel, &record, -1);
}

void files_process_cancel(struct files_process *f)
{
	const struct files_record record = { .type = RECORD_FILES_CANCEL };

	if (files_record_send(&f->channel, &record, -1) < 0)
		log_debug("farseat-files has ended already");
}

int files_process_read(struct files_process *f)
{
	struct files_record room;
	int r;

	if (ipc_wants_write(&f->channel) && ipc_flush(&f->channel) == -EPIPE)
		log_debug("farseat-files closed its channel");
	do
		r = dispatch_next(&f->channel, &dispatch, f, &room);
	while (r == 1);
	return r == -EAGAIN ? 0 : r;
}

void files_process_finish(struct files_process *f, int grace_ms)
{
	ipc_channel_finish(&f->channel);
	f->channel.fd = -1;
	if (f->process.id <= 0)
		return;
	if (process_wait(&f->process, grace_ms, NULL) != -ETIMEDOUT)
		return;
	process_kill(f->process);
	(void)!process_wait(&f->process, -1, NULL);
}
