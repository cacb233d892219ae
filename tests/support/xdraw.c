/*
 * Draws on an X display what the end-to-end tests need, in a window of its own that covers the
 * screen; ends when its standard input does, or after each command line that it has carried out
 * prints "done".
 *
 *   xdraw :N
 * Commands, one a line:
 *   photo SEED        a full-screen picture with gradients and noise, as a photograph has
 *   rects COUNT SEED  filled rectangles of random places, sizes and colours
 *   scroll LINES      moves what is shown up by LINES and draws noise below
 *   window X Y        moves a second window of 400x300 with a pattern of its own to X,Y
 *   cursor SIDE       over its windows the pointer is a white square of so many pixels; 0: nothing
 *   quit
 */
#include "paint.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <xcb/shm.h>
#include <xcb/xcb.h>

#define SMALL_WIDTH_PX  400
#define SMALL_HEIGHT_PX 300

struct drawing {
	xcb_connection_t *connection;
	const xcb_screen_t *screen;
	xcb_window_t window, small;
	xcb_gcontext_t gc;
	xcb_shm_seg_t segment;
	struct paint paint; /* of the whole screen, shared with the server */
};

static xcb_window_t make_window(struct drawing *d, int width, int height)
{
	xcb_window_t window = xcb_generate_id(d->connection);
	const uint32_t values[] = { d->screen->black_pixel, 1 };

	xcb_create_window(d->connection, XCB_COPY_FROM_PARENT, window, d->screen->root, 0, 0,
		(uint16_t)width, (uint16_t)height, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
		d->screen->root_visual, XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT, values);
	return window;
}

static void open_drawing(struct drawing *d, const char *name)
{
	*d = (struct drawing){ .connection = xcb_connect(name, NULL) };
	if (xcb_connection_has_error(d->connection)) {
		fprintf(stderr, "xdraw: cannot open display %s\n", name);
		exit(2);
	}
	d->screen = xcb_setup_roots_iterator(xcb_get_setup(d->connection)).data;
	size_t size = (size_t)d->screen->width_in_pixels * d->screen->height_in_pixels * 4;
	int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
	void *memory = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
	if (memory == (void *)-1) {
		perror("xdraw: shared memory");
		exit(2);
	}
	d->paint.pixels = memory;
	d->paint.width_px = d->screen->width_in_pixels;
	d->paint.height_px = d->screen->height_in_pixels;
	d->segment = xcb_generate_id(d->connection);
	xcb_shm_attach(d->connection, d->segment, (uint32_t)id, 0);
	free(xcb_get_input_focus_reply(
		d->connection, xcb_get_input_focus(d->connection), NULL)); /* attached by now */
	shmctl(id, IPC_RMID, NULL);

	d->window = make_window(d, d->screen->width_in_pixels, d->screen->height_in_pixels);
	d->small = make_window(d, SMALL_WIDTH_PX, SMALL_HEIGHT_PX);
	d->gc = xcb_generate_id(d->connection);
	xcb_create_gc(d->connection, d->gc, d->window, 0, NULL);
	xcb_map_window(d->connection, d->window);
}

static void put_all(struct drawing *d)
{
	uint16_t width = d->screen->width_in_pixels, height = d->screen->height_in_pixels;

	xcb_shm_put_image(d->connection, d->window, d->gc, width, height, 0, 0, width, height, 0, 0,
		d->screen->root_depth, XCB_IMAGE_FORMAT_Z_PIXMAP, 0, d->segment, 0);
}

static void draw_photo(struct drawing *d, unsigned seed)
{
	paint_photo(&d->paint, seed);
	put_all(d);
}

static void draw_rects(struct drawing *d, unsigned count, unsigned seed)
{
	d->paint.random = seed;
	for (unsigned i = 0; i < count; i++) {
		struct paint_rect next = paint_next_rect(&d->paint);
		const xcb_rectangle_t r = {
			.x = (int16_t)next.x_px,
			.y = (int16_t)next.y_px,
			.width = (uint16_t)next.width_px,
			.height = (uint16_t)next.height_px,
		};
		xcb_change_gc(d->connection, d->gc, XCB_GC_FOREGROUND, &next.colour);
		xcb_poly_fill_rectangle(d->connection, d->window, d->gc, 1, &r);
		xcb_flush(d->connection); /* one by one, as an application that draws in a hurry */
	}
}

static void draw_scroll(struct drawing *d, unsigned lines)
{
	paint_scroll(&d->paint, lines);
	put_all(d);
}

static void move_small(struct drawing *d, int x, int y)
{
	const uint32_t place[] = { (uint32_t)x, (uint32_t)y };
	uint32_t colour = 0x2f6fdf;

	xcb_map_window(d->connection, d->small);
	xcb_configure_window(
		d->connection, d->small, XCB_CONFIG_WINDOW_X | XCB_CONFIG_WINDOW_Y, place);
	for (int i = 0; i < SMALL_HEIGHT_PX; i += 4) {
		const xcb_rectangle_t r = { 0, (int16_t)i, SMALL_WIDTH_PX, 2 };
		colour += 0x010203;
		xcb_change_gc(d->connection, d->gc, XCB_GC_FOREGROUND, &colour);
		xcb_poly_fill_rectangle(d->connection, d->small, d->gc, 1, &r);
	}
}

static void set_cursor(struct drawing *d, unsigned side)
{
	xcb_pixmap_t shape = xcb_generate_id(d->connection);
	xcb_gcontext_t gc = xcb_generate_id(d->connection);
	xcb_cursor_t cursor = xcb_generate_id(d->connection);
	const uint16_t all = (uint16_t)(side ? side : 1), white = 0xffff;
	const uint32_t value = cursor, bit = side > 0;
	const xcb_rectangle_t whole = { 0, 0, all, all };

	xcb_create_pixmap(d->connection, 1, shape, d->screen->root, all, all);
	xcb_create_gc(d->connection, gc, shape, XCB_GC_FOREGROUND, &bit);
	xcb_poly_fill_rectangle(d->connection, shape, gc, 1, &whole);
	xcb_create_cursor(d->connection, cursor, shape, shape, white, white, white, 0, 0, 0, 0, 0);
	xcb_change_window_attributes(d->connection, d->window, XCB_CW_CURSOR, &value);
	xcb_change_window_attributes(d->connection, d->small, XCB_CW_CURSOR, &value);
	xcb_free_cursor(d->connection, cursor);
	xcb_free_gc(d->connection, gc);
	xcb_free_pixmap(d->connection, shape);
}

int main(int argc, char **argv)
{
	struct drawing d;
	char line[256];
	unsigned a, b;
	int x, y;

	if (argc != 2) {
		fprintf(stderr, "usage: xdraw :N\n");
		return 2;
	}
	open_drawing(&d, argv[1]);
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "photo %u", &a) == 1)
			draw_photo(&d, a);
		else if (sscanf(line, "rects %u %u", &a, &b) == 2)
			draw_rects(&d, a, b);
		else if (sscanf(line, "scroll %u", &a) == 1)
			draw_scroll(&d, a);
		else if (sscanf(line, "window %d %d", &x, &y) == 2)
			move_small(&d, x, y);
		else if (sscanf(line, "cursor %u", &a) == 1)
			set_cursor(&d, a);
		else
			break;
		free(xcb_get_input_focus_reply(
			d.connection, xcb_get_input_focus(d.connection), NULL)); /* it is drawn */
		puts("done");
		fflush(stdout);
	}
	xcb_disconnect(d.connection);
	return 0;
}
