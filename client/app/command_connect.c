/* `farseat connect`: from the command line to the window. */
#include "client/app/commands.h"
#include "client/app/headless.h"
#include "client/window/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_size(const char *text, int *width, int *height)
{
	char *end = NULL;

	*width = (int)strtol(text, &end, 10);
	*height = *end == 'x' ? (int)strtol(end + 1, &end, 10) : 0;
	if (*end != '\0' || strspn(text, "0123456789x") != strlen(text))
		return -1;
	return *width >= 64 && *height >= 64 && *width <= WIRE_SIDE_MAX_PX &&
			       *height <= WIRE_SIDE_MAX_PX
		       ? 0
		       : -1;
}

/* Which of words text is; 0 when it was not given, -1 for another word. */
static int choose(const char *text, const char *const *words, int count)
{
	for (int i = 0; text && i < count; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	return text ? -1 : 0;
}

int command_connect(const struct options *o, void *user)
{
	static const char *const keys[] = { "layout", "physical" };
	static const char *const sounds[] = { "on", "off" };
	static const char *const renders[] = {
		[PRESENT_AUTO] = "auto", [PRESENT_SOFTWARE] = "software", [PRESENT_GPU] = "gpu"
	};
	struct window_options options = { .fullscreen = options_flag(o, "fullscreen"),
		.view_only = options_flag(o, "view-only"),
		.stats = options_flag(o, "stats") };
	struct workstation workstation;
	struct way way;

	(void)user;
	const char *size = options_value(o, "size");
	if (size && parse_size(size, &options.width_px, &options.height_px) < 0)
		return options_wrong(o, "--size must be like 1600x900, not '%s'", size);
	const char *scale = options_value(o, "scale");
	if (scale && scale_mode_parse(scale) < 0)
		return options_wrong(o, "--scale must be fit, 1:1 or auto, not '%s'", scale);
	int physical = choose(options_value(o, "keys"), keys, 2);
	if (physical < 0)
		return options_wrong(
			o, "--keys must be layout or physical, not '%s'", options_value(o, "keys"));
	int render = choose(options_value(o, "render"), renders, 3);
	if (render < 0)
		return options_wrong(o, "--render must be auto, software or gpu, not '%s'",
			options_value(o, "render"));
	const char *clipboard = options_value(o, "clipboard");
	if (clipboard && clipboard_mode_parse(clipboard) < 0)
		return options_wrong(
			o, "--clipboard must be both, to, from or off, not '%s'", clipboard);
	const char *sound = options_value(o, "sound");
	int silent = choose(sound, sounds, 2);
	if (silent < 0)
		return options_wrong(o, "--sound must be on or off, not '%s'", sound);
	int given = command_way(o, &way);
	if (given < 0)
		return EXIT_USAGE;
	options.present = (enum present_choice)render;

	if (o->by_fallback && !headless_known(o->arguments[0])) {
		const struct options about = { .program = o->program };
		const char *nearest = options_nearest_command(o->program, o->arguments[0]);
		if (nearest)
			return options_wrong(&about,
				"there is no command and no workstation '%s'. Did you mean '%s'?",
				o->arguments[0], nearest);
	}
	int status = headless_find(o->arguments[0], &workstation);
	if (status)
		return status;
	if (given)
		workstation.way = way;
	window_options_from(&options, &workstation);
	if (scale)
		options.scale = (enum scale_mode)scale_mode_parse(scale);
	if (options_value(o, "keys"))
		options.physical_keys = physical == 1;
	if (clipboard)
		options.clipboard = (enum clipboard_mode)clipboard_mode_parse(clipboard);
	if (sound)
		options.sound = !silent;
	return window_run(&workstation, &options);
}
