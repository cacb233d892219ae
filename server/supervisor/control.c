/*
 * The control sockets: farseatctl's way to the running daemon. Unix stream sockets; one line of JSON is
 * a request, one line of JSON its answer.
 *
 * control.sock stands in a 0700 folder, for the daemon's user and root. Where the configuration names
 * an admin_group, read.sock stands beside it, which everybody may reach: whoever is not of that group
 * is let go at once, and the group may only read. Both go by peer credentials alone.
 */
#include "server/supervisor/control_commands.h"
#include "server/supervisor/supervisor.h"

#include "common/base/fd.h"
#include "common/base/log.h"

#include <errno.h>
#include <grp.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_MAX_BYTES 4096

/* Who waits to be looked at. */
#define BACKLOG 16

/* Of one process: the kernel's own limit is 65536 (NGROUPS_MAX), people have some dozen. */
#define GROUPS_MAX 1024

struct control_client {
	struct control_client *next;
	struct door *door; /* borrowed */
	uv_pipe_t pipe;
	char request[REQUEST_MAX_BYTES];
	size_t len;
};

/* One socket. */
struct door {
	struct control *control; /* borrowed */
	uv_pipe_t pipe;
	char path[PATH_MAX];
	bool for_readers;
	gid_t group;                    /* of readers */
	struct control_client *clients; /* owned */
	unsigned client_count;
	bool open; /* until its own handle is closed */
};

struct control {
	struct supervisor *supervisor; /* borrowed */
	struct door own, readers;
};

struct control_answer {
	uv_write_t write;
	char *text; /* owned; from jansson */
};

/* ---- clients ---- */

/* libuv does not say which close callback runs first. */
static void free_when_done(struct control *control)
{
	if (!control->own.open && !control->readers.open && !control->own.clients &&
		!control->readers.clients)
		free(control);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct control_client *client = handle->data;
	struct door *door = client->door;

	for (struct control_client **at = &door->clients; *at; at = &(*at)->next) {
		if (*at == client) {
			*at = client->next;
			break;
		}
	}
	door->client_count--;
	free(client);
	free_when_done(door->control);
}

static void close_client(struct control_client *client)
{
	if (!uv_is_closing((uv_handle_t *)&client->pipe))
		uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

static void on_written(uv_write_t *write, int status)
{
	struct control_answer *answer = write->data;

	(void)status;
	free(answer->text);
	free(answer);
}

static void reply(struct control_client *client, json_t *object)
{
	struct control_answer *answer = calloc(1, sizeof(*answer));
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (!answer || !text) {
		free(answer);
		free(text);
		close_client(client);
		return;
	}
	size_t len = strlen(text);
	text[len] = '\n'; /* instead of the end */
	answer->text = text;
	answer->write.data = answer;
	uv_buf_t buffer = uv_buf_init(text, (unsigned)len + 1);
	if (uv_write(&answer->write, (uv_stream_t *)&client->pipe, &buffer, 1, on_written) < 0) {
		on_written(&answer->write, 0);
		close_client(client);
	}
}

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
	struct control_client *client = handle->data;

	(void)wanted;
	*out = uv_buf_init(
		client->request + client->len, (unsigned)(sizeof(client->request) - client->len));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct control_client *client = stream->data;

	(void)buffer;
	if (count < 0) { /* closed, or the request is too long (ENOBUFS) */
		close_client(client);
		return;
	}
	client->len += (size_t)count;
	char *end;
	while ((end = memchr(client->request, '\n', client->len)) != NULL) {
		size_t line = (size_t)(end - client->request);
		reply(client, control_carry_out(client->door->control->supervisor, client->request,
				      line, !client->door->for_readers));
		memmove(client->request, end + 1, client->len - line - 1);
		client->len -= line + 1;
		if (uv_is_closing((uv_handle_t *)&client->pipe))
			return;
	}
}

