#include "server/registry/audit.h"
#include "server/supervisor/child_log.h"
#include "server/supervisor/supervisor.h"

#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* ---- what it says ---- */

/* Which files they were only sftp-server knows. */
static void note_sftp(const struct files_child *f, const struct record_files_result *result)
{
	log_info("%s (%s): SFTP, %llu bytes to and fro%s%s", f->device, f->peer,
		(unsigned long long)result->bytes,
		result->fault != WIRE_FILE_OK ? ", ended early: " : "",
		result->fault != WIRE_FILE_OK ? wire_file_fault_name(result->fault) : "");
	audit_write("files",
		json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "device", f->device, "id", f->device_id,
			"peer", f->peer, "direction", "sftp", "bytes", (json_int_t)result->bytes,
			"end", wire_file_fault_name(result->fault)));
}

static void note(const struct files_child *f, const struct record_files_result *result)
{
	char name[LOG_ESCAPED_MAX];
	const char *direction = result->sent ? "to the laptop" : "from the laptop";

	log_escape(name, (const char *)result->name.bytes, result->name.len);
	log_info("%s (%s): %u files, %llu bytes copied %s: \"%s\"%s%s", f->device, f->peer,
		result->files, (unsigned long long)result->bytes, direction, name,
		result->fault != WIRE_FILE_OK ? ", ended early: " : "",
		result->fault != WIRE_FILE_OK ? wire_file_fault_name(result->fault) : "");
	audit_write("files",
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s}", "device", f->device,
			"device_id", f->device_id, "peer", f->peer, "direction",
			result->sent ? "out" : "in", "name", name, "files",
			(json_int_t)result->files, "bytes", (json_int_t)result->bytes, "faults",
			(json_int_t)result->faults, "end", wire_file_fault_name(result->fault)));
}

static int on_result(void *owner, const void *body, int *fd)
{
	struct files_child *f = owner;

	(void)fd;
	if (f->done)
		return -EPROTO;
	f->done = true;
	if (f->sftp)
		note_sftp(f, body);
	else
		note(f, body);
	return 0;
}

/* What was dropped can be pasted in the session, where the device may put anything into its clipboard. */
static int on_made(void *owner, const void *body, int *fd)
{
	struct files_child *f = owner;
	const struct record_files_made *made = body;
	const struct worker_child *w = workers_find(f->supervisor, f->worker);

	(void)fd;
	if (f->done)
		return -EPROTO;
	if (w && (w->caps & WIRE_CAP_CLIPBOARD_IN))
		agents_put_files(f->supervisor, w, &made->uris);
	return 0;
}

static void answer_copied(struct files_child *f, const struct record_blob *list)
{
	const struct files_record record = { .type = RECORD_FILES_COPIED,
		.files_copied = { .list = *list } };

	f->asks = false;
	child_send(&f->child, &record, -1);
}

void files_answer_copied(struct supervisor *s, uint32_t worker, const struct record_blob *list)
{
	for (size_t i = 0; i < STARTER_FILES_MAX; i++) {
		struct files_child *f = &s->files[i];
		if (f->running && f->asks && (worker == 0 || f->worker == worker))
			answer_copied(f, list);
	}
}

/* What is copied in the session is read for a device that may read its clipboard. */
static int on_copied_ask(void *owner, const void *body, int *fd)
{
	static const struct record_blob none = { 0 };
	struct files_child *f = owner;
	const struct worker_child *w = workers_find(f->supervisor, f->worker);

	(void)body;
	(void)fd;
	if (f->done || f->asks)
		return -EPROTO;
	f->asks = true;
	if (!w || !(w->caps & WIRE_CAP_CLIPBOARD_OUT) || !agents_ask_copied(f->supervisor, w))
		answer_copied(f, &none);
	return 0;
}

/* Of no interest here: the person sees them at the laptop. */
static int ignore(void *owner, const void *body, int *fd)
{
	(void)owner;
	(void)body;
	(void)fd;
	return 0;
}

static int on_log(void *owner, const void *body, int *fd)
{
	const struct files_child *f = owner;
	char who[REGISTRY_NAME_MAX_BYTES + 16];

	(void)fd;
	snprintf(who, sizeof(who), "files (%s)", f->device);
	child_log(who, body);
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	const struct files_child *f = owner;

	(void)record;
	child_refused(&f->child, what);
}

static const struct dispatch_rule rules[] = {
	{ RECORD_FILES_RESULT, DISPATCH_ALWAYS, on_result, 0 },
	{ RECORD_FILES_MADE, DISPATCH_ALWAYS, on_made, 0 },
	{ RECORD_FILES_COPIED_ASK, DISPATCH_ALWAYS, on_copied_ask, 0 },
	{ RECORD_FILES_PROGRESS, DISPATCH_ALWAYS, ignore, 0 },
	{ RECORD_FILES_FAULT, DISPATCH_ALWAYS, ignore, 0 },
	{ RECORD_LOG, DISPATCH_ALWAYS, on_log, 0 },
};

static const struct dispatch dispatch = {
	.records = &files_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.refuse = refuse,
};

static void on_ended(struct child *c, int status)
{
	struct files_child *f = c->owner;
	char text[128];

	f->running = false;
	if (f->done || f->supervisor->stopping)
		return;
	process_status_text(status, text, sizeof(text));
	log_warn("%s (%s): farseat-files %s before it was done", f->device, f->peer, text);
	audit_write("files", json_pack("{s:s, s:s, s:s, s:s}", "device", f->device, "id",
				     f->device_id, "peer", f->peer, "end", text));
}

