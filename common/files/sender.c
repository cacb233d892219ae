#include "common/files/sender.h"

#include "common/base/fd.h"
#include "common/files/disk.h"
#include "common/files/fault.h"
#include "common/files/sender_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A folder whose names are being sent. */
struct files_sender_folder {
	struct folder_list list;
	size_t path_len;
};

int files_sender_init(struct files_sender *s)
{
	s->fd = -1;
	s->folders = calloc(WIRE_FILE_DEPTH_MAX, sizeof(*s->folders));
	s->block = malloc(WIRE_FILE_BLOCK_BYTES);
	s->have = malloc((size_t)WIRE_FILE_HAVE_MAX_BLOCKS * WIRE_FILE_HASH_BYTES);
	s->hash = files_hash_create();
	s->total = (struct files_total){
		.sources = s->sources, .source_count = s->source_count, .links = s->links
	};
	int r = files_total_init(&s->total);
	return r == 0 && s->folders && s->block && s->have && s->hash ? 0 : -ENOMEM;
}

void files_sender_finish(struct files_sender *s)
{
	files_sender_end_file(s);
	files_total_finish(&s->total);
	for (size_t i = 0; i < s->depth; i++)
		folder_list_close(&s->folders[i].list);
	s->depth = 0;
	free(s->folders);
	free(s->block);
	free(s->have);
	files_hash_destroy(s->hash);
	s->folders = NULL;
	s->block = s->have = NULL;
	s->hash = NULL;
}

/* It is not sent: both ends are told, and the walk goes on. */
static int pass_over(struct files_sender *s, int error)
{
	enum wire_file_fault fault =
		error == -ENAMETOOLONG ? WIRE_FILE_TOO_DEEP : files_fault_of(error);
	const struct wire_message m = files_fault_message(s->transfer, 0, fault, s->path);

	s->faults++;
	s->fault(s->user, fault, s->path, false);
	return s->send(s->user, &m);
}

static int send_entry(struct files_sender *s, const struct folder_stat *st, uint64_t size_bytes,
	const char *target)
{
	const struct wire_message m = { .type = WIRE_FILE_ENTRY,
		.file_entry = {
			.transfer = s->transfer,
			.entry = s->entry + 1,
			.kind = (uint8_t)st->kind,
			.mode = st->mode,
			.mtime_s = st->mtime_s,
			.mtime_ns = st->mtime_ns,
			.size_bytes = size_bytes,
			.path = (const uint8_t *)s->path,
			.path_len = strlen(s->path),
			.target = (const uint8_t *)target,
			.target_len = strlen(target),
		} };

	s->entry++;
	return s->send(s->user, &m);
}

static int begin_file(struct files_sender *s, int fd, bool owned, const struct folder_stat *st)
{
	bool pipe = st->special && st->pipe;

	if (!pipe && st->size_bytes > WIRE_FILE_MAX_BYTES) {
		if (owned)
			fd_close(&fd);
		return pass_over(s, -EFBIG);
	}
	struct folder_stat entry = *st;
	entry.kind = WIRE_FILE_REGULAR;
	if (pipe) { /* its own permissions and time say nothing of what comes out of it */
		entry.mode = 0644;
		entry.mtime_s = 0;
		entry.mtime_ns = 0;
	}
	files_sender_begin_file(s, fd, owned, st);
	return send_entry(s, &entry, pipe ? WIRE_FILE_SIZE_UNKNOWN : st->size_bytes, "");
}

static int begin_folder(
	struct files_sender *s, int above, const char *name, const struct folder_stat *st)
{
	if (s->depth == WIRE_FILE_DEPTH_MAX - 1)
		return pass_over(s, -ENAMETOOLONG);
	struct files_sender_folder *f = &s->folders[s->depth];
	int r = folder_list_open(&f->list, above, name);
	if (r < 0)
		return pass_over(s, r);
	f->path_len = strlen(s->path);
	s->depth++;
	return send_entry(s, st, 0, "");
}

static int send_link(
	struct files_sender *s, int folder, const char *name, const struct folder_stat *st)
{
	char target[WIRE_FILE_PATH_MAX_BYTES + 1];

	if (!s->links)
		return pass_over(s, -ELOOP);
	int r = folder_read_link(folder, name, target, sizeof(target));
	if (r < 0)
		return pass_over(s, r);
	r = send_entry(s, st, 0, target);
	s->files++;
	return r;
}

/* What stands under a name of a folder that is being walked; s->path is its path. */
static int send_name(struct files_sender *s, int folder, const char *name)
{
	struct folder_stat st;
	int fd;

	int r = folder_stat(folder, name, &st);
	if (r < 0)
		return pass_over(s, r);
	if (st.special)
		return pass_over(s, -ENXIO);
	if (st.kind == WIRE_FILE_LINK)
		return send_link(s, folder, name, &st);
	if (st.kind == WIRE_FILE_FOLDER)
		return begin_folder(s, folder, name, &st);
	r = folder_open_file(folder, name, &fd);
	if (r < 0)
		return pass_over(s, r);
	r = folder_stat_file(fd, &st);
	if (r < 0) {
		fd_close(&fd);
		return pass_over(s, r);
	}
	return begin_file(s, fd, true, &st);
}

