/* Inside the receiving end: files that are whole wait for the disk together, and the folders that they
 * complete with them; what is at fault. */
#pragma once

#include "common/files/receiver.h"

/* One entry failed: both ends are told, and what still comes of it is dropped. 0; -errno: the same will
 * happen to all, and the transfer ends. */
int receiver_at_fault(
	struct files_receiver *r, uint32_t entry, const char *path, int error) MUST_CHECK;

/* Waits for the disk, gives files their names, then folders their permissions and times. As above. */
int receiver_settle(struct files_receiver *r) MUST_CHECK;

/* The folder at r->path was made for this entry. */
void receiver_begin_folder(struct files_receiver *r, const struct wire_file_entry *e);

/* Those that path is not in are complete, deepest first. path NULL: all. As receiver_at_fault. */
int receiver_end_folders(struct files_receiver *r, const char *path) MUST_CHECK;

/* Frees what is known of them. */
void receiver_drop_folders(struct files_receiver *r);
