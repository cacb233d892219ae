#include "client/session/files_order.h"

#include <errno.h>
#include <string.h>

size_t files_order_last_name(const char *path, const char **name)
{
	size_t len = strlen(path);

	while (len > 0 && path[len - 1] == '/')
		len--;
	size_t from = len;
	while (from > 0 && path[from - 1] != '/')
		from--;
	*name = path + from;
	return len - from;
}

int files_order_name(const char *path, char out[static WIRE_FILE_NAME_MAX_BYTES + 1])
{
	const char *name;
	size_t len = files_order_last_name(path, &name);
	bool dots = (len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.');

	if (len == 0 || len > WIRE_FILE_NAME_MAX_BYTES || dots)
		return -EINVAL;
	memcpy(out, name, len);
	out[len] = '\0';
	return 0;
}

struct wire_message files_order(
	enum wire_type type, uint8_t transfer, const char *path, uint8_t flags)
{
	struct wire_message m = { .type = type };

	m.file_open.transfer = transfer;
	m.file_open.flags = flags;
	m.file_open.path = (const uint8_t *)path;
	m.file_open.path_len = strlen(path);
	return m;
}