/* names: what stands there is told, and not opened. */
static int send_name_alone(struct files_sender *s, int folder, const char *name)
{
	char target[WIRE_FILE_PATH_MAX_BYTES + 1] = "";
	struct folder_stat st;

	snprintf(s->path, sizeof(s->path), "%s", name);
	int r = folder_stat(folder, name, &st);
	if (r == 0 && st.special)
		return 0; /* nothing that could be copied */
	if (r == 0 && st.kind == WIRE_FILE_LINK)
		r = folder_read_link(folder, name, target, sizeof(target));
	if (r < 0)
		return pass_over(s, r);
	bool has_size = st.kind == WIRE_FILE_REGULAR;
	return send_entry(
		s, &st, has_size ? MIN(st.size_bytes, (uint64_t)WIRE_FILE_MAX_BYTES) : 0, target);
}

static int next_name(struct files_sender *s)
{
	struct files_sender_folder *f = &s->folders[s->depth - 1];
	const char *name;

	s->path[f->path_len] = '\0';
	int r = folder_list_next(&f->list, &name);
	if (r <= 0) {
		int told = r < 0 ? pass_over(s, r) : 0;
		folder_list_close(&f->list);
		s->depth--;
		return told;
	}
	if (files_part_is_name(name))
		return 0;
	if (s->names)
		return send_name_alone(s, f->list.fd, name);
	int n = snprintf(s->path + f->path_len, sizeof(s->path) - f->path_len, "/%s", name);
	if (f->path_len + (size_t)n >= sizeof(s->path)) {
		s->path[f->path_len] = '\0';
		return pass_over(s, -ENAMETOOLONG);
	}
	return send_name(s, f->list.fd, name);
}

/* names: the source itself is no entry. */
static int open_names(struct files_sender *s, const struct files_source *source)
{
	int r = folder_list_open(&s->folders[0].list, source->fd, "");

	if (r < 0)
		return r;
	s->folders[0].path_len = 0;
	s->depth = 1;
	return 0;
}

static int next_source(struct files_sender *s)
{
	const struct files_source *source = &s->sources[s->next_source++];
	struct folder_stat st;

	if (s->names)
		return open_names(s, source);
	snprintf(s->path, sizeof(s->path), "%s", source->name);
	int r = folder_stat_file(source->fd, &st);
	if (r < 0)
		return pass_over(s, r);
	if (st.special && !st.pipe)
		return pass_over(s, -ENXIO);
	if (st.kind == WIRE_FILE_FOLDER)
		return begin_folder(s, source->fd, "", &st);
	return begin_file(s, source->fd, false, &st);
}

/* Counts on; says the total once it is known. */
static int step_total(struct files_sender *s)
{
	if (s->names || files_total_step(&s->total) != 1)
		return 0;
	const struct wire_message m = { .type = WIRE_FILE_TOTAL,
		.file_total = { .transfer = s->transfer,
			.files = s->total.files,
			.bytes = s->total.bytes } };
	return s->send(s->user, &m);
}

int files_sender_step(struct files_sender *s)
{
	const struct wire_message last = { .type = WIRE_FILE_LAST, .file_of = { s->transfer } };

	if (s->whole)
		return 0;
	int r = step_total(s);
	if (r < 0)
		return r;
	if (s->fd >= 0) {
		r = files_sender_step_file(s);
		if (r < 0 && r != -EAGAIN && s->fd < 0)
			r = pass_over(s, r); /* the file was given up */
	} else if (s->depth > 0) {
		r = next_name(s);
	} else if (s->next_source < s->source_count) {
		r = next_source(s);
	} else {
		s->whole = true;
		return s->send(s->user, &last);
	}
	return r < 0 ? r : 1;
}

int files_sender_pipe(const struct files_sender *s)
{
	return s->pipe ? s->fd : -1;
}

static int take_fault(struct files_sender *s, const struct wire_file_fault_of *f)
{
	char path[WIRE_FILE_PATH_MAX_BYTES + 1];

	snprintf(path, sizeof(path), "%.*s", (int)f->path_len, (const char *)f->path);
	s->faults++;
	s->fault(s->user, (enum wire_file_fault)f->fault, path, true);
	if (f->entry == s->entry && s->fd >= 0)
		files_sender_end_file(s); /* its bytes would be dropped */
	return 0;
}

int files_sender_take(struct files_sender *s, const struct wire_message *m)
{
	switch ((int)m->type) {
	case WIRE_FILE_HAVE:
		files_sender_have(s, &m->file_have);
		return 0;
	case WIRE_FILE_FAULT:
		return take_fault(s, &m->file_fault);
	case WIRE_FILE_ACK:
		return 0; /* for those who pass this on: how much is under way */
	default:
		return -EPROTO;
	}
}
