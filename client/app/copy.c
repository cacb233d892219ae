#include "client/app/copy.h"

#include "client/app/copy_report.h"
#include "client/app/headless_files.h"
#include "client/session/files_order.h"
#include "client/window/termination.h"
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/cli/complaint.h"
#include "common/cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Of this command's transfers one runs at a time. */
#define TRANSFER 1

static int complain(const char *path, int error)
{
	return complaint_say("farseat cp", "%s: %s.", path, strerror(-error));
}

/* ---- one transfer ---- */

static void on_progress(void *user, const struct record_files_progress *p)
{
	struct copy *c = user;

	c->begun_here = false;
	copy_report_progress(c, p);
}

static void on_fault(void *user, const struct record_files_fault *f)
{
	struct copy *c = user;

	c->faults++;
	copy_report_fault(c, f);
}

static void on_result(void *user, const struct record_files_result *r)
{
	struct copy *c = user;

	c->result = *r;
	c->result.name = (struct record_blob){ 0 };
	copy_report_result(c, r);
}

static const struct files_process_events events = { on_progress, on_fault, on_result, NULL, NULL };

/* What is left to do when its process has said all: an exit status. */
static int status_of(const struct copy *c)
{
	if (!c->files.done)
		return complaint_say(
			"farseat cp", "farseat-files ended without a word; the log says more.");
	if (c->result.fault == WIRE_FILE_NOT_ALLOWED)
		return EXIT_REFUSED;
	/* Why the link broke is worth more than that the transfer did not go on. */
	if (c->result.fault != WIRE_FILE_OK && !connection_is_up(c->session->connection))
		return headless_complain(c->session->connection, c->session->workstation.name);
	return c->result.fault == WIRE_FILE_OK && c->faults == 0 ? EXIT_OK : EXIT_FAILED;
}

static int run(struct copy *c, const struct wire_message *order, int wire_fd)
{
	uint64_t give_up_ms = 0;
	int r = files_process_go(&c->files);

	if (r == 0 && !connection_order_files(c->session->connection, order, wire_fd))
		return headless_complain(c->session->connection, c->session->workstation.name);
	fd_close(&wire_fd); /* the link has its own: when that ends, farseat-files sees it */
	c->begun_ms = clock_now_ms();
	while (r == 0) {
		if (termination_asked() && give_up_ms == 0) {
			files_process_cancel(&c->files);
			give_up_ms = clock_now_ms() + HEADLESS_FILES_CANCEL_MS;
		}
		if (give_up_ms > 0 && clock_now_ms() > give_up_ms)
			break;
		r = headless_files_turn(c->session, &c->files);
	}
	copy_report_end(c);
	return status_of(c);
}

static int begin(struct copy *c, const struct record_files_config *config, int *wire_fd)
{
	files_process_init(&c->files, &events, c);
	c->faults = 0;
	memset(&c->result, 0, sizeof(c->result));
	int r = files_process_start(&c->files, config, wire_fd);
	if (r < 0)
		headless_files_complain("farseat cp", r);
	return r;
}

/* ---- what is copied ---- */

static int send_source(struct copy *c, const char *path)
{
	char name[WIRE_FILE_NAME_MAX_BYTES + 1] = "standard-input";
	bool is_folder = false, piped = strcmp(path, "-") == 0;

	int fd = piped ? 0 : file_open(path, &is_folder);
	if (fd < 0)
		return complain(path, fd);
	int status = EXIT_OK;
	if (is_folder && !c->recursive) {
		status = complaint_say(
			"farseat cp", "%s is a folder: -r copies it with what is in it.", path);
	} else if (!piped && files_order_name(path, name) < 0) {
		status = complaint_say("farseat cp", "%s has no name to be called by there.", path);
	} else {
		int r = files_process_place(&c->files, fd, name);
		status = r < 0 ? complain(path, r) : EXIT_OK;
	}
	if (!piped)
		fd_close(&fd);
	return status;
}

int copy_put(struct copy *c, const char *const *sources, size_t count, const char *to)
{
	const struct record_files_config config = {
		.role = RECORD_FILES_SEND, .transfer = TRANSFER, .links = c->links
	};
	size_t to_len = strlen(to);
	bool folder = count > 1 || (to_len > 0 && to[to_len - 1] == '/');
	int wire_fd = -1, status = EXIT_OK;
	const struct wire_message order = files_order(WIRE_FILE_PUT, TRANSFER, to,
		(uint8_t)((c->force ? WIRE_FILE_FORCE : 0) | (folder ? WIRE_FILE_MANY : 0)));

	if (begin(c, &config, &wire_fd) < 0)
		return EXIT_FAILED;
	for (size_t i = 0; i < count && status == EXIT_OK; i++)
		status = send_source(c, sources[i]);
	if (status == EXIT_OK)
		status = run(c, &order, wire_fd);
	else
		fd_close(&wire_fd);
	files_process_finish(&c->files, status == EXIT_OK ? HEADLESS_FILES_CANCEL_MS : 0);
	return status;
}

/* The folder that something comes to, and what it is to be called there ("": as it is called). */
static int open_target(
	const char *to, bool into_folder, char rename[static WIRE_FILE_NAME_MAX_BYTES + 1])
{
	char parent[PATH_MAX];
	const char *name;

	rename[0] = '\0';
	int fd = dir_open(to);
	if (fd >= 0 || into_folder || (fd != -ENOENT && fd != -ENOTDIR))
		return fd;
	size_t len = files_order_last_name(to, &name);
	if (strlen(to) >= sizeof(parent) || len > WIRE_FILE_NAME_MAX_BYTES ||
		to[strlen(to) - 1] == '/')
		return fd;
	memcpy(rename, name, len);
	rename[len] = '\0';
	snprintf(parent, sizeof(parent), "%.*s", (int)(name - to), to);
	return dir_open(parent[0] ? parent : ".");
}

int copy_get(struct copy *c, const char *from, const char *to, bool into_folder)
{
	struct record_files_config config = {
		.role = RECORD_FILES_RECEIVE, .transfer = TRANSFER, .force = c->force
	};
	char rename[WIRE_FILE_NAME_MAX_BYTES + 1] = "";
	bool piped = strcmp(to, "-") == 0;
	int fd = piped ? 1 : open_target(to, into_folder, rename), wire_fd = -1;
	const struct wire_message order = files_order(WIRE_FILE_GET, TRANSFER, from,
		(uint8_t)((c->recursive ? WIRE_FILE_RECURSIVE : 0) |
			  (c->links ? WIRE_FILE_LINKS : 0)));

	if (fd < 0)
		return complain(to, fd);
	config.rename.bytes = (const uint8_t *)rename;
	config.rename.len = strlen(rename);
	int r = begin(c, &config, &wire_fd);
	if (r == 0)
		r = files_process_place(&c->files, fd, "");
	if (!piped)
		fd_close(&fd);
	int status = r == 0 ? run(c, &order, wire_fd) : EXIT_FAILED;
	files_process_finish(&c->files, status == EXIT_OK ? HEADLESS_FILES_CANCEL_MS : 0);
	return status;
}
