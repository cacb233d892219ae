#include "server/supervisor/login.h"

void login_look(struct login *out)
{
	*out = (struct login){ .type = LOGIN_UNKNOWN };
}

void login_watch_open(
	struct login_watch *w, uv_loop_t *loop, void (*changed)(void *user), void *user)
{
	(void)w;
	(void)loop;
	(void)changed;
	(void)user;
}

void login_watch_close(struct login_watch *w)
{
	(void)w;
}
