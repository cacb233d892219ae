#include "server/supervisor/choice.h"

#include "server/registry/settings_session.h"
#include "server/supervisor/supervisor.h"

#include "common/base/log.h"
#include "common/base/paths.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REMEDY                                                                                     \
	"log in to an X11 session there, or start a virtual one ([server] virtual = 1920x1080)"

/* In a Wayland session DISPLAY is Xwayland's, which has single windows and a black screen. A
 * display that the person names may be another server's, so it is taken. */
static bool is_wayland(void)
{
	const char *type = getenv("XDG_SESSION_TYPE"), *display = getenv("WAYLAND_DISPLAY");

	return (display && display[0]) || (type && strcmp(type, "wayland") == 0);
}

/* Names the socket of the session that farseatd runs in. */
static int take_wayland(struct supervisor *s)
{
	const char *display = getenv("WAYLAND_DISPLAY");

	if (!display || !display[0]) {
		agents_forbid(s,
			"this is a Wayland session whose socket is not known (WAYLAND_DISPLAY is not set): name it with --wayland wayland-1, " REMEDY);
		return EXIT_OK;
	}
	const char *wrong = settings_take_wayland(s->settings.wayland, display);
	if (wrong) {
		log_error("WAYLAND_DISPLAY=%s %s", display, wrong);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

/* The display from the environment, where nothing else is wished for. */
static int take_display(struct supervisor *s)
{
	const char *display = getenv("DISPLAY");
	const char *wrong = display ? settings_take_display(s->settings.display, display) : NULL;

	if (wrong) {
		log_error("DISPLAY=%s %s", display, wrong);
		return EXIT_FAILED;
	}
	/* The agent finds the machine's own screen, for root: a person's session is what they name. */
	if (s->settings.display[0] == '\0' && geteuid() != 0) {
		log_error(
			"there is no session to show: name one with --display :0, or start one with --virtual 1920x1080");
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static void check_agent(struct supervisor *s)
{
	char path[PATH_MAX];

	if (settings_is_wayland(&s->settings) && path_of_program("farseat-agent-wayland", path) < 0)
		agents_forbid(s,
			"Wayland sessions are shown by the package farseat-server-wayland, which is not installed: install it, " REMEDY);
}

int choice_settle(struct supervisor *s)
{
	int status = EXIT_OK;

	if (s->settings.virtual_width_px > 0) {
		check_agent(s);
		return EXIT_OK;
	}
	if (s->settings.display[0] != '\0') {
		if (is_wayland())
			log_warn(
				"this is a Wayland session: if %s is its Xwayland, laptops see a black screen",
				s->settings.display);
		return EXIT_OK;
	}
	if (s->settings.wayland[0] == '\0')
		status = is_wayland() ? take_wayland(s) : take_display(s);
	check_agent(s);
	return status;
}
