#include "server/supervisor/child_log.h"

#include "common/base/log.h"

void child_log(const char *who, const struct record_log *log)
{
	enum log_level level = log->level <= LOG_DEBUG ? (enum log_level)log->level : LOG_DEBUG;
	char line[LOG_ESCAPED_MAX];

	log_line(level, "%s: %s", who,
		log_escape(line, (const char *)log->line.bytes, log->line.len));
}
