/*
 * farseat-agent COMMAND: started by farseatd's starter, for a session on an X display; see agent.h.
 * COMMAND is that of a virtual session, "" the desktop's own. farseatd does not choose it: a session
 * does what it likes, and farseatd may not.
 */
#include "server/agent/program.h"
#include "server/agent/x11/display.h"

int main(int argc, char **argv)
{
	return program_run(argc, argv, "farseat-agent", &x11_display_impl);
}
