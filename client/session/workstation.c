/* A workstation's name, and where its files are. */
#include "client/session/workstation_files.h"

#include "common/wire/reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool name_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-' || c >= 0x80;
}

bool workstation_name_valid(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= WORKSTATION_NAME_MAX_BYTES || name[0] == '.' || name[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!name_char((unsigned char)name[i]))
			return false;
	return wire_text_clean(name, len);
}

void workstation_name_from(const char *text, char out[static WORKSTATION_NAME_MAX_BYTES])
{
	size_t n = 0;

	for (; *text && n < WORKSTATION_NAME_MAX_BYTES - 1; text++) {
		unsigned char c = (unsigned char)*text;
		bool ok = name_char(c) && c < 0x80;
		if (n == 0 && (!ok || c == '.' || c == '-'))
			continue;
		out[n++] = ok ? (char)c : '-';
	}
	out[n] = '\0';
	if (n == 0)
		snprintf(out, WORKSTATION_NAME_MAX_BYTES, "workstation");
}

int workstation_path(const char *name, const char *file, char out[static PATH_MAX])
{
	char part[PATH_MAX];
	int n = snprintf(part, sizeof(part), WORKSTATION_FOLDER "/%s%s%s", name, file ? "/" : "",
		file ? file : "");

	if (n < 0 || (size_t)n >= sizeof(part))
		return -ENAMETOOLONG;
	return path_of(PATH_DATA, part, out);
}
