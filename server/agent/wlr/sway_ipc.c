#include "server/agent/wlr/sway_ipc.h"

#include "common/base/fd.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* sway-ipc(7), MESSAGE AND REPLY FORMAT: the magic word, the length and the type, in the machine's own
 * order of bytes. */
#define MAGIC       "i3-ipc"
#define RUN_COMMAND 0
#define ORDER_MAX   96

/* The folder of the Wayland socket, where sway makes its own. */
static int folder_of(char *out, size_t size, const char *name)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const char *slash = strrchr(name, '/');
	int n = -1;

	if (slash)
		n = snprintf(out, size, "%.*s", (int)(slash - name), name);
	else if (runtime)
		n = snprintf(out, size, "%s", runtime);
	return n > 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
}

bool wlr_sway_ipc_open(struct wlr_sway_ipc *s, int wayland_fd, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ucred peer;
	socklen_t len = sizeof(peer);
	char folder[sizeof(address.sun_path)];

	*s = (struct wlr_sway_ipc){ .fd = -1 };
	if (getsockopt(wayland_fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 ||
		folder_of(folder, sizeof(folder), name) < 0)
		return false;
	int n = snprintf(address.sun_path, sizeof(address.sun_path), "%s/sway-ipc.%u.%d.sock",
		folder, (unsigned)peer.uid, (int)peer.pid);
	if (n < 0 || (size_t)n >= sizeof(address.sun_path))
		return false;
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return false;
	if (connect(s->fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) == 0)
		return true;
	fd_close(&s->fd);
	return false;
}

void wlr_sway_ipc_close(struct wlr_sway_ipc *s)
{
	fd_close(&s->fd);
}

int wlr_sway_ipc_resize(struct wlr_sway_ipc *s, const struct wlr_output *output, uint16_t width_px,
	uint16_t height_px, unsigned refresh_hz)
{
	uint8_t message[sizeof(MAGIC) - 1 + 2 * sizeof(uint32_t) + ORDER_MAX];
	const size_t head = sizeof(message) - ORDER_MAX;
	char order[ORDER_MAX];
	size_t put = 0;

	int n = snprintf(order, sizeof(order), "output %s mode %ux%u@%uHz", output->name, width_px,
		height_px, refresh_hz);
	if (n < 0 || n >= (int)sizeof(order))
		return -EIO;
	const uint32_t numbers[] = { (uint32_t)n, RUN_COMMAND };
	memcpy(message, MAGIC, sizeof(MAGIC) - 1);
	memcpy(message + sizeof(MAGIC) - 1, numbers, sizeof(numbers));
	memcpy(message + head, order, (size_t)n);
	s->answer_bytes = 0;
	/* So few bytes fit or are refused whole: sway reads each order at once. */
	int r = fd_write(s->fd, message, head + (size_t)n, &put);
	return r < 0 || put < head + (size_t)n ? -EIO : 0;
}

static bool is_refusal(const struct wlr_sway_ipc *s)
{
	static const char refused[] = "\"success\": false";

	return memmem(s->answer, s->answer_bytes, refused, sizeof(refused) - 1) != NULL;
}

/* Nothing depends on the answer: that the size has changed is told by the output. What is too long is
 * passed over. */
bool wlr_sway_ipc_read(struct wlr_sway_ipc *s)
{
	char rest[sizeof(s->answer)] = { 0 };
	size_t got;

	for (;;) {
		size_t room = sizeof(s->answer) - s->answer_bytes;
		bool kept = room > 0, was = is_refusal(s);
		int r = fd_read(s->fd, kept ? s->answer + s->answer_bytes : rest,
			kept ? room : sizeof(rest), &got);
		if (r == -EAGAIN)
			return true;
		if (r < 0 || got == 0)
			return false;
		s->answer_bytes += kept ? got : 0;
		if (!was && is_refusal(s))
			log_warn("sway refuses to resize its headless output");
	}
}
