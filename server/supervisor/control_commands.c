/* What can be asked through the control socket: one function a request. */
#include "server/supervisor/control_commands.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "server/registry/audit_tail.h"
#include "server/registry/registry_json.h"
#include "server/supervisor/supervisor.h"

#include <string.h>
#include <unistd.h>

typedef json_t *(*control_fn)(struct supervisor *s, const json_t *request);

/* A page of devices, so that an answer is some hundred kilobytes at most. */
#define CLIENTS_PAGE 500

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

/* Those that are not revoked, and those that wait. */
static void count_registry(const struct supervisor *s, size_t *devices, size_t *invitations)
{
	const struct registry *r = &s->registry;
	int64_t now_s = clock_wall_s();

	for (size_t i = 0; i < r->device_count; i++)
		*devices += !r->devices[i].revoked;
	for (size_t i = 0; i < r->invitation_count; i++)
		*invitations += registry_invitation_pending(&r->invitations[i], now_s);
}

static json_t *do_status(struct supervisor *s, const json_t *request)
{
	const struct agent_child *a = &s->agent;

	(void)request;
	char listen[CONFIG_TEXT_MAX_BYTES];
	listeners_text(s, listen);
	json_t *tunnel = relay_to_json(s);
	size_t devices = 0, invitations = 0;
	count_registry(s, &devices, &invitations);
	json_t *o = json_pack(
		"{s:b, s:s, s:i, s:s, s:s, s:s, s:i, s:i, s:s, s:b, s:b, s:i, s:i, s:i, s:I}", "ok",
		1, "version", FARSEAT_VERSION, "pid", (int)getpid(), "server_id",
		s->registry.server_id, "listen", listen, "display",
		a->ready ? a->screen.display : "", "width", a->ready ? a->screen.width_px : 0,
		"height", a->ready ? a->screen.height_px : 0, "session_failure", a->failure,
		"session_ready", a->ready, "session_active",
		!choice_follows_login(s) || s->choice.login.active, "sessions",
		(int)worker_child_sessions(s->workers.first), "before_authentication",
		(int)s->limiter.preauth, "refused", (int)s->visits.refused, "certificate_expires",
		(json_int_t)s->identity.not_after_s);
	if (o)
		json_object_update_new(
			o, json_pack("{s:s, s:I, s:I}", "workstation", s->registry.workstation,
				   "devices", (json_int_t)devices, "invitations",
				   (json_int_t)invitations));
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

/* From the registry in memory; "from" is the first one's place, "next" that of the next page. */
static json_t *do_clients(struct supervisor *s, const json_t *request)
{
	json_int_t from = json_integer_value(json_object_get(request, "from"));
	size_t first = from > 0 ? (size_t)from : 0, count = s->registry.device_count;
	size_t end = first < count ? first + MIN((size_t)CLIENTS_PAGE, count - first) : first;
	json_t *list = json_array();

	for (size_t i = first; i < end; i++)
		json_array_append_new(
			list, registry_device_json(&s->registry.devices[i], clock_wall_s()));
	json_t *reply = json_pack("{s:b, s:o}", "ok", 1, "clients", list);
	if (reply && end < count)
		json_object_set_new(reply, "next", json_integer((json_int_t)end));
	return reply;
}

static json_t *do_log(struct supervisor *s, const json_t *request)
{
	json_int_t since_s = json_integer_value(json_object_get(request, "since"));
	bool cut;

	(void)s;
	json_t *events = audit_tail(since_s, &cut);
	return json_pack("{s:b, s:b, s:o}", "ok", 1, "cut", cut, "events", events);
}

static const struct {
	const char *name;
	control_fn run;
	bool reads; /* changes nothing: also for admin_group */
} commands[] = {
	{ "status", do_status, true },
	{ "sessions", do_sessions, true },
	{ "clients", do_clients, true },
	{ "log", do_log, true },
	{ "disconnect", do_disconnect, false },
	{ "reload", do_reload, false },
	{ "tunnel", do_tunnel, false },
};

json_t *control_carry_out(struct supervisor *s, const char *text, size_t len, bool may_change)
{
	json_t *request = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const char *name = json_string_value(json_object_get(request, "cmd"));
	json_t *reply = NULL;

	for (size_t i = 0; name && i < ARRAY_LEN(commands) && !reply; i++) {
		if (strcmp(name, commands[i].name) != 0)
			continue;
		reply = may_change || commands[i].reads
				? commands[i].run(s, request)
				: failure("admin_group may only read: this is the administrator's");
	}
	json_decref(request);
	return reply ? reply : failure("there is no such request");
}
