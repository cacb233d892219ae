#include "tests/unit/agent/fake_display.h"

#include "server/agent/compare.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct fake_opening fake_opening;
struct fake_display *fake;

static struct fake_display *of(struct display *d)
{
	return (struct fake_display *)(void *)d;
}

/* --- input --- */

PRINTF_LIKE(2, 3) static void note(void *display, const char *format, ...)
{
	struct fake_display *f = display;
	size_t len = strlen(f->written);
	va_list args;

	va_start(args, format);
	vsnprintf(f->written + len, sizeof(f->written) - len, format, args);
	va_end(args);
}

static void sink_key(void *display, uint8_t keycode, bool down)
{
	note(display, "%c%u ", down ? '+' : '-', keycode);
}

static void sink_button(void *display, uint8_t button, bool down)
{
	note(display, "b%c%u ", down ? '+' : '-', button);
}

static void sink_motion(void *display, uint16_t x_px, uint16_t y_px)
{
	note(display, "@%u,%u ", x_px, y_px);
}

static void sink_motion_by(void *display, int16_t dx_px, int16_t dy_px)
{
	note(display, "~%d,%d ", dx_px, dy_px);
}

static void sink_group(void *display, uint32_t group)
{
	note(display, "g%u ", group);
}

static void sink_bind(void *display, uint8_t keycode, uint32_t keysym, uint32_t shifted)
{
	(void)shifted;
	note(display, "bind%u=%x ", keycode, keysym);
}

static const struct input_sink sink = {
	.can = INPUT_CAN_BIND | INPUT_CAN_LOCK_GROUP | INPUT_CAN_MOTION_BY,
	.key = sink_key,
	.button = sink_button,
	.motion = sink_motion,
	.motion_by = sink_motion_by,
	.lock_group = sink_group,
	.bind = sink_bind,
};

/* --- picture --- */

static void wake(struct fake_display *f)
{
	uint64_t one = 1;

	if (write(f->event_fd, &one, sizeof(one)) < 0)
		abort();
}

static int make_memory(struct fake_display *f, uint16_t width_px, uint16_t height_px)
{
	ipc_memory_finish(&f->base.memory);
	free(f->shown);
	f->shown = calloc((size_t)width_px * height_px, 4);
	if (!f->shown)
		return -ENOMEM;
	f->base.width_px = width_px;
	f->base.height_px = height_px;
	return ipc_memory_create(&f->base.memory, "fake", (size_t)width_px * height_px * 4);
}

static int capture(struct display *d, const struct record_rect *rects, size_t count)
{
	struct fake_display *f = of(d);

	memcpy(f->rects, rects, count * sizeof(*rects));
	f->rect_count = count;
	f->captures++;
	f->capturing = true;
	f->looking = false;
	return 0;
}

static void copy_in(struct fake_display *f, const struct record_rect *r)
{
	uint32_t *to = (uint32_t *)(void *)f->base.memory.bytes;

	for (size_t y = r->y_px; y < (size_t)r->y_px + r->height_px; y++) {
		size_t at = y * f->base.width_px + r->x_px;
		memcpy(to + at, f->shown + at, (size_t)r->width_px * 4);
	}
}

static void end_capture(struct fake_display *f)
{
	const struct display_listener *to = f->base.listener;
	int status = f->fail_capture ? -EAGAIN : 0;

	for (size_t i = 0; status == 0 && i < f->rect_count; i++)
		copy_in(f, &f->rects[i]);
	f->capturing = false;
	f->fail_capture = false;
	to->captured(to->user, status);
}

static int look(struct display *d)
{
	of(d)->looks++;
	of(d)->looking = true;
	return 0;
}

static void end_look(struct fake_display *f)
{
	const struct display_listener *to = f->base.listener;
	struct region differs = { 0 };

	f->looking = false;
	compare_rows(f->base.memory.bytes, (const uint8_t *)f->shown, f->base.width_px, 0,
		f->base.height_px, &differs);
	for (size_t i = 0; i < differs.count; i++)
		to->damaged(to->user, differs.rects[i]);
	to->looked(to->user, 0);
}

