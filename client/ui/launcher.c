#include "client/ui/commands.h"

int command_launcher(const struct options *o, void *user)
{
	(void)user;
	options_help(o);
	return EXIT_USAGE;
}
