/*
 * farseat-mount, the guardian of one mount: makes a folder, mounts there, hands what answers for it to
 * farseat, and unmounts when farseat has closed its channel or is no more, whatever became of it and of
 * farseat-paste. So it stays out of their way: a session of its own, no byte of the other end, and the
 * signals by which a person's session ends are left to those it waits for.
 *
 * Started by farseat as `farseat-mount FOLDER`, the folder for mounts; descriptor 3 is its channel. Beside
 * each mount stands a file that its guardian has locked: one that nobody has locked was left by a guardian
 * that was killed itself, and the next one cleans up after it.
 */
#include "client/paste/mount_linux.h"

#include "common/base/fd.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "common/files/disk.h"
#include "common/ipc/records_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARENT_FD   3
#define LOCK_SUFFIX ".lock"

struct guardian {
	char base[PATH_MAX];
	char folder[PATH_MAX + 32];
	char lock[PATH_MAX + 48];
	int lock_fd;
	struct ipc_channel parent;
};

static int open_lock(const char *path, int flags, int *out)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);

	if (fd < 0)
		return -errno;
	int r = disk_lock(fd);
	if (r < 0)
		fd_close(&fd);
	else
		*out = fd;
	return r;
}

static void remove_mount(const char *folder, const char *lock)
{
	mount_end(folder);
	if (dir_remove(folder) < 0 && errno != ENOENT)
		log_warn("cannot remove %s: %s", folder, strerror(errno));
	(void)!file_remove(lock);
}

/* What a guardian has left that was killed. The mount itself is not looked at: where nobody answers for it, that
 * would take as long as the person waits. */
static int clean(void *user, const char *name)
{
	const struct guardian *g = user;
	size_t len = strlen(name), suffix = strlen(LOCK_SUFFIX);
	char lock[PATH_MAX + 48], folder[PATH_MAX + 32];
	int fd;

	if (len <= suffix || len > 32 || strcmp(name + len - suffix, LOCK_SUFFIX) != 0)
		return 0;
	snprintf(lock, sizeof(lock), "%s/%s", g->base, name);
	snprintf(folder, sizeof(folder), "%s/%.*s", g->base, (int)(len - suffix), name);
	if (open_lock(lock, 0, &fd) == 0) {
		remove_mount(folder, lock);
		fd_close(&fd);
	}
	return 0;
}

static int begin(struct guardian *g, int *fuse_fd)
{
	int r = dir_make(g->base, 0700);

	if (r == 0)
		r = dir_each(g->base, clean, g);
	snprintf(g->folder, sizeof(g->folder), "%s/%ld", g->base, (long)getpid());
	snprintf(g->lock, sizeof(g->lock), "%s" LOCK_SUFFIX, g->folder);
	if (r == 0)
		r = open_lock(g->lock, O_CREAT, &g->lock_fd);
	if (r == 0)
		r = dir_make(g->folder, 0700);
	return r == 0 ? mount_begin(g->folder, fuse_fd) : r;
}

static int hand_over(struct guardian *g, int fuse_fd)
{
	const struct files_record record = { .type = RECORD_FILES_PLACE,
		.files_place.name = { (const uint8_t *)g->folder, strlen(g->folder) } };

	return files_record_send(&g->parent, &record, fuse_fd);
}

/* Until the parent has closed its channel, or is no more. */
static void wait_for_end(struct guardian *g)
{
	const uint8_t *bytes;
	size_t len;
	int r;

	do {
		int fd = -1;
		r = ipc_wait(&g->parent, -1);
		if (r == 0)
			r = ipc_receive(&g->parent, &bytes, &len, &fd);
		fd_close(&fd);
	} while (r == 1 || r == -EAGAIN || r == -ETIMEDOUT || r == -EINTR);
}

int main(int argc, char **argv)
{
	static struct guardian g = { .lock_fd = -1, .parent.fd = -1 };
	int fuse_fd = -1;

	log_init("farseat-mount");
	process_set_name("farseat-mount");
	if (argc != 2 || strlen(argv[1]) >= sizeof(g.base)) {
		fputs("farseat-mount is started by farseat\n", stderr);
		return 2;
	}
	snprintf(g.base, sizeof(g.base), "%s", argv[1]);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	int r = ipc_channel_init(&g.parent, PARENT_FD);
	if (r == 0)
		r = begin(&g, &fuse_fd);
	if (r == 0)
		r = hand_over(&g, fuse_fd);
	if (r < 0)
		log_error("cannot mount %s for files to paste: %s", g.folder, strerror(-r));
	/* With a copy of it here, programs would wait for an answer that farseat-paste owes them. */
	fd_close(&fuse_fd);
	if (r == 0)
		wait_for_end(&g);
	if (g.lock_fd >= 0)
		remove_mount(g.folder, g.lock);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
