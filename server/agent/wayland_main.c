/* farseat-agent-wayland COMMAND: as farseat-agent (main.c), for a Wayland session; see agent.h. A
 * program of its own, so that what it needs is not installed where sessions are X11's. */
#include "server/agent/program.h"
#include "server/agent/wlr/display.h"

int main(int argc, char **argv)
{
	return program_run(argc, argv, "farseat-agent-wayland", &wlr_display_impl);
}
