/* Socket activation and readiness by systemd; listen_systemd_none.c where it is not built in. */
#pragma once

/* The next listening socket that systemd handed over, or -1. */
int listen_systemd_next(void);

/* Tells systemd: "READY=1", "STOPPING=1", "STATUS=...". */
void listen_systemd_notify(const char *state);
