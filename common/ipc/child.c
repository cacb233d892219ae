#include "common/ipc/child.h"

#include "common/base/pages.h"
#include "common/base/process.h"
#include "common/ipc/record_coders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* LOG is the same record in all sets that have it. */
static const struct record_coder log_coder = RECORD_SHARED(LOG, log);

struct log_record {
	enum record_type type;
	struct record_log log;
};

static const struct record_set log_records = { &log_coder, 1, sizeof(struct log_record),
	offsetof(struct log_record, log) };

void ipc_child_log(void *parent, enum log_level level, const char *line)
{
	const struct log_record record = { .type = RECORD_LOG,
		.log = { .level = (uint8_t)level,
			.line = { (const uint8_t *)line,
				strnlen(line, RECORD_LINE_MAX_BYTES - 1) } } };

	if (record_send(parent, &log_records, &record, -1) < 0)
		return; /* nobody left to tell */
}

/* Everything that must be done before the confinement, and the confinement. */
static int prepare(const struct ipc_child *child, void *state)
{
	int r = sandbox_prepare(child->kept_fds);

	if (r == 0)
		r = child->seed();
	if (r == 0)
		r = child->init(state);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return r;
	}
	log_set_sink(ipc_child_log, child->channel(state));
	r = sandbox_enter(child->role);
	if (r < 0)
		child->unconfined(state, r);
	return r < 0 ? r : 0;
}

int ipc_child_main(const struct ipc_child *child, int argc)
{
	log_init(child->name);
	process_set_name(child->name);
	if (argc != 1) {
		fprintf(stderr, "%s is started by %s\n", child->name, child->parent);
		return 2;
	}
	pages_return_freed();
	void *state = malloc(child->state_bytes);
	int status = EXIT_FAILURE;
	if (state && prepare(child, state) == 0) {
		child->run(state);
		child->finish(state);
		status = EXIT_SUCCESS;
	}
	log_set_sink(NULL, NULL);
	free(state);
	child->unseed();
	return status;
}