static void dispatch(struct display *d, int fd)
{
	uint64_t count;

	of(d)->dispatched++;
	if (fd != of(d)->event_fd || read(fd, &count, sizeof(count)) < 0)
		display_fail(d, "the fake display broke");
}

static void take(struct display *d)
{
	struct fake_display *f = of(d);

	if (f->capturing && !f->slow)
		end_capture(f);
	if (f->looking)
		end_look(f);
}

static bool flush(struct display *d)
{
	const struct fake_display *f = of(d);

	return (f->capturing && !f->slow) || f->looking;
}

static int resize(struct display *d, uint16_t width_px, uint16_t height_px)
{
	of(d)->resizes++;
	fake_resize(width_px, height_px);
	return 0;
}

/* --- the rest --- */

static void set_in_use(struct display *d, bool used)
{
	of(d)->in_use = used;
}

static void refresh_layout(struct display *d)
{
	of(d)->layouts_read++;
}

static int tidy(struct display *d)
{
	(void)d;
	return -1;
}

static void destroy(struct display *d)
{
	struct fake_display *f = of(d);

	if (!d)
		return;
	ipc_memory_finish(&d->memory);
	ipc_memory_finish(&d->pointer.image);
	close(f->event_fd);
	free(f->shown);
	free(f);
	fake = NULL;
}

static int create(struct display **out, const struct record_agent_config *config,
	const char *command, const struct display_listener *listener, struct input *input)
{
	(void)command;
	static struct display_impl trusted;
	struct fake_display *f = calloc(1, sizeof(*f));

	(void)config;
	if (!f)
		return -ENOMEM;
	trusted = fake_display_impl;
	trusted.look = NULL;
	f->base.impl = fake_opening.trusted ? &trusted : &fake_display_impl;
	f->base.listener = listener;
	f->base.input = input;
	f->base.memory.fd = -1;
	f->base.pointer.image.fd = -1;
	f->base.resizable = fake_opening.resizable;
	snprintf(f->base.name, sizeof(f->base.name), "fake");
	input_init(input, &sink, f);
	f->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	display_add_fd(&f->base, f->event_fd);
	fake = f;
	*out = &f->base;
	if (make_memory(f, FAKE_WIDTH_PX, FAKE_HEIGHT_PX) < 0)
		display_fail(&f->base, "no memory");
	else if (!fake_opening.late)
		f->base.state = DISPLAY_OPEN;
	return 0;
}

const struct display_impl fake_display_impl = {
	.name = "fake",
	.create = create,
	.destroy = destroy,
	.dispatch = dispatch,
	.take = take,
	.flush = flush,
	.capture = capture,
	.look = look,
	.resize = resize,
	.set_in_use = set_in_use,
	.refresh_layout = refresh_layout,
	.tidy = tidy,
};

/* --- its person and programs --- */

void fake_open(void)
{
	fake->base.state = DISPLAY_OPEN;
	wake(fake);
}

void fake_draw(struct record_rect r, uint32_t colour, bool tells)
{
	for (size_t y = r.y_px; y < (size_t)r.y_px + r.height_px; y++)
		for (size_t x = r.x_px; x < (size_t)r.x_px + r.width_px; x++)
			fake->shown[y * fake->base.width_px + x] = colour;
	if (tells)
		fake->base.listener->damaged(fake->base.listener->user, r);
	wake(fake);
}

void fake_finish_capture(void)
{
	end_capture(fake);
	wake(fake);
}

void fake_resize(uint16_t width_px, uint16_t height_px)
{
	fake->capturing = false;
	fake->looking = false;
	if (make_memory(fake, width_px, height_px) < 0)
		abort();
	fake->base.listener->resized(fake->base.listener->user);
	wake(fake);
}

bool fake_is_captured(void)
{
	return memcmp(fake->shown, fake->base.memory.bytes,
		       (size_t)fake->base.width_px * fake->base.height_px * 4) == 0;
}
