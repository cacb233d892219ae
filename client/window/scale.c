#include "client/window/scale.h"

#include "client/window/window_x11.h"
#include "common/wire/messages.h"

#include <stdlib.h>

#define DPI_OF_DESIGN 96.0

double scale_parse(const char *text)
{
	char *end = NULL;
	double scale = text ? strtod(text, &end) : 0;

	if (!text || end == text || *end || !(scale >= SCALE_MIN && scale <= SCALE_MAX))
		return 0;
	return scale;
}

double scale_by_dpi(double dpi)
{
	double scale = dpi / DPI_OF_DESIGN;

	return scale > 1 ? MIN(scale, SCALE_MAX) : 1; /* NaN is 1, too */
}

double scale_of(SDL_Window *window)
{
	struct window_x11 x11;
	double wished = scale_parse(getenv("FARSEAT_SCALE"));
	int points, pixels, height;

	if (wished > 0)
		return wished;
	if (window_x11_attach(&x11, window) == 0)
		return scale_by_dpi(window_x11_dpi(&x11));
	SDL_GetWindowSize(window, &points, &height);
	SDL_GetWindowSizeInPixels(window, &pixels, &height);
	return points > 0 ? scale_by_dpi(DPI_OF_DESIGN * pixels / points) : 1;
}

uint16_t scale_dpi(SDL_Window *window)
{
	double dpi = scale_of(window) * DPI_OF_DESIGN + 0.5;

	return (uint16_t)MAX(MIN(dpi, (double)WIRE_DPI_MAX), (double)WIRE_DPI_MIN);
}
