#include "server/agent/x11/screen.h"

#include "common/base/log.h"
#include "server/agent/display.h"
#include "server/agent/x11/server_command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xcb/randr.h>

#define TENTH_MM_INCH 254
#define REFRESH_HZ    60

static uint32_t millimetres(const struct x11_screen *s, uint16_t px)
{
	return ((uint32_t)px * TENTH_MM_INCH / s->dpi + 5) / 10;
}

/* Only a screen of our own is resized: by its first output and CRTC, which alone are in use. */
static void find_output(struct x11_screen *s)
{
	xcb_connection_t *c = s->x->connection;
	xcb_randr_get_screen_resources_current_cookie_t asked =
		xcb_randr_get_screen_resources_current(c, s->x->root);
	xcb_randr_get_screen_size_range_reply_t *range = xcb_randr_get_screen_size_range_reply(
		c, xcb_randr_get_screen_size_range(c, s->x->root), NULL);
	xcb_randr_get_screen_resources_current_reply_t *have =
		xcb_randr_get_screen_resources_current_reply(c, asked, NULL);

	if (range && have && have->num_crtcs > 0 && have->num_outputs > 0) {
		s->crtc = xcb_randr_get_screen_resources_current_crtcs(have)[0];
		s->output = xcb_randr_get_screen_resources_current_outputs(have)[0];
		s->max_width_px = MIN(range->max_width, X11_SERVER_MAX_WIDTH_PX);
		s->max_height_px = MIN(range->max_height, X11_SERVER_MAX_HEIGHT_PX);
		s->resizable = true;
	}
	free(range);
	free(have);
}

void x11_screen_init(struct x11_screen *s, struct x11 *x)
{
	*s = (struct x11_screen){ .x = x, .dpi = DISPLAY_DPI };
	if (x->has_randr && x->virtual_screen)
		find_output(s);
}

bool x11_screen_event(struct x11_screen *s, const xcb_generic_event_t *event)
{
	if (x11_event_kind(event) != XCB_CONFIGURE_NOTIFY)
		return false;
	const xcb_configure_notify_event_t *e =
		(const xcb_configure_notify_event_t *)(const void *)event;
	if (e->window == s->x->root &&
		(e->width != s->x->width_px || e->height != s->x->height_px)) {
		s->x->width_px = e->width;
		s->x->height_px = e->height;
		s->changed = true;
	}
	return true;
}

static uint32_t make_mode(struct x11_screen *s, uint16_t width_px, uint16_t height_px)
{
	char name[32];
	xcb_connection_t *c = s->x->connection;
	/* A name may stand for one mode only: an id makes it new. */

	xcb_randr_mode_info_t info = {
		.width = width_px,
		.height = height_px,
		.htotal = width_px,
		.vtotal = height_px,
		.dot_clock = (uint32_t)width_px * height_px * REFRESH_HZ,
	};

	int len = snprintf(name, sizeof(name), "farseat-%ux%u-%x", width_px, height_px,
		xcb_generate_id(c) & 0xffff);
	info.name_len = (uint16_t)len;
	xcb_randr_create_mode_reply_t *made = xcb_randr_create_mode_reply(
		c, xcb_randr_create_mode(c, s->x->root, info, (uint32_t)len, name), NULL);
	uint32_t mode = made ? made->mode : 0;
	free(made);
	return mode;
}

static bool set_crtc(struct x11_screen *s, uint32_t mode, xcb_timestamp_t config)
{
	xcb_randr_set_crtc_config_reply_t *set = xcb_randr_set_crtc_config_reply(s->x->connection,
		xcb_randr_set_crtc_config(s->x->connection, s->crtc, XCB_CURRENT_TIME, config, 0, 0,
			mode, XCB_RANDR_ROTATION_ROTATE_0, mode ? 1 : 0, &s->output),
		NULL);
	bool done = set && set->status == XCB_RANDR_SET_CONFIG_SUCCESS;

	free(set);
	return done;
}

static xcb_timestamp_t config_time(struct x11_screen *s)
{
	xcb_randr_get_screen_resources_current_reply_t *now =
		xcb_randr_get_screen_resources_current_reply(s->x->connection,
			xcb_randr_get_screen_resources_current(s->x->connection, s->x->root), NULL);
	xcb_timestamp_t time = now ? now->config_timestamp : XCB_CURRENT_TIME;

	free(now);
	return time;
}

static void drop_mode(struct x11_screen *s, uint32_t mode)
{
	if (!mode)
		return;
	xcb_randr_delete_output_mode(s->x->connection, s->output, mode);
	xcb_randr_destroy_mode(s->x->connection, mode);
}

int x11_screen_resize(struct x11_screen *s, uint16_t width_px, uint16_t height_px)
{
	xcb_connection_t *c = s->x->connection;

	if (!s->resizable)
		return -ENOTSUP;
	uint16_t width = MAX(MIN(width_px, s->max_width_px), (uint16_t)DISPLAY_SIDE_MIN_PX);
	uint16_t height = MAX(MIN(height_px, s->max_height_px), (uint16_t)DISPLAY_SIDE_MIN_PX);
	if (width == s->x->width_px && height == s->x->height_px)
		return 0;

	uint32_t mode = make_mode(s, width, height);
	if (!mode)
		return -EIO;
	xcb_randr_add_output_mode(c, s->output, mode);
	/* Nobody sees the screen without a mode: the server is ours alone until the new one is set.
	 */
	xcb_grab_server(c);
	set_crtc(s, 0, config_time(s));
	xcb_randr_set_screen_size(
		c, s->x->root, width, height, millimetres(s, width), millimetres(s, height));
	bool done = set_crtc(s, mode, config_time(s));
	xcb_ungrab_server(c);
	if (done) {
		drop_mode(s, s->mode);
		s->mode = mode;
	} else {
		drop_mode(s, mode);
		log_warn("the X server refused a screen of %ux%u", width, height);
	}
	xcb_flush(c);
	return done ? 0 : -EIO;
}

void x11_screen_set_dpi(struct x11_screen *s, uint16_t dpi)
{
	xcb_connection_t *c = s->x->connection;
	char resources[32];

	if (!s->resizable)
		return;
	s->dpi = dpi;
	xcb_randr_set_screen_size(c, s->x->root, s->x->width_px, s->x->height_px,
		millimetres(s, s->x->width_px), millimetres(s, s->x->height_px));
	/* The server is ours, and no program has run on it: there is nothing else in the property. */
	int len = snprintf(resources, sizeof(resources), "Xft.dpi:\t%u\n", (unsigned)dpi);
	xcb_change_property(c, XCB_PROP_MODE_REPLACE, s->x->root, XCB_ATOM_RESOURCE_MANAGER,
		XCB_ATOM_STRING, 8, (uint32_t)len, resources);
	/* The programs that are started next must find it. */
	free(xcb_get_input_focus_reply(c, xcb_get_input_focus(c), NULL));
}
