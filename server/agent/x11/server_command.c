#include "server/agent/x11/server_command.h"

#include "common/base/file.h"
#include "server/agent/children.h"
#include "server/agent/display.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

/* Where Debian's packages xserver-xorg-core and xserver-xorg-video-dummy have them. The program in
 * /usr/bin is a wrapper that lets nobody start a server who does not sit at the machine. */
#define XORG_PROGRAM "/usr/lib/xorg/Xorg"
#define XORG_DRIVER  "/usr/lib/xorg/modules/drivers/dummy_drv.so"
#define XVFB_PROGRAM "Xvfb"

/*
 * xorg.conf(5). No devices but those of XTEST; the machine's own keyboards, pointers, graphics cards
 * and consoles are not ours. The ranges of the monitor let every mode pass. The memory, in KiB, holds
 * the largest screen twice, since the server keeps the old one while it makes the new one.
 */
static const char xorg_config[] = "Section \"ServerFlags\"\n"
				  "	Option \"AutoAddDevices\" \"false\"\n"
				  "	Option \"AutoEnableDevices\" \"false\"\n"
				  "	Option \"AutoAddGPU\" \"false\"\n"
				  "	Option \"DontVTSwitch\" \"true\"\n"
				  "EndSection\n"
				  "Section \"Monitor\"\n"
				  "	Identifier \"monitor\"\n"
				  "	HorizSync 1-2000\n"
				  "	VertRefresh 1-1000\n"
				  "EndSection\n"
				  "Section \"Device\"\n"
				  "	Identifier \"card\"\n"
				  "	Driver \"dummy\"\n"
				  "	VideoRam 262144\n"
				  "EndSection\n"
				  "Section \"Screen\"\n"
				  "	Identifier \"screen\"\n"
				  "	Device \"card\"\n"
				  "	Monitor \"monitor\"\n"
				  "	DefaultDepth 24\n"
				  "	SubSection \"Display\"\n"
				  "		Depth 24\n"
				  "		Modes \"1024x768\"\n"
				  "	EndSubSection\n"
				  "EndSection\n";

/* What all X servers take (Xserver(1)). */
static const char *const common_arguments[] = {
	"-displayfd", "3",                         /* takes a free display and tells which */
	"-nolisten", "tcp", "-noreset", "-s", "0", /* no screen saver */
	"-dpi", TEXT_OF(DISPLAY_DPI), "-background",
	"none", /* pages that nothing was drawn on take no memory */
};

static void add(struct x11_server_command *c, size_t *count, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n && *count < X11_SERVER_ARGUMENTS_MAX; i++)
		c->argv[(*count)++] = words[i];
}

static int path_in(char out[static PATH_MAX], const char *folder, const char *name)
{
	int n = snprintf(out, PATH_MAX, "%s/%s", folder, name);

	return n > 0 && n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int make_xorg(struct x11_server_command *c, size_t *count, const char *runtime_dir)
{
	c->name = "Xorg";
	if (access(XORG_PROGRAM, X_OK) < 0 || access(XORG_DRIVER, R_OK) < 0)
		return -ENOENT;
	snprintf(c->program, sizeof(c->program), "%s", XORG_PROGRAM);
	c->is_talkative = true;
	int r = path_in(c->config_path, runtime_dir, "xorg.conf");
	if (r == 0)
		r = path_in(c->log_path, runtime_dir, "Xorg.log");
	if (r == 0)
		r = file_replace(c->config_path, xorg_config, sizeof(xorg_config) - 1, 0600);
	/* The folder is ours and has no *.conf besides: with it the machine's own is not read. */
	const char *const words[] = { "-config", c->config_path, "-configdir", runtime_dir,
		"-logfile", c->log_path, "-novtswitch", "-sharevts" };
	add(c, count, words, ARRAY_LEN(words));
	return r;
}

static int make_xvfb(struct x11_server_command *c, size_t *count)
{
	c->name = XVFB_PROGRAM;
	if (!children_find_program(XVFB_PROGRAM, c->program))
		return -ENOENT;
	snprintf(c->screen, sizeof(c->screen), "%dx%dx24", X11_SERVER_MAX_WIDTH_PX,
		X11_SERVER_MAX_HEIGHT_PX);
	const char *const words[] = { "-screen", "0", c->screen };
	add(c, count, words, ARRAY_LEN(words));
	return 0;
}

int x11_server_command_make(struct x11_server_command *c, enum x11_server_kind kind,
	const char *runtime_dir, const char *auth_path)
{
	size_t count = 1;

	*c = (struct x11_server_command){ 0 };
	add(c, &count, common_arguments, ARRAY_LEN(common_arguments));
	add(c, &count, (const char *const[]){ "-auth", auth_path }, 2);
	int r = kind == X11_SERVER_XORG ? make_xorg(c, &count, runtime_dir) : make_xvfb(c, &count);
	c->argv[0] = c->name;
	const char *wanted = getenv("FARSEAT_X_SERVER");
	if (r == 0 && wanted && *wanted && strcasecmp(wanted, c->name) != 0)
		r = -ENOENT;
	if (r < 0)
		x11_server_command_finish(c);
	return r;
}

void x11_server_command_finish(struct x11_server_command *c)
{
	if (c->config_path[0])
		unlink(c->config_path);
	if (c->log_path[0])
		unlink(c->log_path);
	c->config_path[0] = c->log_path[0] = '\0';
}
