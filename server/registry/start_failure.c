#include "server/registry/start_failure.h"

#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/utf8.h"
#include "server/registry/audit.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_NAME "/start-failed"

static int path_to(char out[static PATH_MAX], bool make_folder)
{
	int r = audit_folder(out);
	size_t len = r == 0 ? strlen(out) : 0;

	if (r == 0 && len + sizeof(FILE_NAME) > PATH_MAX)
		r = -ENAMETOOLONG;
	if (r == 0 && make_folder)
		r = dir_make(out, 0700);
	if (r == 0)
		memcpy(out + len, FILE_NAME, sizeof(FILE_NAME));
	return r;
}

void start_failure_keep(const char *why)
{
	char path[PATH_MAX];
	size_t len = strlen(why);

	while (len >= START_FAILURE_MAX_BYTES)
		len = utf8_without_last(why, len);
	int r = path_to(path, true);
	if (r == 0)
		r = file_replace(path, why, len, 0600);
	if (r < 0)
		log_debug("the reason is not kept for farseatctl status: %s", strerror(-r));
}

void start_failure_forget(void)
{
	char path[PATH_MAX];
	int r = path_to(path, false);

	if (r == 0)
		r = file_remove(path);
	if (r < 0)
		log_debug("an old reason stays: %s", strerror(-r));
}

int start_failure_read(char out[static START_FAILURE_MAX_BYTES], int64_t *when_s)
{
	char path[PATH_MAX];
	struct buffer text;
	struct stat s;

	int r = path_to(path, false);
	if (r < 0)
		return r;
	if (stat(path, &s) < 0)
		return -errno;
	r = file_read(path, START_FAILURE_MAX_BYTES - 1, &text);
	if (r < 0)
		return r;
	memcpy(out, buffer_front(&text), text.len);
	out[text.len] = '\0';
	*when_s = s.st_mtime;
	buffer_finish(&text);
	return 0;
}
