#include "server/sound/sink.h"

#include "common/base/log.h"

#include <stdio.h>

/* A server that is restarted, or that comes with the desktop, is there within seconds. */
#define RETRY_US 2000000

static void connect_to_server(struct sound_sink *s);

static void drop(pa_operation *operation)
{
	if (operation)
		pa_operation_unref(operation);
}

/* ---- does anything play? ---- */

static void list_streams(struct sound_sink *s);

static void on_stream(pa_context *c, const pa_sink_input_info *i, int end, void *user)
{
	struct sound_sink *s = user;

	(void)c;
	if (!end) {
		s->found = s->found || (i->sink == s->index && !i->corked);
		return;
	}
	s->listing = false;
	s->plays = s->found;
	if (s->list_again)
		list_streams(s);
}

/* One question at a time: a player that seeks makes dozens of events. */
static void list_streams(struct sound_sink *s)
{
	s->list_again = s->listing;
	if (s->listing || !s->ready)
		return;
	s->listing = true;
	s->found = false;
	drop(pa_context_get_sink_input_info_list(s->context, on_stream, s));
}

/* ---- which sink? ---- */

static void set_sink(struct sound_sink *s, uint32_t index, const char *monitor)
{
	s->index = index;
	snprintf(s->monitor, sizeof(s->monitor), "%s", monitor);
	list_streams(s);
}

static void on_sink(pa_context *c, const pa_sink_info *i, int end, void *user)
{
	(void)c;
	if (!end)
		set_sink(user, i->index, i->monitor_source_name ? i->monitor_source_name : "");
	else if (end < 0)
		set_sink(user, PA_INVALID_INDEX, "");
}

static void on_server(pa_context *c, const pa_server_info *i, void *user)
{
	struct sound_sink *s = user;

	if (!i || !i->default_sink_name)
		set_sink(s, PA_INVALID_INDEX, "");
	else
		drop(pa_context_get_sink_info_by_name(c, i->default_sink_name, on_sink, s));
}

static void on_event(pa_context *c, pa_subscription_event_type_t event, uint32_t index, void *user)
{
	struct sound_sink *s = user;

	(void)index;
	if ((event & PA_SUBSCRIPTION_EVENT_FACILITY_MASK) == PA_SUBSCRIPTION_EVENT_SINK_INPUT)
		list_streams(s);
	else
		drop(pa_context_get_server_info(c, on_server, s));
}

/* ---- the server ---- */

static void forget(struct sound_sink *s)
{
	if (s->context) {
		pa_context_set_state_callback(s->context, NULL, NULL);
		pa_context_set_subscribe_callback(s->context, NULL, NULL);
		pa_context_disconnect(s->context);
		pa_context_unref(s->context);
	}
	s->context = NULL;
	s->ready = s->plays = s->listing = s->list_again = false;
	s->index = PA_INVALID_INDEX;
	s->monitor[0] = '\0';
}

static void on_retry(pa_mainloop_api *api, pa_time_event *e, const struct timeval *when, void *user)
{
	struct sound_sink *s = user;

	(void)when;
	api->time_free(e);
	s->retry = NULL;
	forget(s);
	connect_to_server(s);
}

static void retry_later(struct sound_sink *s)
{
	struct timeval when;

	if (s->retry)
		return;
	pa_gettimeofday(&when);
	pa_timeval_add(&when, RETRY_US);
	s->retry = s->api->time_new(s->api, &when, on_retry, s);
}

static void on_state(pa_context *c, void *user)
{
	struct sound_sink *s = user;
	pa_context_state_t state = pa_context_get_state(c);

	if (state == PA_CONTEXT_READY) {
		s->ready = true;
		log_debug("sound server: %s", pa_context_get_server(c));
		pa_context_set_subscribe_callback(c, on_event, s);
		drop(pa_context_subscribe(c,
			PA_SUBSCRIPTION_MASK_SERVER | PA_SUBSCRIPTION_MASK_SINK |
				PA_SUBSCRIPTION_MASK_SINK_INPUT,
			NULL, NULL));
		drop(pa_context_get_server_info(c, on_server, s));
	} else if (!PA_CONTEXT_IS_GOOD(state)) {
		log_debug("sound server: %s", pa_strerror(pa_context_errno(c)));
		/* The context is freed later: it is calling us. */
		s->ready = s->plays = false;
		s->monitor[0] = '\0';
		retry_later(s);
	}
}

static void connect_to_server(struct sound_sink *s)
{
	s->context = pa_context_new(s->api, "Farseat");
	if (!s->context) {
		retry_later(s);
		return;
	}
	pa_context_set_state_callback(s->context, on_state, s);
	/* NOAUTOSPAWN: a person who has ended the server wants none. */
	if (pa_context_connect(
		    s->context, s->server[0] ? s->server : NULL, PA_CONTEXT_NOAUTOSPAWN, NULL) < 0)
		on_state(s->context, s);
}

void sound_sink_start(struct sound_sink *s, pa_mainloop_api *api, const char *server)
{
	*s = (struct sound_sink){ .api = api };
	snprintf(s->server, sizeof(s->server), "%s", server);
	s->index = PA_INVALID_INDEX;
	connect_to_server(s);
}

void sound_sink_finish(struct sound_sink *s)
{
	forget(s);
	if (s->retry)
		s->api->time_free(s->retry);
	s->retry = NULL;
}
