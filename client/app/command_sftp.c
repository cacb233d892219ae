/* `farseat sftp`: the workstation's SFTP server on standard input and output, for programs that speak
 * SFTP over any command. */
#include "client/app/automation.h"
#include "client/app/commands.h"
#include "client/app/copy_report.h"
#include "client/app/headless_files.h"
#include "client/window/termination.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/standard.h"
#include "common/cli/complaint.h"
#include "common/files/fault.h"

#include <errno.h>
#include <string.h>

#define TRANSFER 1

struct door {
	struct headless *session; /* borrowed; open */
	struct files_process files;
	uint64_t give_up_ms; /* 0: it was not told to stop */
	struct record_files_result result;
};

static void on_result(void *user, const struct record_files_result *r)
{
	struct door *d = user;

	d->result = *r;
	d->result.name = (struct record_blob){ 0 };
}

static const struct files_process_events events = { .result = on_result };

/* Sleeps until the session or farseat-files has something; takes it. */
static int turn(struct door *d)
{
	int r = headless_files_turn(d->session, &d->files);

	/* Whoever reads our output may stand still, and farseat-files with it. */
	if (r == 0 && d->give_up_ms == 0 &&
		(termination_asked() || !connection_is_up(d->session->connection))) {
		files_process_cancel(&d->files);
		d->give_up_ms = clock_now_ms() + HEADLESS_FILES_CANCEL_MS;
	}
	return r == 0 && d->give_up_ms > 0 && clock_now_ms() > d->give_up_ms ? -ETIMEDOUT : r;
}

static int status_of(const struct door *d)
{
	const struct record_files_result *r = &d->result;
	const char *name = d->session->workstation.name;

	if (!connection_is_up(d->session->connection))
		return headless_complain(d->session->connection, name);
	if (!d->files.done) {
		return complaint_say(
			"farseat sftp", "farseat-files ended without a word; the log says more.");
	}
	if (r->fault == WIRE_FILE_OK)
		return EXIT_OK;
	complaint_say("farseat sftp", "%s: %s%s.%s", name, files_fault_text(r->fault),
		r->there ? ", on the workstation" : "", copy_report_remedy(r->fault));
	return r->fault == WIRE_FILE_NOT_ALLOWED ? EXIT_REFUSED : EXIT_FAILED;
}

static int start(struct door *d, int *wire_fd)
{
	const struct record_files_config config = { .role = RECORD_FILES_STREAM,
		.transfer = TRANSFER };
	int r = files_process_start(&d->files, &config, wire_fd);

	if (r == 0)
		r = files_process_place(&d->files, 0, "");
	if (r == 0)
		r = files_process_place(&d->files, 1, "");
	if (r == 0)
		r = files_process_go(&d->files);
	if (r < 0)
		headless_files_complain("farseat sftp", r);
	return r;
}

static int run(struct headless *h)
{
	const struct wire_message order = { .type = WIRE_FILE_SFTP, .file_of = { TRANSFER } };
	const struct wire_message pause = { .type = WIRE_VIEW, .view = { .paused = true } };
	struct door d = { .session = h };
	int wire_fd = -1, status = EXIT_FAILED;

	(void)!connection_send(h->connection, &pause); /* no picture is looked at */
	files_process_init(&d.files, &events, &d);
	int r = start(&d, &wire_fd);
	if (r == 0 && connection_order_files(h->connection, &order, wire_fd)) {
		fd_close(
			&wire_fd); /* the link has its own: when that ends, farseat-files sees it */
		while (r == 0)
			r = turn(&d);
		status = status_of(&d);
	} else if (r == 0) {
		status = headless_complain(h->connection, h->workstation.name);
	}
	fd_close(&wire_fd);
	files_process_finish(&d.files, status == EXIT_OK ? HEADLESS_FILES_CANCEL_MS : 0);
	return status;
}

/* Whether files can be had there at all; says why not. */
static int check_session(const struct headless *h)
{
	if (!connection_has_files(h->connection)) {
		return complaint_say("farseat sftp",
			"the Farseat on %s is too old for files: update it there.",
			h->workstation.name);
	}
	if (connection_caps(h->connection) & WIRE_CAP_FILES_OUT)
		return EXIT_OK;
	complaint_say("farseat sftp",
		"this laptop may not copy files from %s. The administrator can allow it: farseatctl caps NAME +files-out",
		h->workstation.name);
	return EXIT_REFUSED;
}

int command_sftp(const struct options *o, void *user)
{
	struct headless h;

	(void)user;
	if (options_flag(o, "json"))
		return options_wrong(o, "--json and SFTP on standard output exclude each other");
	if (standard_is_terminal(0) || standard_is_terminal(1))
		return options_wrong(o,
			"it speaks SFTP to a program, not to a person: sftp -D 'farseat sftp %s'",
			o->arguments[0]);
	termination_install();
	int status = automation_open(&h, o);
	if (status == EXIT_OK)
		status = check_session(&h);
	if (status == EXIT_OK)
		status = run(&h);
	headless_close(&h);
	return status;
}
