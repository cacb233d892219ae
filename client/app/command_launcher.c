/* Without a command, and for a click on a farseat:// link: the launcher's window. */
#include "client/app/commands.h"
#include "client/window/launcher.h"

int command_launcher(const struct options *o, void *user)
{
	(void)o;
	(void)user;
	return launcher_run(NULL);
}

int command_open(const struct options *o, void *user)
{
	(void)user;
	return launcher_run(o->argument_count > 0 ? o->arguments[0] : NULL);
}
