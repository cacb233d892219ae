/* POSIX: signals. */
#include "client/window/termination.h"

#include <SDL.h>
#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t asked; /* a handler can reach nothing else */

static void on_signal(int number)
{
	(void)number;
	asked = 1;
}

void termination_install(void)
{
	/* Without SA_RESTART: poll is to return. */
	struct sigaction action = { .sa_handler = on_signal };

	SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool termination_asked(void)
{
	return asked != 0;
}
