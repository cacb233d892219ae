#include "desk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What a capture's rows may be longer than the picture. */
#define STRIDE_EXTRA_BYTES 12

void desk_init(struct desk *d, uint32_t width_px, uint32_t height_px, uint64_t seed)
{
	*d = (struct desk){ .width_px = width_px, .height_px = height_px, .random = seed * 2 + 1 };
	d->stride_bytes = (size_t)width_px * 4 + STRIDE_EXTRA_BYTES;
	d->pixels = calloc(height_px, d->stride_bytes);
	d->under = calloc(height_px, d->stride_bytes);
	assert(d->pixels && d->under);
}

void desk_finish(struct desk *d)
{
	free(d->pixels);
	free(d->under);
}

/* xorshift64*, enough for tests. */
uint32_t desk_random(struct desk *d, uint32_t below)
{
	d->random ^= d->random >> 12;
	d->random ^= d->random << 25;
	d->random ^= d->random >> 27;
	uint64_t value = d->random * UINT64_C(2685821657736338717) >> 32;

	return (uint32_t)(value * below >> 32);
}

static void put(struct desk *d, uint32_t x, uint32_t y, uint32_t color)
{
	uint32_t pixel = (color & 0x00ffffff) | desk_random(d, 256) << 24;

	memcpy(d->pixels + y * d->stride_bytes + (size_t)x * 4, &pixel, sizeof(pixel));
}

static uint32_t get(const struct desk *d, uint32_t x, uint32_t y)
{
	uint32_t pixel;

	memcpy(&pixel, d->pixels + y * d->stride_bytes + (size_t)x * 4, sizeof(pixel));
	return pixel & 0x00ffffff;
}

static struct codec_rect somewhere(struct desk *d, uint32_t largest_px)
{
	uint32_t width_px = 1 + desk_random(d, MIN(largest_px, d->width_px));
	uint32_t height_px = 1 + desk_random(d, MIN(largest_px, d->height_px));

	return (struct codec_rect){
		.x_px = (uint16_t)desk_random(d, d->width_px - width_px + 1),
		.y_px = (uint16_t)desk_random(d, d->height_px - height_px + 1),
		.width_px = (uint16_t)width_px,
		.height_px = (uint16_t)height_px,
	};
}

static void damaged(struct desk *d, struct codec_rect r)
{
	d->damage[d->damage_count++] = r;
}

static void rectangles(struct desk *d)
{
	for (uint32_t n = 1 + desk_random(d, 4); n > 0; n--) {
		struct codec_rect r = somewhere(d, 300);
		uint32_t color = desk_random(d, UINT32_MAX);
		for (uint32_t y = 0; y < r.height_px; y++)
			for (uint32_t x = 0; x < r.width_px; x++)
				put(d, r.x_px + x, r.y_px + y, color);
		damaged(d, r);
	}
}

/* One of 32 glyphs of 7x11: a fixed pattern of three shades. */
static uint32_t glyph_color(uint32_t glyph, uint32_t x, uint32_t y)
{
	uint32_t bits = (glyph * 2654435761U) ^ (y * 40503U) ^ (x * 9176U);

	bits ^= bits >> 7;
	return (bits & 3) == 0 ? 0x202020 : (bits & 15) == 1 ? 0x909090 : 0xfafafa;
}

static void text(struct desk *d)
{
	struct codec_rect r = somewhere(d, 400);
	uint32_t first = desk_random(d, 32);

	for (uint32_t y = 0; y < r.height_px; y++)
		for (uint32_t x = 0; x < r.width_px; x++) {
			uint32_t glyph = (first + x / 8 * 5 + y / 12 * 11) % 32;
			put(d, r.x_px + x, r.y_px + y, glyph_color(glyph, x % 8, y % 12));
		}
	damaged(d, r);
}

