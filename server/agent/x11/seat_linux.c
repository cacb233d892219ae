#include "server/agent/x11/seat.h"

#include "common/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS "/run/systemd/sessions/"
/* Both are some hundred bytes. */
#define TEXT_MAX_BYTES 8192

static const char scope[] = "/session-";

bool seat_read_cgroup(const char *text, char out[static SEAT_SESSION_MAX_BYTES])
{
	const char *name = strstr(text, scope);
	size_t len = name ? strcspn(name + sizeof(scope) - 1, ".\n") : 0;

	if (len == 0 || len >= SEAT_SESSION_MAX_BYTES)
		return false;
	name += sizeof(scope) - 1;
	/* logind's ids are "2", "c2": nothing that would lead out of its folder. */
	for (size_t i = 0; i < len; i++)
		if (!strchr("0123456789abcdefghijklmnopqrstuvwxyz", name[i]))
			return false;
	if (strncmp(name + len, ".scope", 6) != 0)
		return false;
	memcpy(out, name, len);
	out[len] = '\0';
	return true;
}

/* The value of a line "KEY=value"; NULL: there is none. */
static const char *value_of(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) == 0 && line[len] == '=')
			return line + len + 1;
	}
	return NULL;
}

bool seat_is_front(const char *text, uid_t uid)
{
	const char *active = value_of(text, "ACTIVE"), *seat = value_of(text, "SEAT");
	const char *owner = value_of(text, "UID");
	char *end = NULL;

	if (!active || strncmp(active, "1\n", 2) != 0 || !seat || seat[0] == '\n' ||
		seat[0] == '\0' || !owner)
		return false;
	unsigned long number = strtoul(owner, &end, 10);
	return end != owner && *end == '\n' && number == uid;
}

/* As a string; the caller frees it. */
static char *read_text(const char *path)
{
	struct buffer text;

	if (file_read(path, TEXT_MAX_BYTES, &text) < 0)
		return NULL;
	char *out = text.len > 0 ? strndup((const char *)buffer_front(&text), text.len) : NULL;
	buffer_finish(&text);
	return out;
}

bool seat_has_process(pid_t pid, uid_t uid)
{
	char path[sizeof(SESSIONS) + SEAT_SESSION_MAX_BYTES], id[SEAT_SESSION_MAX_BYTES];

	snprintf(path, sizeof(path), "/proc/%ld/cgroup", (long)pid);
	char *text = read_text(path);
	bool in_one = text && seat_read_cgroup(text, id);
	free(text);
	if (!in_one)
		return false;
	snprintf(path, sizeof(path), SESSIONS "%s", id);
	text = read_text(path);
	bool front = text && seat_is_front(text, uid);
	free(text);
	return front;
}
