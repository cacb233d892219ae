#include "server/supervisor/listen_systemd.h"

int listen_systemd_next(void)
{
	return -1;
}

void listen_systemd_notify(const char *state)
{
	(void)state;
}
