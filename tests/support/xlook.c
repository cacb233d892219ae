/*
 * Looks at displays for the end-to-end tests: X displays, and Wayland ones, which are named by the
 * path of their socket.
 *
 *   xlook same :A :B [TIMEOUT_MS]  waits until both root windows show the same pixels, bit for bit
 *                                  as far as their depths (16, 24, 30) go.
 * Prints the milliseconds that it took; exit status 1 and how many pixels differ, and where, when
 * they never did. xlook ppm :A FILE              writes the picture of a root window as a binary
 * PPM. xlook down :A                  prints the keycodes that the server holds down, one a line.
 */
#include "wayland/shot.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xcb/xcb.h>

#define DEFAULT_TIMEOUT_MS 1000
#define PAUSE_NS           10000000L /* between two looks; the answer is right within this */

/* A display of either kind. */
struct screen {
	const char *name;
	xcb_connection_t *connection; /* NULL: a Wayland compositor's */
	const xcb_screen_t *screen;
};

static bool is_wayland(const char *name)
{
	return strchr(name, '/') != NULL;
}

static struct screen open_screen(const char *name)
{
	struct screen s = { .name = name };

	if (is_wayland(name))
		return s;
	s.connection = xcb_connect(name, NULL);
	if (xcb_connection_has_error(s.connection)) {
		fprintf(stderr, "xlook: cannot open display %s\n", name);
		exit(2);
	}
	s.screen = xcb_setup_roots_iterator(xcb_get_setup(s.connection)).data;
	return s;
}

static uint32_t pixel(const xcb_get_image_reply_t *image, size_t at)
{
	uint32_t v;
	uint16_t low;

	if (image->depth == 16) { /* 5, 6 and 5 bits; rows of an even width have no padding */
		memcpy(&low, xcb_get_image_data(image) + at * 2, sizeof(low));
		v = low;
		return (v & 0xf800) << 8 | (v & 0x7e0) << 5 | (v & 0x1f) << 3;
	}
	memcpy(&v, xcb_get_image_data(image) + at * 4, sizeof(v));
	if (image->depth == 30)
		return (v >> 22 & 0xff) << 16 | (v >> 12 & 0xff) << 8 | (v >> 2 & 0xff);
	return v & 0xffffff; /* the fourth byte of a 24-bit visual means nothing */
}

static struct shot grab_x11(const struct screen *s)
{
	struct shot shot = { s->screen->width_in_pixels, s->screen->height_in_pixels, 24, NULL };
	xcb_get_image_cookie_t c = xcb_get_image(s->connection, XCB_IMAGE_FORMAT_Z_PIXMAP,
		s->screen->root, 0, 0, (uint16_t)shot.width, (uint16_t)shot.height, ~0U);
	xcb_get_image_reply_t *image = xcb_get_image_reply(s->connection, c, NULL);
	size_t count = (size_t)shot.width * (size_t)shot.height;

	shot.pixels = image ? malloc(count * sizeof(*shot.pixels)) : NULL;
	for (size_t i = 0; shot.pixels && i < count; i++)
		shot.pixels[i] = pixel(image, i);
	shot.depth = image ? image->depth : 0;
	free(image);
	return shot;
}

static struct shot grab(const struct screen *s)
{
	struct shot shot = s->connection ? grab_x11(s) : shot_wayland(s->name);

	if (!shot.pixels) {
		fprintf(stderr, "xlook: cannot read the screen of %s\n", s->name);
		exit(2);
	}
	return shot;
}

/* What a display of fewer bits can show of a pixel. */
static uint32_t common_bits(const struct shot *a, const struct shot *b)
{
	return a->depth == 16 || b->depth == 16 ? 0xf8fcf8 : 0xffffff;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* How many pixels differ; the box around them in box (x0, y0, x1, y1). */
static size_t differing(const struct shot *p, const struct shot *q, int box[4])
{
	size_t count = 0;

	box[0] = p->width, box[1] = p->height, box[2] = box[3] = -1;
	for (int y = 0; y < p->height; y++) {
		for (int x = 0; x < p->width; x++) {
			size_t at = (size_t)y * (size_t)p->width + (size_t)x;
			if (((p->pixels[at] ^ q->pixels[at]) & common_bits(p, q)) == 0)
				continue;
			count++;
			box[0] = x < box[0] ? x : box[0];
			box[1] = y < box[1] ? y : box[1];
			box[2] = x > box[2] ? x : box[2];
			box[3] = y > box[3] ? y : box[3];
		}
	}
	return count;
}

static int same(const char *one, const char *other, int64_t timeout_ms)
{
	struct screen a = open_screen(one), b = open_screen(other);
	int64_t begin = now_ms();
	int box[4];

	for (;;) {
		int64_t looked = now_ms() - begin;
		struct shot p = grab(&a), q = grab(&b);
		bool sizes = p.width == q.width && p.height == q.height;
		size_t count = sizes ? differing(&p, &q, box) : 0;
		free(p.pixels);
		free(q.pixels);
		if (!sizes) {
			printf("the screens' sizes differ\n");
			return 1;
		}
		if (count == 0) {
			printf("%lld\n", (long long)looked);
			return 0;
		}
		if (looked >= timeout_ms) {
			printf("%zu pixels differ, in %d,%d - %d,%d\n", count, box[0], box[1],
				box[2], box[3]);
			return 1;
		}
		nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
	}
}

static int write_ppm(const char *name, const char *path)
{
	struct screen s = open_screen(name);
	struct shot shot = grab(&s);
	size_t count = (size_t)shot.width * (size_t)shot.height;
	FILE *f = fopen(path, "wb");

	if (!f) {
		perror(path);
		return 2;
	}
	fprintf(f, "P6\n%d %d\n255\n", shot.width, shot.height);
	for (size_t i = 0; i < count; i++) {
		uint32_t v = shot.pixels[i];
		const uint8_t rgb[3] = { (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };
		fwrite(rgb, 1, sizeof(rgb), f);
	}
	free(shot.pixels);
	return fclose(f) == 0 ? 0 : 2;
}

static int print_down(const char *name)
{
	struct screen s = open_screen(name);
	xcb_query_keymap_reply_t *keys =
		xcb_query_keymap_reply(s.connection, xcb_query_keymap(s.connection), NULL);

	for (int k = 0; keys && k < 256; k++)
		if (keys->keys[k / 8] >> (k % 8) & 1)
			printf("%d\n", k);
	free(keys);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 4 && strcmp(argv[1], "same") == 0)
		return same(argv[2], argv[3], argc > 4 ? atoll(argv[4]) : DEFAULT_TIMEOUT_MS);
	if (argc == 4 && strcmp(argv[1], "ppm") == 0)
		return write_ppm(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "down") == 0)
		return print_down(argv[2]);
	fprintf(stderr, "usage: xlook same :A :B [TIMEOUT_MS] | ppm :A FILE | down :A\n");
	return 2;
}
