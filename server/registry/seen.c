#include "server/registry/seen.h"

#include "common/base/fd.h"
#include "common/base/file.h"
#include "common/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int seen_folder(char out[static PATH_MAX])
{
	return path_of(PATH_STATE, "seen", out);
}

/* An id is a UUID of ours, from the registry; nothing else becomes a name. */
static int path_to(const char *device_id, char out[static PATH_MAX])
{
	char folder[PATH_MAX];

	if (device_id[0] == '\0' || strspn(device_id, "0123456789abcdef-") != strlen(device_id))
		return -EINVAL;
	int r = seen_folder(folder);
	if (r < 0)
		return r;
	int n = snprintf(out, PATH_MAX, "%s/%s", folder, device_id);
	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

void seen_note(const char *device_id)
{
	char path[PATH_MAX];

	int r = path_to(device_id, path);
	int fd = r == 0 ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	if (r == 0 && (fd < 0 || futimens(fd, NULL) < 0))
		r = -errno;
	fd_close(&fd);
	if (r < 0)
		log_warn("cannot note when a device was here: %s", strerror(-r));
}

void seen_mark_bound(const char *device_id)
{
	static const char word[] = "bound\n";
	char path[PATH_MAX];

	if (seen_is_bound(device_id))
		return;
	int r = path_to(device_id, path);
	if (r == 0)
		r = file_replace(path, word, sizeof(word) - 1, 0600);
	if (r < 0)
		log_warn("cannot note that a device binds its proof: %s", strerror(-r));
}

bool seen_is_bound(const char *device_id)
{
	char path[PATH_MAX];
	struct stat file;

	return path_to(device_id, path) == 0 && stat(path, &file) == 0 && file.st_size > 0;
}

int64_t seen_when(const char *device_id)
{
	char path[PATH_MAX];
	struct stat file;

	return path_to(device_id, path) == 0 && stat(path, &file) == 0 ? file.st_mtime : 0;
}
