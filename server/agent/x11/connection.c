#include "server/agent/x11/connection.h"

#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xcb/damage.h>
#include <xcb/randr.h>
#include <xcb/shm.h>
#include <xcb/xfixes.h>
#include <xcb/xinput.h>
#include <xcb/xkb.h>
#include <xcb/xtest.h>

#define RED_MASK   0xff0000U
#define GREEN_MASK 0x00ff00U
#define BLUE_MASK  0x0000ffU

uint8_t x11_event_kind(const xcb_generic_event_t *event)
{
	return event->response_type & 0x7f; /* the top bit: sent by another client */
}

static const xcb_query_extension_reply_t *present(struct x11 *x, xcb_extension_t *extension)
{
	const xcb_query_extension_reply_t *reply = xcb_get_extension_data(x->connection, extension);

	return reply && reply->present ? reply : NULL;
}

static int find_extensions(struct x11 *x, char *reason)
{
	static const struct {
		xcb_extension_t *extension;
		const char *name;
	} needed[] = {
		{ &xcb_damage_id, "DAMAGE" },
		{ &xcb_xfixes_id, "XFIXES" },
		{ &xcb_test_id, "XTEST" },
		{ &xcb_xkb_id, "XKEYBOARD" },
	};

	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		xcb_prefetch_extension_data(x->connection, needed[i].extension);
	xcb_prefetch_extension_data(x->connection, &xcb_randr_id);
	xcb_prefetch_extension_data(x->connection, &xcb_input_id);
	xcb_prefetch_extension_data(x->connection, &xcb_shm_id);
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!present(x, needed[i].extension)) {
			snprintf(reason, DISPLAY_REASON_BYTES,
				"the X server lacks the extension %s", needed[i].name);
			return -ENOTSUP;
		}
	x->damage_event = present(x, &xcb_damage_id)->first_event;
	x->xfixes_event = present(x, &xcb_xfixes_id)->first_event;
	x->xkb_event = present(x, &xcb_xkb_id)->first_event;
	if (present(x, &xcb_randr_id))
		x->randr_event = present(x, &xcb_randr_id)->first_event;
	if (present(x, &xcb_input_id))
		x->xinput_opcode = present(x, &xcb_input_id)->major_opcode;
	return 0;
}

/* Extensions stay silent until their version is agreed on. One wait for all. */
static int agree_on_versions(struct x11 *x)
{
	xcb_connection_t *c = x->connection;
	bool has_shm = present(x, &xcb_shm_id);
	xcb_damage_query_version_cookie_t damage = xcb_damage_query_version(c, 1, 1);
	xcb_xfixes_query_version_cookie_t fixes = xcb_xfixes_query_version(c, 4, 0);
	xcb_xkb_use_extension_cookie_t xkb = xcb_xkb_use_extension(c, 1, 0);
	xcb_randr_query_version_cookie_t randr = { 0 };
	xcb_input_xi_query_version_cookie_t xi = { 0 };
	xcb_shm_query_version_cookie_t shm = { 0 };

	if (x->randr_event)
		randr = xcb_randr_query_version(c, 1, 3);
	if (x->xinput_opcode)
		xi = xcb_input_xi_query_version(c, 2, 2);
	if (has_shm)
		shm = xcb_shm_query_version(c);

	xcb_damage_query_version_reply_t *d = xcb_damage_query_version_reply(c, damage, NULL);
	xcb_xfixes_query_version_reply_t *f = xcb_xfixes_query_version_reply(c, fixes, NULL);
	xcb_xkb_use_extension_reply_t *k = xcb_xkb_use_extension_reply(c, xkb, NULL);
	int r = d && f && k && k->supported ? 0 : -ENOTSUP;
	free(d);
	free(f);
	free(k);
	if (x->randr_event) {
		xcb_randr_query_version_reply_t *v = xcb_randr_query_version_reply(c, randr, NULL);
		x->has_randr = v && (v->major_version > 1 || v->minor_version >= 3);
		free(v);
	}
	if (x->xinput_opcode) {
		xcb_input_xi_query_version_reply_t *v =
			xcb_input_xi_query_version_reply(c, xi, NULL);
		if (!v)
			x->xinput_opcode = 0;
		free(v);
	}
	if (has_shm) { /* 1.2 attaches descriptors */
		xcb_shm_query_version_reply_t *v = xcb_shm_query_version_reply(c, shm, NULL);
		x->shm_by_fd = v && (v->major_version > 1 || v->minor_version >= 2);
		free(v);
	}
	return r;
}

