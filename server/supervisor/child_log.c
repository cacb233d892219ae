#include "server/supervisor/child_log.h"

#include "common/base/log.h"
#include "common/wire/plain_text.h"

/* What a child escaped already is not escaped once more: "\\x1b" stays readable. */
void child_log(const char *who, const struct record_log *log)
{
	enum log_level level = log->level <= LOG_DEBUG ? (enum log_level)log->level : LOG_DEBUG;
	const char *text = (const char *)log->line.bytes;
	char line[LOG_ESCAPED_MAX];

	if (plain_text_valid(text, log->line.len))
		log_line(level, "%s: %.*s", who, (int)log->line.len, text);
	else
		log_line(level, "%s: %s", who, log_escape(line, text, log->line.len));
}
