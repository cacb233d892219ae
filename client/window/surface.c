#include "client/window/surface.h"

#include "client/window/wayland_surface.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* A channel of a pixel: its lowest bit and how many it has. */
struct channel {
	unsigned shift, bits;
};

static struct channel channel_of(uint32_t mask)
{
	struct channel c = { 0, 0 };

	while (mask && !(mask & 1)) {
		mask >>= 1;
		c.shift++;
	}
	for (; mask & 1; mask >>= 1)
		c.bits++;
	return c;
}

/* 8 bits to as many as the channel has: white stays white, whatever the depth. */
static uint32_t put(uint8_t value, struct channel c)
{
	uint32_t v = value;

	v = c.bits <= 8 ? v >> (8 - c.bits) : (v << (c.bits - 8)) | (v >> (16 - c.bits));
	return v << c.shift;
}

static bool is_ours(const SDL_PixelFormat *f)
{
	/* With an alpha channel, what is drawn without one would be transparent. */
	return f->BytesPerPixel == 4 && f->Amask == 0 && f->Rmask == 0xff0000 &&
	       f->Gmask == 0xff00 && f->Bmask == 0xff;
}

static bool is_possible(const SDL_PixelFormat *f)
{
	const uint32_t masks[] = { f->Rmask, f->Gmask, f->Bmask };

	for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
		unsigned bits = channel_of(masks[i]).bits;
		if (bits < 1 || bits > 16)
			return false;
	}
	return f->BytesPerPixel == 4 || f->BytesPerPixel == 2;
}

void surface_convert_row(
	uint8_t *to, const SDL_PixelFormat *format, const uint8_t *bgrx, size_t count)
{
	struct channel red = channel_of(format->Rmask);
	struct channel green = channel_of(format->Gmask);
	struct channel blue = channel_of(format->Bmask);
	uint32_t rest = ~(format->Rmask | format->Gmask | format->Bmask);

	for (size_t i = 0; i < count; i++, bgrx += 4) {
		uint32_t v = rest | put(bgrx[2], red) | put(bgrx[1], green) | put(bgrx[0], blue);
		uint16_t low = (uint16_t)v;
		if (format->BytesPerPixel == 4)
			memcpy(to + i * sizeof(v), &v, sizeof(v));
		else
			memcpy(to + i * sizeof(low), &low, sizeof(low));
	}
}

void surface_finish(struct surface *s)
{
	if (s->shadow)
		SDL_FreeSurface(s->shadow);
	s->shadow = NULL;
	wayland_surface_destroy(s->wayland);
	s->wayland = NULL;
}

SDL_Surface *surface_begin(struct surface *s)
{
	SDL_Surface *to = s->wayland ? NULL : SDL_GetWindowSurface(s->window);

	if (!to && (s->wayland || wayland_surface_create(&s->wayland, s->window) == 0))
		return wayland_surface_begin(s->wayland);
	if (!to || is_ours(to->format)) {
		surface_finish(s);
		return to;
	}
	if (!is_possible(to->format)) {
		SDL_SetError("the display has pixels of a kind that cannot be drawn (%s)",
			SDL_GetPixelFormatName(to->format->format));
		return NULL;
	}
	if (s->shadow && s->shadow->w == to->w && s->shadow->h == to->h)
		return s->shadow;
	surface_finish(s);
	s->shadow = SDL_CreateRGBSurfaceWithFormat(0, to->w, to->h, 32, SDL_PIXELFORMAT_RGB888);
	return s->shadow;
}

static void convert(const struct surface *s, SDL_Surface *to, const SDL_Rect *part)
{
	const SDL_Surface *from = s->shadow;

	for (int y = part->y; y < part->y + part->h; y++)
		surface_convert_row((uint8_t *)to->pixels + (ptrdiff_t)y * to->pitch +
					    (ptrdiff_t)part->x * to->format->BytesPerPixel,
			to->format,
			(const uint8_t *)from->pixels + (ptrdiff_t)y * from->pitch +
				(ptrdiff_t)part->x * 4,
			(size_t)part->w);
}

int surface_end(struct surface *s, const SDL_Rect *parts, int count)
{
	if (s->wayland)
		return wayland_surface_end(s->wayland, parts, count);
	SDL_Surface *to = SDL_GetWindowSurface(s->window);

	if (!to)
		return -EIO;
	if (s->shadow) {
		if (s->shadow->w != to->w || s->shadow->h != to->h)
			return 0; /* the size changed meanwhile: all of it is drawn anew */
		for (int i = 0; i < count; i++)
			convert(s, to, &parts[i]);
	}
	return SDL_UpdateWindowSurfaceRects(s->window, parts, count) < 0 ? -EIO : 0;
}