static const xcb_visualtype_t *find_visual(const xcb_screen_t *screen)
{
	for (xcb_depth_iterator_t d = xcb_screen_allowed_depths_iterator(screen); d.rem;
		xcb_depth_next(&d))
		for (xcb_visualtype_iterator_t v = xcb_depth_visuals_iterator(d.data); v.rem;
			xcb_visualtype_next(&v))
			if (v.data->visual_id == screen->root_visual)
				return v.data;
	return NULL;
}

/* What goes over the wire is BGRX; no other format is converted. */
static int check_format(struct x11 *x, const xcb_screen_t *screen, char *reason)
{
	const xcb_setup_t *setup = xcb_get_setup(x->connection);
	const xcb_visualtype_t *visual = find_visual(screen);
	int bits = 0;

	for (xcb_format_iterator_t f = xcb_setup_pixmap_formats_iterator(setup); f.rem;
		xcb_format_next(&f))
		if (f.data->depth == screen->root_depth)
			bits = f.data->bits_per_pixel;
	x->depth = screen->root_depth;
	if (bits == 32 && (x->depth == 24 || x->depth == 32) && visual &&
		visual->red_mask == RED_MASK && visual->green_mask == GREEN_MASK &&
		visual->blue_mask == BLUE_MASK &&
		setup->image_byte_order == XCB_IMAGE_ORDER_LSB_FIRST)
		return 0;
	snprintf(reason, DISPLAY_REASON_BYTES,
		"the screen has %d bits a pixel (depth %d); Farseat needs 24-bit colour in 32 bits, blue first",
		bits, x->depth);
	return -ENOTSUP;
}

int x11_open(struct x11 *x, const char *display, char reason[static DISPLAY_REASON_BYTES])
{
	int number = 0;

	*x = (struct x11){ 0 };
	x->connection = xcb_connect(display, &number);
	if (!x->connection || xcb_connection_has_error(x->connection)) {
		snprintf(reason, DISPLAY_REASON_BYTES,
			"cannot open display %.40s: is the server running, and is its Xauthority file the right one?",
			display);
		x11_close(x);
		return -ECONNREFUSED;
	}
	xcb_screen_iterator_t s = xcb_setup_roots_iterator(xcb_get_setup(x->connection));
	for (; s.rem > 1 && number > 0; number--)
		xcb_screen_next(&s);
	x->root = s.data->root;
	x->width_px = s.data->width_in_pixels;
	x->height_px = s.data->height_in_pixels;

	int r = check_format(x, s.data, reason);
	if (r == 0)
		r = find_extensions(x, reason);
	if (r == 0) {
		r = agree_on_versions(x);
		if (r < 0)
			snprintf(reason, DISPLAY_REASON_BYTES,
				"the X server's extensions are too old");
	}
	if (r < 0)
		x11_close(x);
	return r;
}

void x11_close(struct x11 *x)
{
	if (x->connection)
		xcb_disconnect(x->connection);
	x->connection = NULL;
}

int x11_read_size(struct x11 *x)
{
	xcb_get_geometry_reply_t *g = xcb_get_geometry_reply(
		x->connection, xcb_get_geometry(x->connection, x->root), NULL);

	if (!g)
		return -EIO;
	x->width_px = g->width;
	x->height_px = g->height;
	free(g);
	return 0;
}

xcb_atom_t x11_atom(struct x11 *x, const char *name)
{
	xcb_intern_atom_cookie_t cookie =
		xcb_intern_atom(x->connection, 0, (uint16_t)strlen(name), name);
	xcb_intern_atom_reply_t *reply = xcb_intern_atom_reply(x->connection, cookie, NULL);
	xcb_atom_t atom = reply ? reply->atom : XCB_ATOM_NONE;

	free(reply);
	return atom;
}
