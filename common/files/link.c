#include "common/files/link.h"

#include <stddef.h>
#include <string.h>

bool files_link_stays(const char *path, const char *target)
{
	int depth = -1; /* of the folder that the link is in, beneath the first name */

	if (target[0] == '/')
		return false;
	for (const char *p = path; *p; p++)
		depth += *p == '/';
	while (*target) {
		size_t len = strcspn(target, "/");
		if (len == 2 && strncmp(target, "..", 2) == 0)
			depth--;
		else if (len > 0 && !(len == 1 && target[0] == '.'))
			depth++;
		if (depth < 0)
			return false;
		target += len + (target[len] == '/');
	}
	return true;
}
