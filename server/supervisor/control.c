/*
 * The control socket: farseatctl's way to the running daemon. A Unix stream socket in a 0700
 * folder; the asking process must run as the daemon's user or root (SO_PEERCRED). One line of JSON
 * is a request, one line of JSON its answer.
 */
#include "server/supervisor/supervisor.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"

#include <errno.h>
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

struct control_client {
	struct control_client *next;
	struct control *control; /* borrowed */
	uv_pipe_t pipe;
	char request[REQUEST_MAX_BYTES];
	size_t len;
};

struct control {
	struct supervisor *supervisor; /* borrowed */
	uv_pipe_t pipe;
	char path[PATH_MAX];
	struct control_client *clients; /* owned */
	unsigned client_count;
	bool closed; /* its own handle is; freed once the last client is, too */
};

struct control_answer {
	uv_write_t write;
	char *text; /* owned; from jansson */
};

/* ---- what can be asked ---- */

typedef json_t *(*control_fn)(struct supervisor *s, const json_t *request);

static json_t *failure(const char *why)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", why);
}

static json_t *session_to_json(const struct worker_child *w)
{
	const struct record_stats *t = &w->stats;
	json_t *o = json_pack("{s:i, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:b}", "session",
		(int)w->id, "device", w->device, "device_id", w->device_id, "role",
		registry_role_name(w->caps), "peer", w->peer, "since", (json_int_t)w->since_s,
		"certificate_expires", (json_int_t)w->expires_s, "software", w->software, "tls",
		w->version, "suite", w->suite, "resumed", w->resumed);

	if (o && w->gateway[0])
		json_object_set_new(o, "gateway", json_string(w->gateway));
	if (o && w->has_stats) {
		json_t *stats = json_pack("{s:I, s:I, s:I, s:I, s:i, s:i, s:i, s:i, s:i, s:b}",
			"bytes_in", (json_int_t)t->bytes_in, "bytes_out", (json_int_t)t->bytes_out,
			"frames", (json_int_t)t->frames, "picture_bytes",
			(json_int_t)t->picture_bytes, "rtt_us", (int)t->rtt_us, "base_rtt_us",
			(int)t->base_rtt_us, "link_bytes_per_ms", (int)t->link_bytes_per_ms,
			"encode_us_p50", (int)t->encode_us_p50, "queue_bytes", (int)t->queue_bytes,
			"exact", t->exact);
		json_t *pixels = json_object(), *bytes = json_object();
		for (size_t i = 0; i < RECORD_SECTIONS; i++) {
			json_object_set_new(pixels, record_section_names[i],
				json_integer((json_int_t)t->pixels[i]));
			json_object_set_new(bytes, record_section_names[i],
				json_integer((json_int_t)t->bytes[i]));
		}
		json_object_set_new(stats, "pixels", pixels);
		json_object_set_new(stats, "bytes", bytes);
		json_object_set_new(o, "stats", stats);
	}
	return o;
}

static json_t *do_sessions(struct supervisor *s, const json_t *request)
{
	const struct worker_record ask = { .type = RECORD_STATS_ASK };
	json_t *list = json_array();

	(void)request;
	for (struct worker_child *w = s->workers.first; w; w = w->next) {
		if (w->phase != WORKER_SESSION)
			continue;
		json_array_append_new(list, session_to_json(w));
		child_send(&w->child, &ask, -1); /* for the next time that somebody asks */
	}
	return json_pack("{s:b, s:o}", "ok", 1, "sessions", list);
}

static json_t *do_status(struct supervisor *s, const json_t *request)
{
	const struct agent_child *a = &s->agent;

	(void)request;
	char listen[CONFIG_TEXT_MAX_BYTES];
	listeners_text(s, listen);
	json_t *tunnel = relay_to_json(s);
	json_t *o = json_pack(
		"{s:b, s:s, s:i, s:s, s:s, s:s, s:i, s:i, s:s, s:b, s:i, s:i, s:i, s:I}", "ok", 1,
		"version", FARSEAT_VERSION, "pid", (int)getpid(), "server_id",
		s->registry.server_id, "listen", listen, "display",
		a->ready ? a->screen.display : "", "width", a->ready ? a->screen.width_px : 0,
		"height", a->ready ? a->screen.height_px : 0, "session_failure", a->failure,
		"session_ready", a->ready, "sessions", (int)worker_child_sessions(s->workers.first),
		"before_authentication", (int)s->limiter.preauth, "refused", (int)s->visits.refused,
		"certificate_expires", (json_int_t)s->identity.not_after_s);
	if (tunnel)
		json_object_set_new(o, "tunnel", tunnel);
	return o;
}

static json_t *do_tunnel(struct supervisor *s, const json_t *request)
{
	(void)request;
	supervisor_reload_settings(s);
	if (s->relay.state == RELAY_OFF)
		return failure(
			"there is no relay in farseatd's configuration: [tunnel] relay = USER@HOST");
	return json_pack("{s:b}", "ok", 1);
}

