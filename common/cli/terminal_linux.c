/* POSIX: termios(3). */
#include "common/cli/terminal.h"

#include "common/base/buffer.h"
#include "common/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define CTRL_C 3
#define CTRL_D 4
#define CTRL_U 21
#define ERASE  127

static int open_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

bool terminal_there(void)
{
	int fd = open_terminal();
	bool there = fd >= 0;

	fd_close(&fd);
	return there;
}

static void put(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);
		if (n <= 0)
			return; /* it is gone: the read that follows says so */
		text += n;
		len -= (size_t)n;
	}
}

void terminal_say(const char *text)
{
	int fd = open_terminal();

	if (fd >= 0)
		put(fd, text, strlen(text));
	fd_close(&fd);
}

static int read_byte(int fd, int cancel_fd, char *out)
{
	struct pollfd p[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = cancel_fd, .events = POLLIN },
	};
	ssize_t n;

	if (poll(p, ARRAY_LEN(p), -1) < 0)
		return errno == EINTR ? 0 : -errno;
	if (p[1].revents)
		return -ECANCELED;
	n = read(fd, out, 1);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n == 0 ? -ECANCELED : 1;
}

static int read_line(int fd, bool echo, int cancel_fd, char *out, size_t size)
{
	size_t len = 0;

	for (;;) {
		char c = 0;
		int r = read_byte(fd, cancel_fd, &c);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		if (c == CTRL_C || (c == CTRL_D && len == 0))
			return -ECANCELED;
		if (c == '\n' || c == '\r')
			break;
		if (c == CTRL_U) {
			for (; echo && len > 0; len--)
				put(fd, "\b \b", 3);
			len = 0;
		} else if (c == ERASE || c == '\b') {
			if (len > 0 && echo)
				put(fd, "\b \b", 3);
			len -= len > 0;
		} else {
			if (len + 1 >= size)
				return -E2BIG;
			out[len++] = c;
			if (echo)
				put(fd, &c, 1);
		}
	}
	out[len] = '\0';
	return 0;
}

int terminal_ask(const char *question, bool echo, int cancel_fd, char *out, size_t size)
{
	struct termios before, raw;
	int fd = open_terminal();

	if (fd < 0 || tcgetattr(fd, &before) < 0) {
		fd_close(&fd);
		return -ENOTTY;
	}
	/* Ctrl+C comes as a byte, so that the terminal is never left without its echo. */
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(fd, TCSAFLUSH, &raw);
	put(fd, question, strlen(question));
	int r = read_line(fd, echo, cancel_fd, out, size);
	put(fd, "\n", 1);
	tcsetattr(fd, TCSAFLUSH, &before);
	fd_close(&fd);
	if (r < 0)
		secure_wipe(out, size);
	return r;
}
