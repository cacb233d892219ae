#include "client/app/doctor.h"
#include "common/cli/complaint.h"
#include "common/cli/json_output.h"
#include "common/cli/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const verdict_words[] = { [GOOD] = "ok", [BAD] = "FAILED", [NOTE] = "note" };

void doctor_say(struct doctor *d, const char *step, enum verdict verdict, uint64_t took_us,
	const char *format, ...)
{
	char detail[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	snprintf(d->step, sizeof(d->step), "%s", step);
	if (verdict == BAD && !d->failed) {
		d->failed = true;
		complaint_keep(detail);
		d->diagnosis[0] = '\0'; /* a failure says more than what was to note before */
	}
	if (d->json) {
		json_array_append_new(d->checks, json_pack("{s:s, s:s, s:f, s:s}", "step", step,
							 "verdict", verdict_words[verdict], "ms",
							 (double)took_us / 1e3, "detail", detail));
		return;
	}
	printf("%-26s %-7s %8.1f ms  %s\n", step, verdict_words[verdict], (double)took_us / 1e3,
		detail);
	fflush(stdout);
}

void doctor_advise(struct doctor *d, const char *diagnosis, const char *remedy)
{
	if (d->diagnosis[0] == '\0')
		snprintf(d->diagnosis, sizeof(d->diagnosis), "%s", diagnosis);
	if (d->json) {
		json_t *line = json_array_get(d->checks, json_array_size(d->checks) - 1);
		if (*diagnosis)
			json_object_set_new(line, "diagnosis", json_string(diagnosis));
		if (*remedy)
			json_object_set_new(line, "remedy", json_string(remedy));
	} else if (*remedy) {
		printf("%-26s %s\n", "", remedy);
	}
}

void doctor_finish(struct doctor *d, const char *name)
{
	if (d->json) {
		if (json_output_print(json_pack("{s:s, s:b, s:s, s:O}", "workstation", name, "good",
			    !d->failed, "diagnosis", d->diagnosis, "checks", d->checks)) != EXIT_OK)
			d->failed = true;
	}
	json_decref(d->checks);
	d->checks = NULL;
}
