#include "common/files/receiver.h"

#include "common/base/fd.h"
#include "common/files/folder.h"
#include "common/files/link.h"
#include "common/files/receiver_settle.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Half of the smallest window that makes sense on a fast network. */
#define ACK_EVERY_BYTES (2 * WIRE_FILE_PART_MAX_BYTES)

int files_receiver_init(struct files_receiver *r)
{
	r->hash = files_hash_create();
	r->part.folder = r->part.fd = -1;
	return r->hash ? 0 : -ENOMEM;
}

void files_receiver_finish(struct files_receiver *r, bool keep)
{
	if (!r->hash)
		return;
	files_part_drop(&r->part, keep);
	for (size_t i = 0; i < r->settle_count; i++)
		files_part_drop(&r->settling[i], keep);
	r->settle_count = 0;
	receiver_drop_folders(r);
	files_hash_destroy(r->hash);
	r->hash = NULL;
}

static int part_at_fault(struct files_receiver *r, int error)
{
	files_part_drop(&r->part, false);
	return error == -EPROTO ? error : receiver_at_fault(r, r->entry, r->path, error);
}

/* ---- files that are whole ---- */

static int take_end(struct files_receiver *r, const struct wire_file_end *end)
{
	if (r->part.fd < 0)
		return 0; /* of an entry at fault */
	int error = files_part_end(&r->part, end);
	if (error < 0)
		return part_at_fault(r, error);
	r->settle_bytes += r->part.at;
	r->settling[r->settle_count++] = r->part;
	r->part = (struct files_part){ .folder = -1, .fd = -1 };
	if (r->settle_count < FILES_SETTLE_COUNT && r->settle_bytes < FILES_SETTLE_BYTES)
		return 0;
	return receiver_settle(r);
}

/* ---- folders ---- */

/* The folder above path, and path's last name in it. */
static int open_above(struct files_receiver *r, const char *path, const char **name, int *folder)
{
	char above[WIRE_FILE_PATH_MAX_BYTES + 1];
	const char *slash = strrchr(path, '/');

	snprintf(above, sizeof(above), "%.*s", slash ? (int)(slash - path) : 0, path);
	*name = slash ? slash + 1 : path;
	return folder_open(r->base, above, folder);
}

/* One that is there already is taken as it is. */
static int make_folder(struct files_receiver *r, const struct wire_file_entry *e)
{
	struct folder_stat there;
	const char *name;
	int folder;

	int error = open_above(r, r->path, &name, &folder);
	if (error < 0)
		return error;
	error = folder_make(folder, name, e->mode);
	bool made = error == 0;
	if (error == -EEXIST) {
		error = folder_stat(folder, name, &there);
		if (error == 0 && there.kind != WIRE_FILE_FOLDER)
			error = there.kind == WIRE_FILE_LINK ? -ELOOP : -EEXIST;
	}
	fd_close(&folder);
	if (error == 0 && made)
		receiver_begin_folder(r, e);
	return error;
}

/* ---- links ---- */

static int make_link(struct files_receiver *r, const struct wire_file_entry *e)
{
	char target[WIRE_FILE_PATH_MAX_BYTES + 1];
	const char *name;
	int folder;

	snprintf(target, sizeof(target), "%.*s", (int)e->target_len, (const char *)e->target);
	if (!files_link_stays(r->path, target))
		return -ELOOP;
	int error = open_above(r, r->path, &name, &folder);
	if (error < 0)
		return error;
	error = folder_make_link(folder, name, target);
	if (error == -EEXIST) {
		char there[WIRE_FILE_PATH_MAX_BYTES + 1];
		if (folder_read_link(folder, name, there, sizeof(there)) == 0 &&
			strcmp(there, target) == 0)
			error = 0;
	}
	if (error == 0)
		(void)!folder_set_link(folder, name, e->mtime_s, e->mtime_ns);
	fd_close(&folder);
	return error;
}

/* ---- messages ---- */

/* The entry's path as it is made here. */
static int take_path(struct files_receiver *r, const struct wire_file_entry *e)
{
	const char *path = (const char *)e->path;
	size_t len = e->path_len, first_len = 0;

	if (r->rename[0]) {
		const char *slash = memchr(path, '/', len);
		first_len = slash ? (size_t)(slash - path) : len;
	}
	int n = snprintf(r->path, sizeof(r->path), "%s%.*s", r->rename, (int)(len - first_len),
		path + first_len);
	return (size_t)n < sizeof(r->path) ? 0 : -ENAMETOOLONG;
}

