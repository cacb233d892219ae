/* farseat-files and the process that started it: configuration, progress, the result. */
#include "common/files/program.h"

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/ipc/dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CONFIGURE_MS  10000
#define TELL_EVERY_MS 200

/* A blob without zero bytes, which fits: the record's coder saw to both. */
static void copy(char *out, size_t size, const struct record_blob *blob)
{
	snprintf(out, size, "%.*s", (int)blob->len, blob->len ? (const char *)blob->bytes : "");
}

static int on_config(void *owner, const void *body, int *fd)
{
	struct files_program *p = owner;
	const struct record_files_config *c = body;

	(void)fd;
	if (p->configured || c->role == RECORD_FILES_PASTE)
		return -EPROTO;
	p->configured = true;
	p->role = c->role;
	p->transfer = c->transfer;
	p->force = c->force;
	p->links = c->links;
	p->caps = c->caps;
	copy(p->rename, sizeof(p->rename), &c->rename);
	copy(p->home, sizeof(p->home), &c->home);
	return 0;
}

/* The first of the administrator's folders is made when it is first needed. Nothing of the other end was
 * read yet, and nothing confines us. */
static int make_folder(const struct files_program *p, struct files_place *place)
{
	if (!files_program_serves(p) || p->place_count > 0)
		return -EPROTO;
	int r = dir_make(place->name, 0700);
	if (r == 0)
		r = dir_open(place->name);
	if (r < 0) {
		log_error("cannot make %s, the folder of files: %s", place->name, strerror(-r));
		return r;
	}
	place->fd = r;
	return 0;
}

static int on_place(void *owner, const void *body, int *fd)
{
	struct files_program *p = owner;
	const struct record_files_place *m = body;

	if (!p->configured || p->place_count == RECORD_FILES_PLACES_MAX)
		return -EPROTO;
	struct files_place *place = &p->places[p->place_count];
	copy(place->name, sizeof(place->name), &m->name);
	place->fd = *fd;
	*fd = -1;
	int r = place->fd < 0 ? make_folder(p, place) : 0;
	p->place_count += r == 0;
	return r;
}

static int on_go(void *owner, const void *body, int *fd)
{
	struct files_program *p = owner;

	(void)body;
	(void)fd;
	size_t least = p->role == RECORD_FILES_STREAM ? 2 : p->role == RECORD_FILES_LIST ? 0 : 1;

	if (!p->configured || p->place_count < least || (least == 0 && p->place_count > 0))
		return -EPROTO;
	p->go = true;
	return 0;
}

static int on_cancel(void *owner, const void *body, int *fd)
{
	(void)owner;
	(void)body;
	(void)fd;
	return -ECANCELED;
}

static int on_copied(void *owner, const void *body, int *fd)
{
	const struct record_files_copied *m = body;

	(void)fd;
	return files_program_copied(owner, &m->list);
}

static unsigned phase_of(const void *owner)
{
	const struct files_program *p = owner;

	return p->go;
}

static void refuse(void *owner, const char *record, const char *what)
{
	(void)owner;
	(void)record;
	log_error("the parent sent %s", what);
}

#define BEFORE DISPATCH_IN(0)
#define AFTER  DISPATCH_IN(1)

static const struct dispatch_rule rules[] = {
	{ RECORD_FILES_CONFIG, BEFORE, on_config, 0 },
	{ RECORD_FILES_PLACE, BEFORE, on_place, 0 },
	{ RECORD_FILES_GO, BEFORE, on_go, 0 },
	{ RECORD_FILES_COPIED, AFTER, on_copied, 0 },
	{ RECORD_FILES_CANCEL, AFTER | BEFORE, on_cancel, 0 },
};

static const struct dispatch dispatch = {
	.records = &files_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.phase = phase_of,
	.refuse = refuse,
};

int files_program_configure(struct files_program *p)
{
	struct files_record record;

	while (!p->go) {
		int r = dispatch_wait(&p->parent, &dispatch, p, &record, CONFIGURE_MS);
		if (r < 0)
			return r;
	}
	return 0;
}

int files_program_parent(struct files_program *p)
{
	struct files_record record;
	int r;

	do
		r = dispatch_next(&p->parent, &dispatch, p, &record);
	while (r == 1);
	return r == -EAGAIN ? 0 : r;
}

static struct record_blob blob_of(const char *text)
{
	return (struct record_blob){ (const uint8_t *)text, strlen(text) };
}

/* A parent that is gone is not told; its channel's end is seen in the loop. */
static void tell(struct files_program *p, const struct files_record *record)
{
	(void)!files_record_send(&p->parent, record, -1);
}

void files_program_tell(struct files_program *p, bool last)
{
	bool sends = p->state == FILES_SENDING;
	uint64_t now_ms = clock_now_ms();

	if (p->role == RECORD_FILES_SERVE || (!sends && p->state != FILES_RECEIVING))
		return;
	if (!last && (now_ms - p->told_ms < TELL_EVERY_MS || ipc_wants_write(&p->parent)))
		return;
	p->told_ms = now_ms;
	const struct files_record record = { .type = RECORD_FILES_PROGRESS,
		.files_progress = {
			.files = sends ? p->sender.files : p->receiver.files,
			.total_files = p->total_files,
			.bytes = sends ? p->sender.bytes : p->receiver.bytes,
			.total_bytes = p->total_bytes,
			.name = blob_of(sends ? p->sender.path : p->receiver.path),
		} };
	tell(p, &record);
}

void files_program_fault(void *user, enum wire_file_fault fault, const char *path, bool there)
{
	struct files_program *p = user;
	const struct files_record record = { .type = RECORD_FILES_FAULT,
		.files_fault = { .fault = (uint8_t)fault, .there = there, .name = blob_of(path) } };

	files_program_note_fault(p, path);
	if (p->role != RECORD_FILES_SERVE)
		tell(p, &record);
}
