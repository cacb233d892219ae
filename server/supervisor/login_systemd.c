#include "server/supervisor/login.h"

#include "common/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-login.h>
#include <unistd.h>

/* What somebody who sits at a terminal of logind's started is shown what is there: sd_pid_get_session
 * finds such a session. A service of the person's user manager has none. */
static bool is_within_session(void)
{
	char *id = NULL;
	bool is = sd_pid_get_session(0, &id) >= 0;

	free(id);
	return is;
}

static bool has_logind(void)
{
	return access("/run/systemd/sessions", F_OK) == 0;
}

static enum login_type type_of(const char *id)
{
	enum login_type type = LOGIN_NONE;
	char *name = NULL;

	if (sd_session_get_type(id, &name) >= 0)
		type = strcmp(name, "x11") == 0       ? LOGIN_X11
		       : strcmp(name, "wayland") == 0 ? LOGIN_WAYLAND
						      : LOGIN_NONE;
	free(name);
	return type;
}

void login_look(struct login *out)
{
	char *id = NULL, *display = NULL;

	*out = (struct login){ .type = LOGIN_UNKNOWN, .active = true };
	if (!has_logind() || is_within_session())
		return;
	out->type = LOGIN_NONE;
	if (sd_uid_get_display(geteuid(), &id) >= 0 && strlen(id) < sizeof(out->id)) {
		snprintf(out->id, sizeof(out->id), "%s", id);
		out->type = type_of(id);
		out->active = sd_session_is_active(id) != 0;
		if (out->type == LOGIN_X11 && sd_session_get_display(id, &display) >= 0 &&
			strlen(display) < sizeof(out->display))
			snprintf(out->display, sizeof(out->display), "%s", display);
	}
	free(display);
	free(id);
}

static void on_news(uv_poll_t *poll, int status, int events)
{
	struct login_watch *w = poll->data;

	(void)status;
	(void)events;
	if (sd_login_monitor_flush(w->monitor) < 0)
		log_warn("logind tells no news any more");
	w->changed(w->user);
}

void login_watch_open(
	struct login_watch *w, uv_loop_t *loop, void (*changed)(void *user), void *user)
{
	sd_login_monitor *monitor = NULL;

	*w = (struct login_watch){ .changed = changed, .user = user };
	if (!has_logind() || sd_login_monitor_new(NULL, &monitor) < 0)
		return;
	int r = uv_poll_init(loop, &w->poll, sd_login_monitor_get_fd(monitor));
	if (r == 0) {
		w->poll.data = w;
		w->monitor = monitor;
		r = uv_poll_start(&w->poll, UV_READABLE, on_news);
	} else {
		sd_login_monitor_unref(monitor);
	}
	if (r < 0)
		log_warn("logind's news are not heard: %s", uv_strerror(r));
}

void login_watch_close(struct login_watch *w)
{
	if (!w->monitor)
		return;
	uv_close((uv_handle_t *)&w->poll, NULL);
	sd_login_monitor_unref(w->monitor);
	w->monitor = NULL;
}
