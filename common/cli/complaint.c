#include "common/cli/complaint.h"

#include "common/base/utf8.h"
#include "common/cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the process, as its standard error is. */
static char kept[COMPLAINT_MAX_BYTES];

void complaint_keep(const char *message)
{
	size_t left = strlen(message), at = 0;
	uint32_t code;

	if (kept[0] != '\0')
		return;
	while (left > 0) {
		size_t len = utf8_decode(message, left, &code);
		size_t taken = len > 0 ? len : 1;
		if (at + taken >= sizeof(kept))
			break; /* whole characters alone */
		memcpy(kept + at, len > 0 ? message : "?", taken);
		at += taken;
		message += taken;
		left -= taken;
	}
	kept[at] = '\0';
}

int complaint_say_list(const char *who, const char *format, va_list args)
{
	char *message = NULL;

	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	const char *said = message ? message : "there is no memory left";
	fprintf(stderr, "%s: %s\n", who, said);
	complaint_keep(said);
	free(message);
	return EXIT_FAILED;
}

int complaint_say(const char *who, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int status = complaint_say_list(who, format, args);
	va_end(args);
	return status;
}

const char *complaint_text(void)
{
	return kept;
}