static void photo(struct desk *d, struct codec_rect r, uint32_t which, uint32_t noise)
{
	for (uint32_t y = 0; y < r.height_px; y++)
		for (uint32_t x = 0; x < r.width_px; x++) {
			uint32_t red = x * (3 + which) / 8 + y / 5,
				 green = x / 4 + y * (1 + which) / 3;
			uint32_t blue = (x * y) / 64 + which * 90;
			red += desk_random(d, noise);
			green += desk_random(d, noise);
			blue += desk_random(d, noise);
			put(d, r.x_px + x, r.y_px + y,
				(red & 255) << 16 | (green & 255) << 8 | (blue & 255));
		}
	damaged(d, r);
}

static void scroll(struct desk *d)
{
	struct codec_rect r = somewhere(d, 1000);
	uint32_t right = desk_random(d, r.width_px), down = desk_random(d, r.height_px);
	bool back_x = desk_random(d, 2), back_y = desk_random(d, 2);
	uint32_t width_px = r.width_px - right, height_px = r.height_px - down;

	for (uint32_t j = 0; j < height_px; j++)
		for (uint32_t i = 0; i < width_px; i++) {
			uint32_t x = back_x ? i : width_px - 1 - i,
				 y = back_y ? j : height_px - 1 - j;
			uint32_t from_x = back_x ? x + right : x, from_y = back_y ? y + down : y;
			uint32_t to_x = back_x ? x : x + right, to_y = back_y ? y : y + down;
			put(d, r.x_px + to_x, r.y_px + to_y,
				get(d, r.x_px + from_x, r.y_px + from_y));
		}
	damaged(d, r);
}

/* The pane's rows, between the desk and what lies under it. */
static void move_rows(struct desk *d, uint8_t *to, const uint8_t *from)
{
	for (uint32_t y = d->pane.y_px; y < (uint32_t)d->pane.y_px + d->pane.height_px; y++) {
		size_t at = y * d->stride_bytes + (size_t)d->pane.x_px * 4;
		memcpy(to + at, from + at, (size_t)d->pane.width_px * 4);
	}
}

static void pane(struct desk *d)
{
	uint32_t width_px = MAX(d->width_px * 2 / 3, 1U), x_px = d->pane.x_px + 7U;

	if (d->pane.width_px > 0)
		move_rows(d, d->pixels, d->under);
	d->pane = (struct codec_rect){ (uint16_t)(x_px + width_px > d->width_px ? 0 : x_px), 0,
		(uint16_t)width_px, (uint16_t)d->height_px };
	move_rows(d, d->under, d->pixels);
	for (uint32_t y = 0; y < d->height_px; y++)
		memset(d->pixels + y * d->stride_bytes + (size_t)d->pane.x_px * 4, 0x5a,
			(size_t)width_px * 4);
	damaged(d, (struct codec_rect){ 0, 0, (uint16_t)d->width_px, (uint16_t)d->height_px });
}

void desk_happen(struct desk *d, enum desk_event event)
{
	struct codec_rect all = { 0, 0, (uint16_t)d->width_px, (uint16_t)d->height_px };
	struct codec_rect one = somewhere(d, 1);

	d->damage_count = 0;
	switch (event) {
	case DESK_RECTANGLES:
		rectangles(d);
		break;
	case DESK_TEXT:
		text(d);
		break;
	case DESK_PHOTO:
		photo(d, somewhere(d, 500), desk_random(d, 8), 1 + desk_random(d, 40));
		break;
	case DESK_SCROLL:
		scroll(d);
		break;
	case DESK_PIXEL:
		put(d, one.x_px, one.y_px, desk_random(d, UINT32_MAX));
		damaged(d, one);
		break;
	case DESK_SWAP:
		photo(d, all, desk_random(d, 2), 1);
		break;
	case DESK_PANE:
		pane(d);
		break;
	case DESK_NOTHING:
	case DESK_EVENTS:
		damaged(d, all);
		break;
	}
}

bool desk_equals(const struct desk *d, const uint8_t *pixels)
{
	for (uint32_t y = 0; y < d->height_px; y++)
		for (uint32_t x = 0; x < d->width_px; x++) {
			uint32_t shown;
			memcpy(&shown, pixels + ((size_t)y * d->width_px + x) * 4, sizeof(shown));
			if (shown != get(d, x, y))
				return false;
		}
	return true;
}
