#include "server/agent/desktop.h"

#include "common/base/log.h"
#include "common/base/paths.h"
#include "common/base/process_linux.h"
#include "server/agent/children.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the session, to end in order. */
#define END_GRACE_MS 2000

static const char *first_of(const char *const *names, size_t count)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < count; i++)
		if (children_find_program(names[i], path))
			return names[i];
	return NULL;
}

static bool has_own_xsession(void)
{
	char path[PATH_MAX];
	const char *home = getenv("HOME");
	int n = home ? snprintf(path, sizeof(path), "%s/.xsession", home) : -1;

	return n > 0 && n < (int)sizeof(path) && access(path, R_OK) == 0;
}

/* A window that is mapped while the manager starts may get neither frame nor focus: the terminal
 * waits until the manager says that it is there (EWMH), two seconds where nobody can ask. */
#define MANAGER_THEN_TERMINAL                                                                       \
	"%s & manager=$!; for i in 1 2 3 4 5 6 7 8 9 10; do "                                       \
	"xprop -root _NET_SUPPORTING_WM_CHECK 2>/dev/null | grep -q 0x && break; sleep 0.2; done; " \
	"%s & wait $manager"

int desktop_default_command(char *out, size_t size)
{
	static const char *const managers[] = { "x-window-manager", "openbox", "xfwm4", "metacity",
		"icewm", "twm" };
	static const char *const terminals[] = { "x-terminal-emulator", "xfce4-terminal",
		"gnome-terminal", "konsole", "xterm" };
	static const char *const desktops[] = { "x-session-manager" };
	const char *manager = first_of(managers, ARRAY_LEN(managers));
	const char *terminal = first_of(terminals, ARRAY_LEN(terminals));
	int n;

	/* Debian's Xsession sets the person's environment up, and needs something to start. */
	if (access("/etc/X11/Xsession", X_OK) == 0 &&
		(has_own_xsession() || first_of(desktops, ARRAY_LEN(desktops))))
		n = snprintf(out, size, "exec /etc/X11/Xsession");
	else if (manager && terminal)
		n = snprintf(out, size, MANAGER_THEN_TERMINAL, manager, terminal);
	else if (manager || terminal)
		n = snprintf(out, size, "exec %s", manager ? manager : terminal);
	else
		return -ENOENT;
	return n > 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
}

int desktop_start(struct desktop *d, const char *command, const char *display, char *reason,
	size_t reason_size)
{
	char program[PATH_MAX], found[DESKTOP_COMMAND_MAX_BYTES];
	int r = 0;

	if (!command[0]) {
		r = desktop_default_command(found, sizeof(found));
		if (r < 0) {
			snprintf(reason, reason_size,
				"no desktop, window manager or terminal is installed: give one with --session");
			return r;
		}
		command = found;
	}
	const char *const argv[] = { "farseat-session", command, NULL };
	const struct process_spec spec = {
		.path = program,
		.argv = argv,
		.new_session = true,
		.die_with_parent = true,
		.death_signal = SIGTERM, /* ends all of the session */
	};
	r = path_of_program("farseat-session", program);
	if (r == 0)
		r = process_start_pid(&spec, &d->pid);
	if (r < 0)
		snprintf(reason, reason_size, "cannot start the session: %s", strerror(-r));
	else
		log_info("session on display %s: %s", display, command);
	return r;
}

bool desktop_ended(struct desktop *d, pid_t pid)
{
	if (d->pid == 0 || pid != d->pid)
		return false;
	d->pid = 0;
	return true;
}

void desktop_finish(struct desktop *d)
{
	if (d->pid)
		children_end(END_GRACE_MS);
	d->pid = 0;
}
