#include "server/agent/wlr/resizer.h"

#include "common/base/log.h"
#include "server/agent/wlr/turn.h"

#include <errno.h>

/* The one output there is, where it is headless; else NULL: of several, whose places depend on each
 * other's sizes, the person has made an arrangement. */
static const struct wlr_output *the_output(const struct wlr_resizer *r)
{
	const struct wlr_outputs *o = &r->w->outputs;

	return o->count == 1 && wlr_output_is_headless(&o->all[0]) ? &o->all[0] : NULL;
}

void wlr_resizer_outputs_changed(struct wlr_resizer *r)
{
	r->display->resizable = r->sway.fd >= 0 && the_output(r);
}

int wlr_resizer_resize(struct wlr_resizer *r, uint16_t width_px, uint16_t height_px)
{
	const struct wlr_output *o = the_output(r);
	const uint16_t least = DISPLAY_SIDE_MIN_PX;

	width_px = MAX(width_px, least);
	height_px = MAX(height_px, least);
	if (!o || r->sway.fd < 0)
		return -ENOTSUP;
	if (wlr_turn_of(o->transform).swaps) { /* modes are as the monitor has them */
		const uint16_t width = width_px;
		width_px = height_px;
		height_px = width;
	}
	if (o->width_px == width_px && o->height_px == height_px)
		return 0;
	return wlr_sway_ipc_resize(
		&r->sway, o, width_px, height_px, (unsigned)WLR_RESIZER_REFRESH_HZ);
}

void wlr_resizer_ready(struct wlr_resizer *r, int fd)
{
	if (fd != r->sway.fd || wlr_sway_ipc_read(&r->sway))
		return;
	log_warn("sway takes no orders any more: the screen keeps its size");
	display_remove_fd(r->display, fd);
	wlr_sway_ipc_close(&r->sway);
	wlr_resizer_outputs_changed(r);
}

void wlr_resizer_init(struct wlr_resizer *r, struct wlr *w, struct display *display)
{
	*r = (struct wlr_resizer){ .w = w, .display = display };
	if (wlr_sway_ipc_open(&r->sway, wl_display_get_fd(w->display), display->name))
		display_add_fd(display, r->sway.fd);
	wlr_resizer_outputs_changed(r);
}

void wlr_resizer_finish(struct wlr_resizer *r)
{
	if (r->w)
		wlr_sway_ipc_close(&r->sway);
	r->w = NULL;
}
