#include "server/agent/x11/find.h"

#include "server/agent/x11/seat.h"

#include "common/base/buffer.h"
#include "common/base/fd.h"
#include "common/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKETS "/tmp/.X11-unix"
/* A server's own are a few hundred bytes. */
#define LINE_MAX_BYTES 8192
/* Displays have small numbers; so many digits fit every type here. */
#define NUMBER_MAX_DIGITS 9

struct server {
	unsigned number;
	struct ucred who;
	struct x11_server_line line;
};

/* ---- one server ---- */

static bool is_one_of(const char *word, const char *const *names)
{
	const char *slash = strrchr(word, '/');

	for (; *names; names++)
		if (strcmp(slash ? slash + 1 : word, *names) == 0)
			return true;
	return false;
}

static bool is_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits <= NUMBER_MAX_DIGITS && text[digits] == '\0';
}

void x11_read_server_line(const char *words, size_t len, struct x11_server_line *out)
{
	static const char *const screens[] = { "X", "Xorg", "Xorg.bin", "Xorg.wrap", NULL };
	static const char *const wayland[] = { "Xwayland", NULL };
	const char *before = "";

	*out = (struct x11_server_line){ 0 };
	for (size_t at = 0; at < len;) {
		const char *word = words + at;
		size_t size = strnlen(word, len - at);
		if (size == len - at)
			return; /* it was cut */
		if (at == 0) {
			out->screen = is_one_of(word, screens);
			out->wayland = is_one_of(word, wayland);
		} else if (strcmp(before, "-auth") == 0 && word[0] == '/' && size < PATH_MAX) {
			memcpy(out->auth, word, size + 1);
		} else if (strcmp(word, "-sharevts") == 0) {
			/* It has no terminal of its own: virtual sessions, other seats (Xorg(1)). */
			out->screen = false;
		} else if (strncmp(word, "vt", 2) == 0 && is_number(word + 2)) {
			out->vt = (unsigned)strtoul(word + 2, NULL, 10);
		}
		before = word;
		at += size + 1;
	}
}

/* Who listens on the socket of that display. */
static int ask_socket(unsigned number, struct ucred *out)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(*out);

	snprintf(address.sun_path, sizeof(address.sun_path), SOCKETS "/X%u", number);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	int r = connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
				getsockopt(fd, SOL_SOCKET, SO_PEERCRED, out, &len) < 0
			? -errno
			: 0;
	fd_close(&fd);
	return r;
}

static int look_at(unsigned number, struct server *out)
{
	char path[64];
	struct buffer words;

	out->number = number;
	int r = ask_socket(number, &out->who);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)out->who.pid);
	r = file_read(path, LINE_MAX_BYTES, &words);
	if (r < 0)
		return r;
	x11_read_server_line(
		words.len ? (const char *)buffer_front(&words) : "", words.len, &out->line);
	buffer_finish(&words);
	return 0;
}

/* ---- which one ---- */

/* The virtual terminal in front; 0: this machine has none. */
static unsigned front_vt(void)
{
	FILE *f = fopen("/sys/class/tty/tty0/active", "re");
	unsigned vt = 0;
	char line[32];

	if (f && fgets(line, sizeof(line), f) && strncmp(line, "tty", 3) == 0)
		vt = (unsigned)strtoul(line + 3, NULL, 10);
	if (f)
		fclose(f);
	return vt;
}

static bool is_better(const struct server *a, const struct server *b, unsigned front)
{
	bool a_front = front != 0 && a->line.vt == front,
	     b_front = front != 0 && b->line.vt == front;

	return a_front != b_front ? a_front : a->number < b->number;
}

static bool may_be_taken(const struct server *s)
{
	return s->who.uid == 0 || s->who.uid == geteuid() ||
	       seat_has_process(s->who.pid, s->who.uid);
}

/* A person's own stand in their home, where there are any. */
static bool has_own_cookies(void)
{
	const char *home = getenv("HOME");
	char own[PATH_MAX];

	if (geteuid() == 0 || !home || strlen(home) + sizeof("/.Xauthority") > sizeof(own))
		return false;
	snprintf(own, sizeof(own), "%s/.Xauthority", home);
	return access(own, R_OK) == 0;
}

/* By its descriptor: a name could lead to another file by the time that libXau opens it. */
static void choose_cookies(const struct server *s, char out[static X11_FIND_PATH_MAX_BYTES])
{
	struct stat file;

	out[0] = '\0';
	if (s->line.auth[0] == '\0' || has_own_cookies())
		return;
	int fd = open(s->line.auth, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return;
	if (fstat(fd, &file) < 0 || !S_ISREG(file.st_mode) ||
		(s->who.uid != 0 && file.st_uid != s->who.uid)) {
		fd_close(&fd);
		return;
	}
	snprintf(out, X11_FIND_PATH_MAX_BYTES, "/proc/self/fd/%d", fd);
}

/* Why there is no screen to show. */
static void explain(bool wayland, bool strangers, char *reason, size_t size)
{
	const char *why =
		"no X server shows this machine's screen: start a display manager, or set [server] display";

	if (wayland)
		why = "the screen shows a Wayland session, not X11: log in to an X11 session there";
	else if (strangers)
		why = "the X servers of this machine belong to users who are not at its screen: set [server] display to choose one all the same";
	snprintf(reason, size, "%s", why);
}

int x11_find_screen(struct x11_found *out, char *reason, size_t size)
{
	struct server best, one;
	DIR *folder = opendir(SOCKETS);
	unsigned front = front_vt();
	bool found = false, wayland = false, strangers = false;

	for (struct dirent *e = folder ? readdir(folder) : NULL; e; e = readdir(folder)) {
		if (e->d_name[0] != 'X' || !is_number(e->d_name + 1) ||
			look_at((unsigned)strtoul(e->d_name + 1, NULL, 10), &one) < 0)
			continue;
		wayland |= one.line.wayland;
		if (!one.line.screen || (found && !is_better(&one, &best, front)))
			continue;
		if (!may_be_taken(&one)) {
			strangers = true;
			continue;
		}
		best = one;
		found = true;
	}
	if (folder)
		closedir(folder);
	if (!found) {
		explain(wayland, strangers, reason, size);
		return -ENOENT;
	}
	snprintf(out->display, sizeof(out->display), ":%u", best.number);
	choose_cookies(&best, out->xauthority);
	return 0;
}

void x11_find_cookies(const char *display, char out[static X11_FIND_PATH_MAX_BYTES])
{
	char number[NUMBER_MAX_DIGITS + 1];
	size_t len = display[0] == ':' ? strcspn(display + 1, ".") : 0;
	struct server one;

	out[0] = '\0';
	if (len == 0 || len >= sizeof(number))
		return;
	memcpy(number, display + 1, len);
	number[len] = '\0';
	if (is_number(number) && look_at((unsigned)strtoul(number, NULL, 10), &one) == 0)
		choose_cookies(&one, out);
}
