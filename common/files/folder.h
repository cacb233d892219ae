/*
 * Files beneath an open folder. Every path is opened as openat2 does with BENEATH, NO_SYMLINKS and
 * NO_MAGICLINKS: no name of it may lead elsewhere, whatever others do to the folders meanwhile. One
 * file a system (D-PORTABLE).
 *
 * Paths and names are bytes with their end; functions return 0 or -errno. -ELOOP: there is a
 * symbolic link on the way.
 */
#pragma once

#include "common/base/macros.h"
#include "common/wire/files.h"

/* What stands under a name; of what a link leads to nothing is known. */
struct folder_stat {
	enum wire_file_kind kind;
	bool special;  /* none of the kinds */
	bool pipe;     /* special: a pipe, socket or terminal: read and written without places */
	uint16_t mode; /* at most 0777 */
	int64_t mtime_s;
	uint32_t mtime_ns;
	uint64_t size_bytes;
	bool sparse; /* takes less room than its size */
	bool own;    /* belongs to this user and has no other name */
	uint64_t device, inode;
};

/* A folder, to be used with the functions below; path "" or "." is the folder itself. */
int folder_open(int folder, const char *path, int *out) MUST_CHECK;

/* A file to read; what else it is gives -EISDIR, or -ENXIO for devices and the like. Never waits. */
int folder_open_file(int folder, const char *name, int *out) MUST_CHECK;

/* A file of that name to read and write, made for its owner alone where there is none. */
int folder_make_file(int folder, const char *name, int *out) MUST_CHECK;

int folder_stat(int folder, const char *name, struct folder_stat *out) MUST_CHECK;
int folder_stat_file(int fd, struct folder_stat *out) MUST_CHECK;

/* Makes a folder that its owner can write to for now. -EEXIST: something stands there. */
int folder_make(int folder, const char *name, unsigned mode) MUST_CHECK;
int folder_make_link(int folder, const char *name, const char *target) MUST_CHECK;
/* Where a link leads, with its end; -ENAMETOOLONG over size. */
int folder_read_link(int folder, const char *name, char *out, size_t size) MUST_CHECK;

/* Gives a file of the same folder its name: -EEXIST when it has one, unless replace. */
int folder_rename(int folder, const char *from, const char *to, bool replace) MUST_CHECK;
int folder_remove(int folder, const char *name) MUST_CHECK;

/* Permissions and time of what is open; of a link by its name. */
int folder_set(int fd, unsigned mode, int64_t mtime_s, uint32_t mtime_ns) MUST_CHECK;
int folder_set_link(int folder, const char *name, int64_t mtime_s, uint32_t mtime_ns) MUST_CHECK;
/* Of a folder that is beneath another one. */
int folder_set_folder(
	int folder, const char *path, unsigned mode, int64_t mtime_s, uint32_t mtime_ns) MUST_CHECK;

/* Everything that was written to the file system of folder is on its disk. */
int folder_sync(int folder) MUST_CHECK;

/* ---- the names in a folder, in no order ---- */

#define FOLDER_LIST_BYTES 8192
struct folder_list {
	int fd; /* owned; -1: none */
	size_t at, len;
	/* aligned for the kernel's records */
	uint64_t bytes[FOLDER_LIST_BYTES / sizeof(uint64_t)];
};
int folder_list_open(struct folder_list *l, int folder, const char *path) MUST_CHECK;
/* 1: *name (until the next call); 0: no more; "." and ".." are left out. */
int folder_list_next(struct folder_list *l, const char **name) MUST_CHECK;
void folder_list_close(struct folder_list *l);
