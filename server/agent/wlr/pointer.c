#include "server/agent/wlr/pointer.h"

#include "common/base/clock.h"
#include "server/agent/wheel.h"
#include "server/agent/wlr/arrow.h"

#include <linux/input-event-codes.h>
#include <virtual-pointer-client-protocol.h>

/* What libinput says of a notch of a wheel, and compositors of this family with it. */
#define NOTCH_DISTANCE 15

static uint32_t now_ms(void)
{
	return (uint32_t)clock_now_ms();
}

/* --- devices --- */

static void drop_devices(struct wlr_pointer *p)
{
	for (size_t i = 0; i < p->device_count; i++)
		zwlr_virtual_pointer_v1_destroy(p->devices[i]);
	p->device_count = 0;
}

void wlr_pointer_outputs_changed(struct wlr_pointer *p)
{
	drop_devices(p);
	for (size_t i = 0; i < p->capture->shot_count; i++)
		p->devices[p->device_count++] =
			zwlr_virtual_pointer_manager_v1_create_virtual_pointer_with_output(
				p->w->pointers, p->w->seat, p->capture->shots[i].told.proxy);
}

/* --- motion --- */

void wlr_pointer_motion(struct wlr_pointer *p, uint16_t x_px, uint16_t y_px)
{
	for (size_t i = 0; i < p->device_count; i++) {
		const struct wlr_shot *s = &p->capture->shots[i];
		struct zwlr_virtual_pointer_v1 *device = p->devices[i];
		if (x_px < s->x_px || y_px < s->y_px || x_px - s->x_px >= (int)s->width_px ||
			y_px - s->y_px >= (int)s->height_px)
			continue;
		zwlr_virtual_pointer_v1_motion_absolute(device, now_ms(),
			(uint32_t)(x_px - s->x_px), (uint32_t)(y_px - s->y_px), s->width_px,
			s->height_px);
		zwlr_virtual_pointer_v1_frame(device);
		display_put_pointer(p->display, x_px, y_px);
		return;
	}
}

void wlr_pointer_motion_by(struct wlr_pointer *p, int16_t dx_px, int16_t dy_px)
{
	if (p->device_count == 0)
		return;
	zwlr_virtual_pointer_v1_motion(
		p->devices[0], now_ms(), wl_fixed_from_int(dx_px), wl_fixed_from_int(dy_px));
	zwlr_virtual_pointer_v1_frame(p->devices[0]);
}

/* --- buttons and wheel, by any of the devices: they are one pointer --- */

void wlr_pointer_button(struct wlr_pointer *p, uint8_t button, bool down)
{
	static const uint16_t codes[] = {
		[1] = BTN_LEFT, [2] = BTN_MIDDLE, [3] = BTN_RIGHT, [8] = BTN_SIDE, [9] = BTN_EXTRA
	};

	if (p->device_count == 0 || button >= ARRAY_LEN(codes) || codes[button] == 0)
		return;
	zwlr_virtual_pointer_v1_button(p->devices[0], now_ms(), codes[button],
		down ? WL_POINTER_BUTTON_STATE_PRESSED : WL_POINTER_BUTTON_STATE_RELEASED);
	zwlr_virtual_pointer_v1_frame(p->devices[0]);
}

static void turn(struct zwlr_virtual_pointer_v1 *device, uint32_t axis, int16_t by)
{
	wl_fixed_t distance = wl_fixed_from_double((double)by * NOTCH_DISTANCE / WHEEL_NOTCH);

	if (by == 0)
		return;
	zwlr_virtual_pointer_v1_axis_source(device, WL_POINTER_AXIS_SOURCE_WHEEL);
	if (by % WHEEL_NOTCH == 0)
		zwlr_virtual_pointer_v1_axis_discrete(
			device, now_ms(), axis, distance, by / WHEEL_NOTCH);
	else
		zwlr_virtual_pointer_v1_axis(device, now_ms(), axis, distance);
	zwlr_virtual_pointer_v1_frame(device);
}

void wlr_pointer_wheel(struct wlr_pointer *p, int16_t dx, int16_t dy)
{
	if (p->device_count == 0)
		return;
	turn(p->devices[0], WL_POINTER_AXIS_VERTICAL_SCROLL, dy);
	turn(p->devices[0], WL_POINTER_AXIS_HORIZONTAL_SCROLL, dx);
}

/* --- begin and end --- */

int wlr_pointer_init(struct wlr_pointer *p, struct wlr *w, struct display *display,
	struct wlr_capture *capture, bool painted)
{
	*p = (struct wlr_pointer){ .w = w, .display = display, .capture = capture };
	wlr_pointer_outputs_changed(p);
	if (painted)
		return 0;
	int r = wlr_arrow_draw(&display->pointer);
	if (r == 0)
		display->changed |= DISPLAY_CHANGED_SHAPE;
	return r;
}

void wlr_pointer_finish(struct wlr_pointer *p)
{
	if (!p->w)
		return;
	drop_devices(p);
	ipc_memory_finish(&p->display->pointer.image);
	p->w = NULL;
}