/* Whether the process at the other end is of that group: its own one, or one beside that. */
static bool is_member(int fd, const struct ucred *who, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);

	if (who->gid == group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == group)
			return true;
	return false;
}

static bool may_ask(const struct control_client *client)
{
	const struct door *door = client->door;
	struct ucred who;
	socklen_t len = sizeof(who);
	uv_os_fd_t fd;

	if (uv_fileno((const uv_handle_t *)&client->pipe, &fd) < 0 ||
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return false;
	if (who.uid == geteuid() || who.uid == 0 ||
		(door->for_readers && is_member(fd, &who, door->group)))
		return true;
	log_warn("control: user %u (process %d) may not %s this daemon", who.uid, who.pid,
		door->for_readers ? "ask" : "administer");
	return false;
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct door *door = stream->data;
	struct control_client *client = status == 0 ? calloc(1, sizeof(*client)) : NULL;

	if (!client)
		return;
	client->door = door;
	client->pipe.data = client;
	uv_pipe_init(stream->loop, &client->pipe, 0);
	client->next = door->clients;
	door->clients = client;
	door->client_count++;
	if (uv_accept(stream, (uv_stream_t *)&client->pipe) < 0 ||
		door->client_count > door->control->supervisor->settings.limits.control_clients ||
		!may_ask(client) ||
		uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read) < 0)
		close_client(client);
}

/* ---- the sockets ---- */

static int open_door(struct door *door, const char *name, unsigned mode)
{
	struct supervisor *s = door->control->supervisor;

	int r = path_of(PATH_RUNTIME, name, door->path);
	if (r == 0) {
		unlink(door->path); /* a stale one: the lock says that no other daemon runs */
		uv_pipe_init(&s->loop, &door->pipe, 0);
		door->pipe.data = door;
		door->open = true;
		r = uv_pipe_bind(&door->pipe, door->path);
	}
	if (r == 0 && chmod(door->path, mode) < 0)
		r = -errno;
	if (r == 0)
		r = uv_listen((uv_stream_t *)&door->pipe, BACKLOG, on_connection);
	if (r < 0)
		log_error("cannot make the control socket %s: %s", door->path, strerror(-r));
	return r;
}

/* The folder may be passed through then, not listed; what else stands in it is its owner's alone. */
static int open_for_readers(struct control *control)
{
	const char *name = control->supervisor->settings.admin_group;
	const struct group *group = name[0] ? getgrnam(name) : NULL;
	char folder[PATH_MAX];

	if (!name[0])
		return 0;
	if (!group) {
		log_error("[server] admin_group = %s: there is no such group; nobody else may read",
			name);
		return 0;
	}
	control->readers.group = group->gr_gid;
	control->readers.for_readers = true;
	int r = path_of(PATH_RUNTIME, NULL, folder);
	if (r == 0 && chmod(folder, 0711) < 0)
		r = -errno;
	return r < 0 ? r : open_door(&control->readers, "read.sock", 0666);
}

int control_open(struct supervisor *s)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control)
		return -ENOMEM;
	control->supervisor = s;
	control->own.control = control->readers.control = control;
	s->control = control;
	int r = open_door(&control->own, "control.sock", 0600);
	return r < 0 ? r : open_for_readers(control);
}

static void on_door_closed(uv_handle_t *handle)
{
	struct door *door = handle->data;

	door->open = false;
	free_when_done(door->control);
}

static void close_door(struct door *door)
{
	if (!door->open)
		return;
	unlink(door->path);
	for (struct control_client *c = door->clients; c; c = c->next)
		close_client(c);
	uv_close((uv_handle_t *)&door->pipe, on_door_closed);
}

void control_close(struct supervisor *s)
{
	struct control *control = s->control;

	if (!control)
		return;
	s->control = NULL;
	bool any = control->own.open || control->readers.open;
	close_door(&control->own);
	close_door(&control->readers);
	if (!any)
		free(control);
}
