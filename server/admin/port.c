#include "server/admin/port.h"

#include "server/admin/reach.h"

#include "common/base/file.h"
#include "common/base/paths.h"
#include "server/registry/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNIT_FOLDER "/systemd/user/farseatd.socket.d"
#define UNIT_FILE   "/port.conf"

/* ---- farseat.conf ---- */

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : line + strlen(line);
}

/* Whether a line is "KEY =", with blanks as people put them. */
static bool sets(const char *line, const char *key)
{
	line += strspn(line, " \t");
	if (strncmp(line, key, strlen(key)) != 0)
		return false;
	line += strlen(key);
	return line[strspn(line, " \t")] == '=';
}

/* The first line of that kind; NULL: there is none. */
static const char *find_line(const char *text, bool (*is_it)(const char *line))
{
	for (const char *line = text; *line; line = next_line(line))
		if (is_it(line))
			return line;
	return NULL;
}

static bool is_listen(const char *line)
{
	return sets(line, "listen");
}

static bool is_sample(const char *line)
{
	return sets(line, "#listen");
}

static bool is_section(const char *line)
{
	return strncmp(line, "[server]", 8) == 0;
}

char *port_into_config(const char *text, uint16_t port)
{
	const char *sample = find_line(text, is_sample), *section = find_line(text, is_section);
	const char *at = sample ? sample : section ? next_line(section) : text + strlen(text);
	const char *rest = sample ? next_line(sample) : at;
	char *out = NULL;

	if (find_line(text, is_listen))
		return NULL;
	bool open = at > text && at[-1] != '\n'; /* the last line has no end */
	int n = asprintf(&out, "%.*s%s%slisten = :%u\n%s", (int)(at - text), text, open ? "\n" : "",
		sample || section ? "" : "[server]\n", (unsigned)port, rest);
	return n < 0 ? NULL : out;
}

static int write_config(uint16_t port)
{
	char path[PATH_MAX];
	struct buffer text;

	int r = path_of(PATH_CONFIG, "farseat.conf", path);
	if (r == 0)
		r = file_read(path, CONFIG_FILE_MAX_BYTES, &text);
	if (r != 0)
		return r;
	char *before = strndup((const char *)buffer_front(&text), text.len);
	char *now = before ? port_into_config(before, port) : NULL;
	r = now ? file_replace(path, now, strlen(now), 0644) : -ENOMEM;
	free(now);
	free(before);
	buffer_finish(&text);
	return r;
}

/* ---- the socket unit ---- */

/* A person's own unit; root's service has none, and no unit serves a try-out in a folder. */
static bool has_socket_unit(void)
{
	return geteuid() != 0 && !getenv("FARSEAT_HOME");
}

static int write_unit(uint16_t port)
{
	char path[PATH_MAX], text[256];

	int r = path_of(PATH_CONFIG, NULL, path);
	if (r < 0)
		return r;
	/* The folder of units stands beside Farseat's. */
	char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	if (len + sizeof(UNIT_FOLDER) + sizeof(UNIT_FILE) > sizeof(path))
		return -ENAMETOOLONG;
	memcpy(path + len, UNIT_FOLDER, sizeof(UNIT_FOLDER));
	r = dir_make(path, 0700);
	if (r < 0)
		return r;
	memcpy(path + len + sizeof(UNIT_FOLDER) - 1, UNIT_FILE, sizeof(UNIT_FILE));
	snprintf(text, sizeof(text),
		"# By farseatctl init: another user's program has port %d. As listen= in farseat.conf.\n"
		"[Socket]\nListenStream=\nListenStream=%u\n",
		INVITATION_DEFAULT_PORT, (unsigned)port);
	return file_replace(path, text, strlen(text), 0644);
}

/* ---- the choice ---- */

static bool config_has_listen(void)
{
	char path[PATH_MAX];
	struct buffer text;

	if (path_of(PATH_CONFIG, "farseat.conf", path) < 0 ||
		file_read(path, CONFIG_FILE_MAX_BYTES, &text) < 0)
		return true; /* what cannot be read is not changed */
	char *copy = strndup((const char *)buffer_front(&text), text.len);
	bool has = !copy || find_line(copy, is_listen);
	free(copy);
	buffer_finish(&text);
	return has;
}

static int choose(uint16_t from, uint16_t *out)
{
	for (unsigned i = 1; i <= PORT_TRIES && from + i <= UINT16_MAX; i++) {
		if (reach_port((uint16_t)(from + i)) == REACH_FREE) {
			*out = (uint16_t)(from + i);
			return 0;
		}
	}
	return -EADDRINUSE;
}

int port_settle(uint16_t *port, bool *chosen)
{
	char error[CONFIG_ERROR_MAX_BYTES], listen[CONFIG_TEXT_MAX_BYTES];
	char host[INVITATION_HOST_MAX_BYTES];
	struct settings settings;
	bool loopback;

	*chosen = false;
	*port = INVITATION_DEFAULT_PORT;
	if (settings_read(&settings, NULL, error) < 0)
		return 0; /* farseatctl config check says what is wrong with it */
	bool running = reach_listen(&settings, listen);
	reach_guess(listen, host, port, &loopback);
	if (running || reach_port(*port) != REACH_FOREIGN || config_has_listen())
		return 0;
	uint16_t other = 0;
	int r = choose(*port, &other);
	/* The unit first: where that fails, farseat.conf still has no choice, and the next try makes one. */
	if (r == 0 && has_socket_unit())
		r = write_unit(other);
	if (r == 0)
		r = write_config(other);
	if (r < 0)
		return r;
	*port = other;
	*chosen = true;
	return 0;
}
