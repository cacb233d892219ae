#include "server/admin/control_client.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/paths.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The daemon answers from memory; it is stuck when this is not enough. */
#define TIMEOUT_MS 5000
/* All devices' sessions with their statistics fit; more is not our daemon. */
#define REPLY_MAX_BYTES (1024U * 1024)

/* Of the system's daemon, whoever asks. FARSEAT_HOME stands for the system in a try-out. */
static int system_socket(char out[static PATH_MAX])
{
	static const char path[] = "/run/farseat/read.sock";

	if (getenv("FARSEAT_HOME"))
		return path_of(PATH_RUNTIME, "read.sock", out);
	memcpy(out, path, sizeof(path));
	return 0;
}

static int connect_to_daemon(int *out, bool system)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char path[PATH_MAX];
	int r = system ? system_socket(path) : path_of(PATH_RUNTIME, "control.sock", path);

	if (r < 0)
		return r;
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		r = errno == ENOENT || errno == ENOTDIR ? -ECONNREFUSED : -errno;
		fd_close(&fd);
		return r;
	}
	*out = fd;
	return 0;
}

static int send_line(int fd, json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);

	if (!text)
		return -ENOMEM;
	size_t len = strlen(text);
	text[len] = '\n'; /* in place of its end */
	int r = 0;
	for (size_t done = 0; done < len + 1 && r == 0;) {
		ssize_t n = send(fd, text + done, len + 1 - done, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			r = -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	free(text);
	return r;
}

static int receive_line(int fd, struct buffer *out)
{
	uint64_t end_ms = clock_now_ms() + TIMEOUT_MS;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		uint64_t now_ms = clock_now_ms();
		int ready = now_ms < end_ms ? poll(&p, 1, (int)(end_ms - now_ms)) : 0;
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return ready < 0 ? -errno : -ETIMEDOUT;

		uint8_t chunk[4096];
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EPROTO;
		int r = buffer_append(out, chunk, (size_t)n);
		if (r < 0 || chunk[n - 1] == '\n')
			return r;
	}
}

static int ask(json_t *request, json_t **reply, bool system)
{
	struct buffer line;
	int fd = -1;

	*reply = NULL;
	buffer_init(&line, REPLY_MAX_BYTES);
	int r = request ? connect_to_daemon(&fd, system) : -ENOMEM;
	if (r == 0)
		r = send_line(fd, request);
	if (r == 0)
		r = receive_line(fd, &line);
	if (r == 0) {
		*reply = json_loadb((const char *)buffer_front(&line), line.len, 0, NULL);
		if (!*reply)
			r = -EPROTO;
		else if (!json_is_true(json_object_get(*reply, "ok")))
			r = -EREMOTEIO;
	}
	fd_close(&fd);
	buffer_finish(&line);
	json_decref(request);
	return r;
}

int control_ask(json_t *request, json_t **reply)
{
	return ask(request, reply, false);
}

int control_ask_system(json_t *request, json_t **reply)
{
	int r = ask(request, reply, true);

	/* It closes without a word. */
	return r == -EPROTO || r == -ECONNRESET || r == -EPIPE || r == -EACCES ? -EPERM : r;
}

const char *control_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

const char *control_error(const json_t *reply)
{
	const char *text = json_string_value(json_object_get(reply, "error"));

	return text ? text : "it does not say why";
}