static int make_entry(struct files_receiver *r, const struct wire_file_entry *e)
{
	int error = take_path(r, e);

	if (error < 0)
		return error;
	if (r->base < 0) {
		if (e->kind != WIRE_FILE_REGULAR || r->entry != 1)
			return -EISDIR;
		files_part_open_stream(&r->part, r->stream, e, r->hash);
		return 0;
	}
	error = receiver_end_folders(r, r->path);
	if (error < 0)
		return error;
	if (e->kind == WIRE_FILE_FOLDER)
		return make_folder(r, e);
	if (e->kind == WIRE_FILE_LINK) {
		error = make_link(r, e);
		r->files += error == 0;
		return error;
	}
	error = files_part_open(&r->part, r->base, r->path, e, r->replace, r->hash);
	if (error == -EBUSY && r->settle_count > 0) {
		/* The same name twice in a row: the first one has its part file still. */
		error = receiver_settle(r);
		if (error == 0)
			error = files_part_open(&r->part, r->base, r->path, e, r->replace, r->hash);
	}
	return error;
}

static int take_entry(struct files_receiver *r, const struct wire_file_entry *e)
{
	if (e->entry != r->entry + 1)
		return -EPROTO;
	files_part_drop(&r->part, false); /* the other end gave it up */
	r->entry = e->entry;
	int error = make_entry(r, e);
	return error < 0 ? receiver_at_fault(r, r->entry, r->path, error) : 0;
}

static int take_skip(struct files_receiver *r, const struct wire_file_skip *skip)
{
	return skip->kept ? files_part_kept(&r->part, skip->bytes)
			  : files_part_zeros(&r->part, skip->bytes);
}

static int take_content(struct files_receiver *r, const struct wire_message *m)
{
	if (r->part.fd < 0)
		return 0; /* of an entry at fault */
	int error = m->type == WIRE_FILE_DATA
			    ? files_part_bytes(&r->part, m->file_data.bytes, m->file_data.len)
			    : take_skip(r, &m->file_skip);
	if (error < 0)
		return part_at_fault(r, error);
	r->bytes += m->type == WIRE_FILE_DATA ? m->file_data.len : m->file_skip.bytes;
	return 0;
}

static int take_last(struct files_receiver *r)
{
	files_part_drop(&r->part, false);
	r->whole = true;
	int error = receiver_end_folders(r, NULL);
	if (error == 0)
		error = receiver_settle(r);
	if (error == 0 && r->base >= 0)
		error = folder_sync(r->base);
	if (error < 0)
		return error;
	const struct wire_message m = { .type = WIRE_FILE_CLOSE,
		.file_close = { .transfer = r->transfer,
			.files = r->files,
			.bytes = r->bytes,
			.faults = r->faults } };
	error = r->send(r->user, &m);
	return error < 0 ? error : 1;
}

/* The other end cannot send something. Its words for it are ours to choose. */
static void take_fault(struct files_receiver *r, const struct wire_file_fault_of *f)
{
	char path[WIRE_FILE_PATH_MAX_BYTES + 1];

	snprintf(path, sizeof(path), "%.*s", (int)f->path_len, (const char *)f->path);
	r->faults++;
	r->fault(r->user, (enum wire_file_fault)f->fault, path, true);
}

int files_receiver_take(struct files_receiver *r, const struct wire_message *m, size_t len)
{
	if (r->whole)
		return -EPROTO;
	r->taken_bytes += m->type == WIRE_FILE_FAULT ? 0 : len;
	switch ((int)m->type) {
	case WIRE_FILE_TOTAL:
		return 0;
	case WIRE_FILE_ENTRY:
		return take_entry(r, &m->file_entry);
	case WIRE_FILE_DATA:
	case WIRE_FILE_SKIP:
		return take_content(r, m);
	case WIRE_FILE_END:
		return take_end(r, &m->file_end);
	case WIRE_FILE_LAST:
		return take_last(r);
	case WIRE_FILE_FAULT:
		take_fault(r, &m->file_fault);
		return 0;
	default:
		return -EPROTO;
	}
}

int files_receiver_step(struct files_receiver *r)
{
	struct wire_message m = { .type = WIRE_FILE_HAVE,
		.file_have = { .transfer = r->transfer, .entry = r->entry } };

	if (r->part.fd < 0)
		return 0;
	int more = files_part_have(&r->part, &m.file_have);
	if (more <= 0)
		return more;
	int sent = r->send(r->user, &m);
	return sent < 0 ? sent : 1;
}

int files_ack(files_send_fn send, void *user, uint8_t transfer, uint64_t taken_bytes,
	uint64_t *told_bytes, bool now)
{
	const struct wire_message m = { .type = WIRE_FILE_ACK,
		.file_ack = { .transfer = transfer, .taken_bytes = taken_bytes } };
	uint64_t news = taken_bytes - *told_bytes;

	if (news == 0 || (!now && news < ACK_EVERY_BYTES))
		return 0;
	*told_bytes = taken_bytes;
	return send(user, &m);
}

int files_receiver_ack(struct files_receiver *r, bool now)
{
	return files_ack(r->send, r->user, r->transfer, r->taken_bytes, &r->acked_bytes, now);
}
