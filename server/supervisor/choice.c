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

	if (choice_is_wayland(s) && path_of_program("farseat-agent-wayland", path) < 0)
		agents_forbid(s,
			"Wayland sessions are shown by the package farseat-server-wayland, which is not installed: install it, " REMEDY);
}

/* --- by logind --- */

/* Of X11 the environment may know what logind does not: it does not ask display managers for it. */
static void take_x11(struct supervisor *s, const struct login *login)
{
	const char *name = login->display[0] ? login->display : getenv("DISPLAY");

	if (!name || settings_take_display(s->settings.display, name) || !s->settings.display[0])
		agents_forbid(s,
			"the X display of the session on this machine's screen is not known: name it with --display :0");
}

static void take_login(struct supervisor *s, const struct login *login)
{
	s->choice.login = *login;
	s->settings.display[0] = '\0';
	agents_permit(s);
	if (login->type == LOGIN_NONE) {
		agents_forbid(s,
			"nobody is logged in to a desktop on this machine: log in there, or start a session of its own ([server] virtual = 1920x1080)");
		return;
	}
	log_info("the session is %s of logind, %s%s", login->id,
		login->type == LOGIN_X11 ? "X11" : "Wayland",
		login->active ? "" : ", in the background: somebody else is at the screen");
	if (login->type == LOGIN_X11)
		take_x11(s, login);
	check_agent(s);
}

/* false: the environment is to say, as without logind: no session is known, and it names one, or our
 * user is root, whose agent finds the screen. */
static bool settle_by_login(struct supervisor *s)
{
	const char *display = getenv("DISPLAY");
	struct login login;

	login_look(&login);
	bool named = is_wayland() || (display && display[0]) || geteuid() == 0;
	if (login.type == LOGIN_UNKNOWN || (login.type == LOGIN_NONE && named))
		return false;
	take_login(s, &login);
	return true;
}

static bool is_same_session(const struct login *a, const struct login *b)
{
	return a->type == b->type && strcmp(a->id, b->id) == 0 &&
	       strcmp(a->display, b->display) == 0;
}

static void on_news(void *user)
{
	struct supervisor *s = user;
	struct login login;

	login_look(&login);
	bool same = is_same_session(&login, &s->choice.login);
	if (login.type == LOGIN_UNKNOWN || (same && login.active == s->choice.login.active))
		return;
	take_login(s, &login);
	if (!same) /* else only its place on the seat has changed */
		agents_restart(s);
}

void choice_watch(struct supervisor *s)
{
	if (choice_follows_login(s))
		login_watch_open(&s->choice.news, &s->loop, on_news, s);
}

void choice_close(struct supervisor *s)
{
	login_watch_close(&s->choice.news);
}

bool choice_follows_login(const struct supervisor *s)
{
	return s->choice.login.type != LOGIN_UNKNOWN;
}

bool choice_is_wayland(const struct supervisor *s)
{
	return s->choice.login.type == LOGIN_WAYLAND || settings_is_wayland(&s->settings);
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
	if (s->settings.wayland[0] == '\0' && settle_by_login(s))
		return EXIT_OK;
	if (s->settings.wayland[0] == '\0')
		status = is_wayland() ? take_wayland(s) : take_display(s);
	check_agent(s);
	return status;
}
