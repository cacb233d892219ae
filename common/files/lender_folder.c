#include "common/files/lender_folder.h"

#include "common/base/fd.h"
#include "common/files/link.h"
#include "common/files/part.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- sources ---- */

static struct files_source *source_of(struct files_lender *l, const char *name, size_t len)
{
	for (size_t i = 0; i < l->source_count; i++)
		if (strlen(l->sources[i].name) == len && memcmp(l->sources[i].name, name, len) == 0)
			return &l->sources[i];
	return NULL;
}

void lender_name_sources(struct files_lender *l)
{
	char name[WIRE_FILE_NAME_MAX_BYTES + 1];

	for (size_t i = 1; i < l->source_count; i++) {
		struct files_source *s = &l->sources[i];
		snprintf(name, sizeof(name), "%s", s->name);
		for (unsigned n = 2; source_of(l, s->name, strlen(s->name)) != s; n++)
			snprintf(s->name, sizeof(s->name), "%.*s (%u)",
				WIRE_FILE_NAME_MAX_BYTES - 16, name, n);
	}
}

/* The source that path begins with, and what is left of it. */
static int find(struct files_lender *l, const char *path, const struct files_source **source,
	const char **rest)
{
	size_t len = strcspn(path, "/");

	*source = source_of(l, path, len);
	*rest = path + len + (path[len] == '/');
	return *source ? 0 : -ENOENT;
}

int lender_open_file(struct files_lender *l, const char *path, int *fd, bool *owned)
{
	const struct files_source *source;
	char above[WIRE_FILE_PATH_MAX_BYTES + 1];
	const char *rest;
	int folder;

	int r = find(l, path, &source, &rest);
	if (r < 0)
		return r;
	if (!rest[0]) {
		*fd = source->fd;
		return 0;
	}
	const char *slash = strrchr(rest, '/'), *name = slash ? slash + 1 : rest;
	snprintf(above, sizeof(above), "%.*s", slash ? (int)(slash - rest) : 0, rest);
	r = folder_open(source->fd, above, &folder);
	if (r < 0)
		return r;
	r = folder_open_file(folder, name, fd);
	fd_close(&folder);
	*owned = r == 0;
	return r;
}

/* ---- folders ---- */

static void write_entry(
	struct wire_writer *w, const char *name, const struct folder_stat *st, const char *target)
{
	const struct lending_entry e = { .kind = (uint8_t)st->kind,
		.mode = st->mode,
		.version = { st->kind == WIRE_FILE_REGULAR ? st->size_bytes : 0, st->mtime_s,
			st->mtime_ns },
		.name = (const uint8_t *)name,
		.name_len = strlen(name),
		.target = (const uint8_t *)target,
		.target_len = strlen(target) };

	lending_entry_write(w, &e);
}

static int next_source(struct files_lender *l, struct wire_writer *w)
{
	struct folder_stat st;

	if (l->next_source == l->source_count)
		return 0;
	const struct files_source *s = &l->sources[l->next_source++];
	if (folder_stat_file(s->fd, &st) == 0 && !st.special &&
		st.size_bytes <= WIRE_FILE_MAX_BYTES)
		write_entry(w, s->name, &st, "");
	return 1;
}

/* Whether it is shown; target: of a link. */
static bool is_shown(const struct files_lender *l, const char *folder, const char *name,
	struct folder_stat *st, char target[static WIRE_FILE_PATH_MAX_BYTES + 1])
{
	char path[WIRE_FILE_PATH_MAX_BYTES + WIRE_FILE_NAME_MAX_BYTES + 2];

	target[0] = '\0';
	if (files_part_is_name(name) || folder_stat(l->list.fd, name, st) < 0 || st->special)
		return false;
	if (st->kind != WIRE_FILE_LINK)
		return st->size_bytes <= WIRE_FILE_MAX_BYTES;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return folder_read_link(l->list.fd, name, target, WIRE_FILE_PATH_MAX_BYTES + 1) == 0 &&
	       target[0] && files_link_stays(path, target);
}

int lender_open_list(struct files_lender *l, const char *path)
{
	const struct files_source *source;
	const char *rest;

	if (!path[0])
		return 0;
	int r = find(l, path, &source, &rest);
	return r < 0 ? r : folder_list_open(&l->list, source->fd, rest);
}

int lender_next_entry(struct files_lender *l, const char *path, struct wire_writer *w)
{
	char target[WIRE_FILE_PATH_MAX_BYTES + 1];
	struct folder_stat st;
	const char *name;

	if (!path[0])
		return next_source(l, w);
	int r = folder_list_next(&l->list, &name);
	if (r == 1 && is_shown(l, path, name, &st, target))
		write_entry(w, name, &st, target);
	return r;
}
