#include "common/ipc/child.h"

#include "common/ipc/record_coders.h"

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
