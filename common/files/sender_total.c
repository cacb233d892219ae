#include "common/files/sender_total.h"

#include "common/files/sender.h"

#include <errno.h>
#include <stdlib.h>

/* Names looked at in one step: a fraction of a millisecond. */
#define STEP_NAMES 32

int files_total_init(struct files_total *t)
{
	t->folders = calloc(WIRE_FILE_DEPTH_MAX, sizeof(*t->folders));
	return t->folders ? 0 : -ENOMEM;
}

void files_total_finish(struct files_total *t)
{
	while (t->depth > 0)
		folder_list_close(&t->folders[--t->depth]);
	free(t->folders);
	t->folders = NULL;
}

static void count_file(struct files_total *t, uint64_t bytes)
{
	t->files++;
	t->bytes += bytes;
}

/* A folder that cannot be read is not counted; the one who sends says why. */
static void enter(struct files_total *t, int above, const char *name)
{
	if (t->depth < WIRE_FILE_DEPTH_MAX - 1 &&
		folder_list_open(&t->folders[t->depth], above, name) == 0)
		t->depth++;
}

static void count_name(struct files_total *t, int folder, const char *name)
{
	struct folder_stat st;

	if (folder_stat(folder, name, &st) < 0 || st.special || files_part_is_name(name))
		return;
	if (st.kind == WIRE_FILE_FOLDER)
		enter(t, folder, name);
	else if (st.kind == WIRE_FILE_REGULAR)
		count_file(t, st.size_bytes);
	else if (t->links)
		count_file(t, 0);
}

static int count_source(struct files_total *t, const struct files_source *source)
{
	struct folder_stat st;

	if (folder_stat_file(source->fd, &st) < 0)
		return 0;
	if (st.special)
		return -ENODATA;
	if (st.kind == WIRE_FILE_FOLDER)
		enter(t, source->fd, "");
	else
		count_file(t, st.size_bytes);
	return 0;
}

/* 0; 1: there is nothing more; -ENODATA. */
static int next(struct files_total *t)
{
	const char *name;

	if (t->depth == 0)
		return t->next_source == t->source_count
			       ? 1
			       : count_source(t, &t->sources[t->next_source++]);
	struct folder_list *f = &t->folders[t->depth - 1];
	if (folder_list_next(f, &name) == 1) {
		if (t->names++ == FILES_TOTAL_NAMES_MAX)
			return -ENODATA;
		count_name(t, f->fd, name);
		return 0;
	}
	folder_list_close(f);
	t->depth--;
	return 0;
}

int files_total_step(struct files_total *t)
{
	int r = 0;

	if (!t->folders)
		return 0;
	for (int i = 0; i < STEP_NAMES && r == 0; i++)
		r = next(t);
	if (r != 0)
		files_total_finish(t);
	return r;
}
