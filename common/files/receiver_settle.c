#include "common/files/receiver_settle.h"

#include "common/files/fault.h"
#include "common/files/folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int receiver_at_fault(struct files_receiver *r, uint32_t entry, const char *path, int error)
{
	enum wire_file_fault fault = files_fault_of(error);
	const struct wire_message m = files_fault_message(r->transfer, entry, fault, path);

	r->faults++;
	r->fault(r->user, fault, path, false);
	int sent = r->send(r->user, &m);
	return files_fault_ends(fault) ? error : sent;
}

/* A file that gets its name changes the time of its folder, so folders come last. */
static int settle_folders(struct files_receiver *r)
{
	int result = 0;

	for (size_t i = 0; i < r->ended_count; i++) {
		struct files_receiver_folder *f = &r->ended[i];
		int error = folder_set_folder(r->base, f->path, f->mode, f->mtime_s, f->mtime_ns);
		if (error < 0 && result == 0)
			result = receiver_at_fault(r, r->entry, f->path, error);
		free(f->path);
	}
	r->ended_count = 0;
	return result;
}

static int settle_files(struct files_receiver *r)
{
	int result = 0;

	for (size_t i = 0; i < r->settle_count; i++) {
		struct files_part *p = &r->settling[i];
		char name[sizeof(p->name)];
		snprintf(name, sizeof(name), "%s", p->name);
		int error = files_part_settle(p);
		if (error == 0)
			r->files++;
		else if (result == 0)
			result = receiver_at_fault(r, r->entry, name, error);
	}
	r->settle_count = 0;
	r->settle_bytes = 0;
	return result;
}

int receiver_settle(struct files_receiver *r)
{
	int result = files_part_sync(r->settling, r->settle_count);

	if (result < 0) { /* none of them is known to be whole */
		for (size_t i = 0; i < r->settle_count; i++)
			files_part_drop(&r->settling[i], false);
		r->settle_count = 0;
		r->settle_bytes = 0;
		result = receiver_at_fault(r, r->entry, r->path, result);
	} else {
		result = settle_files(r);
	}
	int folders = settle_folders(r);
	return result < 0 ? result : folders;
}

void receiver_begin_folder(struct files_receiver *r, const struct wire_file_entry *e)
{
	if (r->folder_count == WIRE_FILE_DEPTH_MAX)
		return;
	snprintf(r->folder_path, sizeof(r->folder_path), "%s", r->path);
	r->folders[r->folder_count++] = (struct files_receiver_folder){ .path_len = strlen(r->path),
		.mode = e->mode,
		.mtime_s = e->mtime_s,
		.mtime_ns = e->mtime_ns };
}

static int end_folder(struct files_receiver *r, const struct files_receiver_folder *f)
{
	int result = r->ended_count == FILES_ENDED_MAX ? receiver_settle(r) : 0;
	struct files_receiver_folder *ended = &r->ended[r->ended_count];

	if (result < 0)
		return result;
	*ended = *f;
	ended->path = strdup(r->folder_path);
	if (!ended->path)
		return -ENOMEM;
	r->ended_count++;
	return 0;
}

int receiver_end_folders(struct files_receiver *r, const char *path)
{
	int result = 0;

	while (r->folder_count > 0 && result == 0) {
		const struct files_receiver_folder *f = &r->folders[r->folder_count - 1];
		if (path && strncmp(path, r->folder_path, f->path_len) == 0 &&
			path[f->path_len] == '/')
			break;
		r->folder_path[f->path_len] = '\0';
		r->folder_count--;
		result = end_folder(r, f);
	}
	return result;
}

void receiver_drop_folders(struct files_receiver *r)
{
	for (size_t i = 0; i < r->ended_count; i++)
		free(r->ended[i].path);
	r->ended_count = 0;
}