static json_t *do_disconnect(struct supervisor *s, const json_t *request)
{
	const json_t *id = json_object_get(request, "id");
	struct worker_child *w =
		json_is_integer(id) ? workers_find(s, (uint32_t)json_integer_value(id)) : NULL;

	if (!w || w->phase != WORKER_SESSION)
		return failure("there is no such session");
	log_info("%s (%s): the administrator ended session %u", w->device, w->peer, w->id);
	workers_end(w, WIRE_BYE_DISCONNECTED, "the administrator ended this session");
	return json_pack("{s:b}", "ok", 1);
}

static json_t *do_reload(struct supervisor *s, const json_t *request)
{
	int ended = supervisor_reload(s);

	(void)request;
	json_t *reply = ended < 0 ? failure("the registry cannot be read; see farseatd's log")
				  : json_pack("{s:b, s:i}", "ok", 1, "ended", ended);
	/* So farseatctl knows that this version reads the registry's journal. */
	json_object_set_new(reply, "journal", json_true());
	return reply;
}

static const struct {
	const char *name;
	control_fn run;
} commands[] = {
	{ "status", do_status },
	{ "sessions", do_sessions },
	{ "disconnect", do_disconnect },
	{ "reload", do_reload },
	{ "tunnel", do_tunnel },
};

static json_t *carry_out(struct supervisor *s, const char *text, size_t len)
{
	json_t *request = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const char *name = json_string_value(json_object_get(request, "cmd"));
	json_t *reply = NULL;

	for (size_t i = 0; name && i < ARRAY_LEN(commands) && !reply; i++)
		if (strcmp(name, commands[i].name) == 0)
			reply = commands[i].run(s, request);
	json_decref(request);
	return reply ? reply : failure("there is no such request");
}

/* ---- clients ---- */

/* libuv does not say which close callback runs first. */
static void free_when_done(struct control *control)
{
	if (control->closed && !control->clients)
		free(control);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct control_client *client = handle->data;
	struct control *control = client->control;

	for (struct control_client **at = &control->clients; *at; at = &(*at)->next) {
		if (*at == client) {
			*at = client->next;
			break;
		}
	}
	control->client_count--;
	free(client);
	free_when_done(control);
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
		reply(client, carry_out(client->control->supervisor, client->request, line));
		memmove(client->request, end + 1, client->len - line - 1);
		client->len -= line + 1;
		if (uv_is_closing((uv_handle_t *)&client->pipe))
			return;
	}
}

static bool may_ask(const uv_pipe_t *pipe)
{
	struct ucred who;
	socklen_t len = sizeof(who);
	uv_os_fd_t fd;

	if (uv_fileno((const uv_handle_t *)pipe, &fd) < 0 ||
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return false;
	if (who.uid == geteuid() || who.uid == 0)
		return true;
	log_warn("control: user %u (process %d) may not administer this daemon", who.uid, who.pid);
	return false;
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct control *control = stream->data;
	struct control_client *client = status == 0 ? calloc(1, sizeof(*client)) : NULL;

	if (!client)
		return;
	client->control = control;
	client->pipe.data = client;
	uv_pipe_init(stream->loop, &client->pipe, 0);
	client->next = control->clients;
	control->clients = client;
	control->client_count++;
	if (uv_accept(stream, (uv_stream_t *)&client->pipe) < 0 ||
		control->client_count > control->supervisor->settings.limits.control_clients ||
		!may_ask(&client->pipe) ||
		uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read) < 0)
		close_client(client);
}

int control_open(struct supervisor *s)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control)
		return -ENOMEM;
	control->supervisor = s;
	int r = path_of(PATH_RUNTIME, "control.sock", control->path);
	if (r == 0) {
		unlink(control->path); /* a stale one: the lock says that no other daemon runs */
		uv_pipe_init(&s->loop, &control->pipe, 0);
		control->pipe.data = control;
		r = uv_pipe_bind(&control->pipe, control->path);
		if (r == 0 && chmod(control->path, 0600) < 0)
			r = -errno;
		if (r == 0)
			r = uv_listen((uv_stream_t *)&control->pipe, BACKLOG, on_connection);
	}
	s->control = control;
	if (r < 0)
		log_error("cannot make the control socket %s: %s", control->path, strerror(-r));
	return r;
}

static void on_pipe_closed(uv_handle_t *handle)
{
	struct control *control = handle->data;

	control->closed = true;
	free_when_done(control);
}

void control_close(struct supervisor *s)
{
	struct control *control = s->control;

	if (!control)
		return;
	s->control = NULL;
	unlink(control->path);
	for (struct control_client *c = control->clients; c; c = c->next)
		close_client(c);
	uv_close((uv_handle_t *)&control->pipe, on_pipe_closed);
}
