#include "common/cli/json_output.h"

#include "common/cli/complaint.h"
#include "common/cli/options.h"

#include <stdio.h>
#include <stdlib.h>

/* Of the process, as its standard output is. */
static bool printed, lines;

/* Takes object; "version" is put before its members, and "error" where there is one. */
static int put(json_t *object, const char *error, size_t flags)
{
	json_t *document = json_pack("{s:i}", "version", JSON_OUTPUT_VERSION);
	char *text = NULL;

	if (document && error[0] != '\0')
		json_object_set_new(document, "error", json_string(error));
	if (document && object && json_object_update(document, object) == 0)
		text = json_dumps(document, flags);
	json_decref(document);
	json_decref(object);
	if (!text)
		return complaint_say("cannot print JSON", "out of memory");
	int written = puts(text);
	free(text);
	return written < 0 || fflush(stdout) != 0 ? EXIT_FAILED : EXIT_OK;
}

int json_output_print(json_t *object)
{
	printed = true;
	return put(object, complaint_text(), JSON_INDENT(2));
}

int json_output_line(const json_t *object)
{
	lines = true;
	return put(json_deep_copy(object), "", JSON_COMPACT);
}

void json_output_leave_out(void)
{
	printed = true;
}

int json_output_end(int status)
{
	if (printed || (lines && status == EXIT_OK))
		return status;
	if (status != EXIT_OK)
		complaint_keep("it failed, and did not say why");
	int r = put(json_object(), complaint_text(), lines ? JSON_COMPACT : JSON_INDENT(2));
	return status == EXIT_OK ? r : status;
}
