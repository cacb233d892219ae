#include "client/window/geometry.h"

#include <string.h>

static const char *const mode_names[] = {
	[SCALE_AUTO] = "auto", [SCALE_FIT] = "fit", [SCALE_ONE] = "1:1"
};

const char *scale_mode_name(enum scale_mode mode)
{
	return mode_names[mode];
}

int scale_mode_parse(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(mode_names); i++)
		if (strcmp(text, mode_names[i]) == 0)
			return (int)i;
	return -1;
}

/* Largest size with the screen's aspect that fits the window. */
static void fit(const struct geometry *g, int *width, int *height)
{
	long by_width = (long)g->window_width_px * g->screen_height_px;
	long by_height = (long)g->window_height_px * g->screen_width_px;

	if (by_width <= by_height) {
		*width = g->window_width_px;
		*height = (int)MAX((by_width + g->screen_width_px / 2) / g->screen_width_px, 1);
	} else {
		*height = g->window_height_px;
		*width = (int)MAX((by_height + g->screen_height_px / 2) / g->screen_height_px, 1);
	}
}

/* Along one axis: centred when it fits, else panned. */
static int place(int window, int screen, int *pan)
{
	if (screen <= window) {
		*pan = 0;
		return (window - screen) / 2;
	}
	*pan = MAX(MIN(*pan, screen - window), 0);
	return -*pan;
}

void geometry_update(struct geometry *g)
{
	int width = g->screen_width_px;
	int height = g->screen_height_px;

	g->target = (struct area){ 0, 0, 0, 0 };
	if (g->window_width_px <= 0 || g->window_height_px <= 0 || width <= 0 || height <= 0)
		return;
	int factor = MIN(g->window_width_px / width, g->window_height_px / height);
	if (g->mode == SCALE_FIT || (g->mode == SCALE_AUTO && factor == 0)) {
		fit(g, &width, &height);
	} else if (g->mode == SCALE_AUTO) {
		width *= factor;
		height *= factor;
	}
	g->target.x = place(g->window_width_px, width, &g->pan_x_px);
	g->target.y = place(g->window_height_px, height, &g->pan_y_px);
	g->target.width = width;
	g->target.height = height;
}

int geometry_factor(const struct geometry *g)
{
	if (area_empty(g->target) || g->target.width % g->screen_width_px ||
		g->target.height % g->screen_height_px)
		return 0;
	int factor = g->target.width / g->screen_width_px;
	return factor == g->target.height / g->screen_height_px ? factor : 0;
}

static int to_screen(int at, int start, int shown, int screen)
{
	if (shown <= 0 || at <= start)
		return 0;
	long v = (long)(at - start) * screen / shown;
	return (int)MIN(v, screen - 1);
}

void geometry_to_screen(
	const struct geometry *g, int window_x, int window_y, int *screen_x, int *screen_y)
{
	*screen_x = to_screen(window_x, g->target.x, g->target.width, g->screen_width_px);
	*screen_y = to_screen(window_y, g->target.y, g->target.height, g->screen_height_px);
}

static int edge(int at, int shown, int screen, bool up)
{
	long scaled = (long)at * shown;
	return (int)((scaled + (up ? screen - 1 : 0)) / screen);
}

struct area geometry_to_window(const struct geometry *g, struct area screen)
{
	struct area whole = { 0, 0, g->screen_width_px, g->screen_height_px };
	int spread = geometry_factor(g) ? 0 : 1;

	screen = area_intersect(screen, whole);
	if (area_empty(screen) || area_empty(g->target))
		return (struct area){ 0, 0, 0, 0 };
	/* A filter reads the neighbouring screen pixels too. */
	screen.x -= spread;
	screen.y -= spread;
	screen.width += 2 * spread;
	screen.height += 2 * spread;
	screen = area_intersect(screen, whole);

	int left = edge(screen.x, g->target.width, g->screen_width_px, false);
	int top = edge(screen.y, g->target.height, g->screen_height_px, false);
	int right = edge(screen.x + screen.width, g->target.width, g->screen_width_px, true);
	int bottom = edge(screen.y + screen.height, g->target.height, g->screen_height_px, true);
	struct area shown = { g->target.x + left, g->target.y + top, right - left, bottom - top };
	return area_intersect(shown, geometry_visible(g));
}

struct area geometry_visible(const struct geometry *g)
{
	struct area window = { 0, 0, g->window_width_px, g->window_height_px };

	return area_intersect(g->target, window);
}

bool geometry_pan(struct geometry *g, int dx_px, int dy_px)
{
	int x = g->pan_x_px;
	int y = g->pan_y_px;

	g->pan_x_px += dx_px;
	g->pan_y_px += dy_px;
	geometry_update(g);
	return g->pan_x_px != x || g->pan_y_px != y;
}
