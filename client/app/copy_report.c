#include "client/app/copy_report.h"

#include "client/session/amount.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/cli/complaint.h"
#include "common/cli/json_output.h"
#include "common/cli/options.h"
#include "common/files/fault.h"

#include <stdio.h>

/* To the line's end: what stood there is longer perhaps. */
#define CLEAR "\r\033[K"

/* Names are bytes of somebody else's: only clean text reaches a terminal or a program. */
static const char *clean(char out[static LOG_ESCAPED_MAX], const struct record_blob *name)
{
	return log_escape(out, name->len ? (const char *)name->bytes : "", name->len);
}

static void event(json_t *object)
{
	/* A closed standard output is found at the end of the program. */
	if (json_output_line(object) != EXIT_OK)
		log_debug("an event of the copy could not be printed");
	json_decref(object);
}

static void bar(const struct copy *c, const struct record_files_progress *p)
{
	char name[LOG_ESCAPED_MAX], left[32] = "";
	char done[AMOUNT_BYTES], all[AMOUNT_BYTES], rate[AMOUNT_BYTES];
	uint64_t ms = MAX(clock_now_ms() - c->begun_ms, (uint64_t)1);
	uint64_t per_s = p->bytes * 1000 / ms;

	amount_text(done, p->bytes);
	amount_text(all, p->total_bytes);
	amount_text(rate, per_s);
	if (p->total_bytes > p->bytes && per_s > 0) {
		uint64_t s = (p->total_bytes - p->bytes) / per_s;
		snprintf(left, sizeof(left), ", %u:%02u left", (unsigned)(s / 60),
			(unsigned)(s % 60));
	}
	fprintf(stderr, CLEAR "%.40s  %s%s%s, %s/s%s", clean(name, &p->name), done,
		p->total_bytes ? " of " : "", p->total_bytes ? all : "", rate, left);
	fflush(stderr);
}

void copy_report_progress(const struct copy *c, const struct record_files_progress *p)
{
	char name[LOG_ESCAPED_MAX];

	if (c->bar)
		bar(c, p);
	if (c->json)
		event(json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "event", "progress", "file",
			clean(name, &p->name), "files", (json_int_t)p->files, "total_files",
			(json_int_t)p->total_files, "bytes", (json_int_t)p->bytes, "total_bytes",
			(json_int_t)p->total_bytes));
}

/* The option by which it would have been copied, in parentheses; "": none. */
static const char *option_for(uint8_t fault)
{
	switch (fault) {
	case WIRE_FILE_EXISTS:
		return " (--force replaces it)";
	case WIRE_FILE_IS_LINK:
		return " (-P copies links that stay inside)";
	case WIRE_FILE_IS_FOLDER:
		return " (-r copies folders)";
	default:
		return "";
	}
}

void copy_report_fault(const struct copy *c, const struct record_files_fault *f)
{
	char name[LOG_ESCAPED_MAX];

	clean(name, &f->name);
	copy_report_end(c);
	complaint_say("farseat cp", "%s: %s%s%s.", name, files_fault_text(f->fault),
		option_for(f->fault), f->there ? ", on the workstation" : "");
	if (c->json)
		event(json_pack("{s:s, s:s, s:s, s:b}", "event", "fault", "file", name, "fault",
			wire_file_fault_name(f->fault), "there", f->there));
}

const char *copy_report_remedy(uint8_t fault)
{
	if (fault == WIRE_FILE_NOT_ALLOWED)
		return " The administrator can allow it: farseatctl caps NAME +files-in +files-out";
	if (fault == WIRE_FILE_OUTSIDE)
		return " [files] folders in farseat.conf there says which are open to copies.";
	if (fault == WIRE_FILE_UNAVAILABLE)
		return " Files are switched off there, or farseat-files (for SFTP: OpenSSH's sftp-server) is not installed.";
	return "";
}

void copy_report_result(const struct copy *c, const struct record_files_result *r)
{
	if (r->fault != WIRE_FILE_OK) {
		copy_report_end(c);
		complaint_say("farseat cp", "ended early: %s%s.%s", files_fault_text(r->fault),
			r->there ? ", on the workstation" : "", copy_report_remedy(r->fault));
	}
	if (c->json)
		event(json_pack("{s:s, s:s, s:I, s:I, s:I}", "event", "end", "end",
			wire_file_fault_name(r->fault), "files", (json_int_t)r->files, "bytes",
			(json_int_t)r->bytes, "faults", (json_int_t)r->faults));
}

void copy_report_end(const struct copy *c)
{
	if (c->bar)
		fputs(CLEAR, stderr);
}
