#include "server/agent/display.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

void display_fail(struct display *d, const char *format, ...)
{
	va_list args;

	if (d->state == DISPLAY_FAILED)
		return;
	d->state = DISPLAY_FAILED;
	va_start(args, format);
	vsnprintf(d->reason, sizeof(d->reason), format, args);
	va_end(args);
}

void display_add_fd(struct display *d, int fd)
{
	assert(d->fd_count < DISPLAY_FDS_MAX);
	d->fds[d->fd_count++] = (struct display_fd){ .fd = fd };
	d->changed |= DISPLAY_CHANGED_FDS;
}

void display_remove_fd(struct display *d, int fd)
{
	for (size_t i = 0; i < d->fd_count; i++)
		if (d->fds[i].fd == fd) {
			d->fds[i] = d->fds[--d->fd_count];
			d->changed |= DISPLAY_CHANGED_FDS;
			return;
		}
}

void display_put_pointer(struct display *d, uint16_t x_px, uint16_t y_px)
{
	d->pointer.x_px = x_px;
	d->pointer.y_px = y_px;
	d->changed |= DISPLAY_CHANGED_PLACE;
}
