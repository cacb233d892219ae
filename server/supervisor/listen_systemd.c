#include "server/supervisor/listen_systemd.h"

#include <systemd/sd-daemon.h>

int listen_systemd_next(void)
{
	static int count = -1, given; /* the environment is asked once, and then forgotten */

	if (count < 0)
		count = sd_listen_fds(1);
	return given < count ? SD_LISTEN_FDS_START + given++ : -1;
}

void listen_systemd_notify(const char *state)
{
	sd_notify(0, state);
}