/* ---- its begin ---- */

/* A place of its own, while its worker has no more than it may. */
static struct files_child *free_place(struct worker_child *w)
{
	struct files_child *all = w->supervisor->files, *place = NULL;
	unsigned running = 0;

	for (size_t i = 0; i < STARTER_FILES_MAX; i++) {
		running += all[i].running && !all[i].done && all[i].worker == w->id;
		if (!all[i].running)
			place = &all[i];
	}
	return running < WIRE_FILE_TRANSFERS_MAX ? place : NULL;
}

/* Our own confinement has no way there, but O_PATH needs none; farseat-files opens it anew. */
static int open_folder(const char *path)
{
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Hands over every folder that is there, and the first one's name when it is not: farseat-files makes
 * it. How many. */
static unsigned send_folders(struct files_child *f, const struct settings_files *files)
{
	unsigned count = 0;

	for (size_t i = 0; i < files->folder_count; i++) {
		struct files_record record = { .type = RECORD_FILES_PLACE };
		int fd = open_folder(files->folders[i]);
		if (fd < 0 && (i > 0 || errno != ENOENT)) {
			log_warn("[files] folders: %s cannot be opened: %s", files->folders[i],
				strerror(errno));
			continue;
		}
		record.files_place.name.bytes = (const uint8_t *)files->folders[i];
		record.files_place.name.len = strlen(files->folders[i]);
		child_send(&f->child, &record, fd);
		fd_close(&fd);
		count++;
	}
	return count;
}

static enum wire_file_fault configure(struct files_child *f, uint8_t transfer)
{
	struct files_record record = { .type = RECORD_FILES_CONFIG };
	const char *home = path_home();

	record.files_config.role = f->sftp ? RECORD_FILES_SFTP : RECORD_FILES_SERVE;
	record.files_config.transfer = transfer;
	record.files_config.caps = f->caps;
	record.files_config.home.bytes = (const uint8_t *)(home ? home : "");
	record.files_config.home.len = home ? strlen(home) : 0;
	child_send(&f->child, &record, -1);
	if (send_folders(f, &f->supervisor->settings.files) == 0)
		return WIRE_FILE_NO_FOLDER;
	record = (struct files_record){ .type = RECORD_FILES_GO };
	child_send(&f->child, &record, -1);
	return WIRE_FILE_OK;
}

static int start(struct files_child *f, struct worker_child *w, int wire_fd)
{
	struct supervisor *s = w->supervisor;
	const struct child_spec spec = {
		.program = "farseat-files",
		.dispatch = &dispatch,
		.extra_fd = wire_fd,
		.by = &s->starters,
		.kind = (enum starter_kind)(STARTER_FILES + (f - s->files)),
	};

	memset(f, 0, sizeof(*f));
	f->supervisor = s;
	f->child.owner = f;
	f->worker = w->id;
	memcpy(f->device, w->device, sizeof(f->device));
	memcpy(f->device_id, w->device_id, sizeof(f->device_id));
	memcpy(f->peer, w->peer, sizeof(f->peer));
	int r = child_start(&f->child, &s->loop, &spec, on_ended);
	f->running = r == 0;
	return r;
}

enum wire_file_fault files_begin(
	struct worker_child *w, const struct record_files_ask *ask, int *channel)
{
	struct files_child *f = free_place(w);
	int pair[2] = { -1, -1 };

	if (ask->caps & ~w->caps)
		return WIRE_FILE_NOT_ALLOWED;
	if (w->supervisor->settings.files.folder_count == 0)
		return WIRE_FILE_UNAVAILABLE;
	if (!f)
		return WIRE_FILE_BUSY;
	int r = ipc_pair(pair);
	if (r == 0)
		r = start(f, w, pair[0]);
	fd_close(&pair[0]);
	if (r < 0) {
		log_error("cannot start farseat-files: %s", strerror(-r));
		fd_close(&pair[1]);
		return WIRE_FILE_UNAVAILABLE;
	}
	f->sftp = ask->sftp;
	f->caps = w->caps & (WIRE_CAP_FILES_IN | WIRE_CAP_FILES_OUT);
	enum wire_file_fault fault = configure(f, ask->transfer);
	/* What SFTP may write depends on both. */
	if (!f->sftp)
		f->caps = ask->caps;
	if (fault == WIRE_FILE_OK) {
		*channel = pair[1];
		return WIRE_FILE_OK;
	}
	f->done = true; /* nothing was copied: nothing to note */
	child_end(&f->child, 0);
	fd_close(&pair[1]);
	return fault;
}

/* ---- its end ---- */

void files_apply_caps(const struct worker_child *w)
{
	struct files_child *all = w->supervisor->files;

	for (size_t i = 0; i < STARTER_FILES_MAX; i++)
		if (all[i].running && all[i].worker == w->id && (all[i].caps & ~w->caps))
			child_end(&all[i].child, 0);
}

void files_detach(const struct worker_child *w)
{
	struct files_child *all = w->supervisor->files;

	for (size_t i = 0; i < STARTER_FILES_MAX; i++)
		if (all[i].running && all[i].worker == w->id)
			child_end(&all[i].child, CHILD_END_MS);
}

void files_stop(struct supervisor *s)
{
	for (size_t i = 0; i < STARTER_FILES_MAX; i++)
		if (s->files[i].running)
			child_close(&s->files[i].child);
}
