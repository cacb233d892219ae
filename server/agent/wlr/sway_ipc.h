/*
 * sway's own socket for orders (sway-ipc(7)), beside the Wayland one: the way to resize a headless output
 * of sway 1.7, whose output management fails for those.
 */
#pragma once

#include "server/agent/wlr/output.h"

struct wlr_sway_ipc {
	int fd;           /* owned; -1: there is none, or it is lost */
	char answer[256]; /* of what was ordered last, as far as it has come and fits */
	size_t answer_bytes;
};

/*
 * Connects to the socket of the compositor that is at the other end of wayland_fd; its folder is that of
 * the Wayland socket `name` (as wl_display_connect takes it). false: it has none, so it is not sway.
 */
bool wlr_sway_ipc_open(struct wlr_sway_ipc *s, int wayland_fd, const char *name) MUST_CHECK;
/* fd -1 is fine. */
void wlr_sway_ipc_close(struct wlr_sway_ipc *s);

/* Orders the size of that headless output; its refresh in Hz. Whether that was done is logged when the
 * answer has come. -EIO: it is lost. */
int wlr_sway_ipc_resize(struct wlr_sway_ipc *s, const struct wlr_output *output, uint16_t width_px,
	uint16_t height_px, unsigned refresh_hz) MUST_CHECK;
/* Its descriptor is ready: reads the answers. false: it is lost, and may be closed. */
bool wlr_sway_ipc_read(struct wlr_sway_ipc *s) MUST_CHECK;
