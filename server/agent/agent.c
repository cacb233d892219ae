#include "server/agent/agent.h"

#include "common/base/fd.h"
#include "common/base/log.h"
#include "server/agent/capture_x11.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* How long the last words may take to leave, when the supervisor does not read. */
#define LAST_WORDS_MS 200

/* --- the end --- */

static void end(struct agent *a)
{
	a->ending = true;
	uv_stop(&a->loop);
}

void agent_fail(struct agent *a, const char *reason)
{
	struct record record = { .type = RECORD_AGENT_FAILED };

	if (a->ending)
		return;
	a->failed = true;
	log_error("%s", reason);
	snprintf(record.agent_failed.reason, sizeof(record.agent_failed.reason), "%s", reason);
	if (record_send(&a->supervisor, &record, -1) < 0)
		log_debug("the supervisor is gone");
	end(a);
}

/* --- to the supervisor --- */

static void on_supervisor(uv_poll_t *poll, int status, int events);

static void watch_supervisor(struct agent *a)
{
	int events = UV_READABLE | (ipc_wants_write(&a->supervisor) ? UV_WRITABLE : 0);

	uv_poll_start(&a->supervisor_poll, events, on_supervisor);
}

static void tell_supervisor(struct agent *a, const struct record *record)
{
	if (record_send(&a->supervisor, record, -1) < 0)
		end(a); /* without a supervisor there is nothing to do */
	else
		watch_supervisor(a);
}

static void on_log(void *user, enum log_level level, const char *line)
{
	struct agent *a = user;
	struct record record = { .type = RECORD_LOG };

	record.log.level = (uint8_t)level;
	snprintf(record.log.line, sizeof(record.log.line), "%s", line);
	if (record_send(&a->supervisor, &record, -1) < 0)
		fprintf(stderr, "%s\n", line);
}

void agent_report_violation(struct agent *a, uint32_t worker, uint8_t wire_type)
{
	struct record record = { .type = RECORD_VIOLATION };

	record.violation.worker = worker;
	record.violation.wire_type = wire_type;
	log_warn("worker %u sent %s, which its device may not: closed", worker,
		wire_type ? wire_type_name(wire_type) : "a request for the picture");
	tell_supervisor(a, &record);
}

/* Once when there is something to see, and again when its size changes. */
static void tell_ready(struct agent *a)
{
	struct record record = { .type = RECORD_AGENT_READY };
	struct record_agent_ready *ready = &record.agent_ready;

	memcpy(ready->display, a->display, sizeof(ready->display));
	ready->width_px = a->x.width_px;
	ready->height_px = a->x.height_px;
	ready->resizable = a->screen.resizable;
	tell_supervisor(a, &record);
}

/* --- the display --- */

static void on_damaged(void *user, struct record_rect rect)
{
	frames_damaged(&((struct agent *)user)->frames, rect);
}

static void on_captured(void *user, int status)
{
	frames_captured(&((struct agent *)user)->frames, status);
}

static void on_resized(void *user)
{
	frames_resized(&((struct agent *)user)->frames);
}

static void follow_size(struct agent *a)
{
	if (a->capture->width_px == a->x.width_px && a->capture->height_px == a->x.height_px)
		return;
	a->input.width_px = a->x.width_px;
	a->input.height_px = a->x.height_px;
	int r = a->capture->impl->resize(a->capture, a->x.width_px, a->x.height_px);
	if (r < 0) {
		agent_fail(a, "no memory for a screen of this size");
		return;
	}
	log_info("the screen is %ux%u now", a->x.width_px, a->x.height_px);
	if (a->display[0]) /* else READY is still to come, and tells it */
		tell_ready(a);
}

void agent_check_size(struct agent *a)
{
	if (x11_read_size(&a->x) == 0)
		follow_size(a);
}

static void take_event(struct agent *a, const xcb_generic_event_t *event)
{
	if (event->response_type == 0) {
		const xcb_generic_error_t *e = (const xcb_generic_error_t *)(const void *)event;
		log_debug(
			"X error %u on request %u.%u", e->error_code, e->major_code, e->minor_code);
		return;
	}
	if (capture_x11_event(a->capture, event) || pointer_x11_event(&a->pointer, event) ||
		keyboard_x11_event(&a->keyboard, event) || screen_x11_event(&a->screen, event))
		return;
}

/* Events that were read already, perhaps beside an answer that was waited for. */
static void take_queued_events(struct agent *a)
{
	xcb_generic_event_t *event;

	while (!a->ending && (event = xcb_poll_for_queued_event(a->x.connection)) != NULL) {
		take_event(a, event);
		free(event);
	}
}

static void for_all(struct agent *a, bool *changed, void (*send)(struct viewer *v))
{
	if (!*changed)
		return;
	*changed = false;
	for (struct viewer *v = a->viewers; v; v = v->next)
		send(v);
}

static void act(struct agent *a)
{
	take_queued_events(a);
	a->capture->impl->poll(a->capture);
	pointer_x11_poll(&a->pointer);
	if (a->screen.changed) {
		a->screen.changed = false;
		follow_size(a);
	}
	for_all(a, &a->keyboard.leds_changed, viewer_send_leds);
	for_all(a, &a->pointer.changed, viewer_send_cursor);
	for_all(a, &a->pointer.moved, viewer_send_place);
	frames_next(&a->frames);
	xcb_flush(a->x.connection);
}

/* Before each sleep: everything that was read is acted on, and everything asked for leaves at once.
 * XCB reads whenever it writes or looks for an answer, a flush included, and no poll tells of what
 * it read: so until a whole round has read nothing. */
static void settle(uv_prepare_t *prepare)
{
	struct agent *a = prepare->data;
	xcb_connection_t *c = a->x.connection;
	uint64_t read;

	do {
		if (!a->capture || a->ending)
			return;
		read = xcb_total_read(c);
		act(a);
	} while (xcb_total_read(c) != read);
	if (xcb_connection_has_error(c))
		agent_fail(a, "the connection to the display broke");
}

static void on_x_readable(uv_poll_t *poll, int status, int events)
{
	struct agent *a = poll->data;
	xcb_generic_event_t *event;

	(void)status;
	(void)events;
	/* All that waits in the socket, so that one picture shows the whole of a burst. */
	while (!a->ending && (event = xcb_poll_for_event(a->x.connection)) != NULL) {
		take_event(a, event);
		free(event);
	}
	if (xcb_connection_has_error(a->x.connection))
		agent_fail(a, "the connection to the display broke");
}

void agent_update_use(struct agent *a)
{
	bool used = false;

	if (!a->capture || a->ending)
		return;
	for (const struct viewer *v = a->viewers; v; v = v->next)
		used |= (v->caps & WIRE_CAP_INPUT) != 0;
	keyboard_x11_in_use(&a->keyboard, used);
}

static void on_rested(uv_timer_t *timer)
{
	struct agent *a = timer->data;

	for (struct viewer *v = a->viewers; v; v = v->next)
		viewer_resume(v);
}

void agent_wake_rested(struct agent *a)
{
	if (!uv_is_active((uv_handle_t *)&a->rested))
		uv_timer_start(&a->rested, on_rested, SPARES_REST_MS, 0);
}

/* --- start --- */

static int open_display(struct agent *a, const struct record_agent_config *config, char *reason)
{
	if (config->virtual_session) {
		int r = virtual_start_server(
			&a->session, config->runtime_dir, reason, X11_REASON_BYTES);
		if (r < 0)
			return r;
	} else if (config->xauthority[0] && setenv("XAUTHORITY", config->xauthority, 1) < 0) {
		return -errno;
	}
	int r = x11_open(
		&a->x, config->virtual_session ? a->session.display : config->display, reason);
	if (r < 0)
		return r;
	a->x.virtual_screen = config->virtual_session;
	screen_x11_init(&a->screen, &a->x);
	if (!config->virtual_session)
		return 0;
	if (screen_x11_resize(&a->screen, config->width_px, config->height_px) < 0 ||
		x11_read_size(&a->x) < 0)
		log_warn("the virtual screen keeps its largest size");
	return 0;
}

static int start(struct agent *a, const struct record_agent_config *config, char *reason)
{
	const char *display = config->virtual_session ? a->session.display : config->display;

	int r = open_display(a, config, reason);
	if (r < 0)
		return r;
	snprintf(reason, X11_REASON_BYTES, "cannot set up capture and input on display %.40s",
		display);
	r = capture_x11_create(&a->capture, &a->x, &a->listener);
	if (r < 0)
		return r;
	frames_init(&a->frames, a, &a->loop);
	r = keyboard_x11_init(&a->keyboard, &a->x, &a->input, config->runtime_dir, display);
	if (r < 0)
		return r;
	a->input.width_px = a->x.width_px;
	a->input.height_px = a->x.height_px;
	pointer_x11_init(&a->pointer, &a->x);
	if (config->virtual_session)
		r = virtual_start_session(&a->session, config->command, reason, X11_REASON_BYTES);
	if (r == 0)
		r = uv_poll_init(&a->loop, &a->x_poll, xcb_get_file_descriptor(a->x.connection));
	if (r < 0)
		return r;
	a->x_poll.data = a;
	a->x_polled = true;
	return uv_poll_start(&a->x_poll, UV_READABLE, on_x_readable);
}

static void take_config(struct agent *a, const struct record_agent_config *config)
{
	char reason[X11_REASON_BYTES] = "cannot start";

	a->configured = true;
	int r = start(a, config, reason);
	if (r < 0) {
		log_debug("start failed: %s", strerror(-r));
		agent_fail(a, reason);
		return;
	}
	snprintf(a->display, sizeof(a->display), "%s",
		config->virtual_session ? a->session.display : config->display);
	tell_ready(a);
}

/* --- from the supervisor --- */

static struct viewer *find_viewer(struct agent *a, uint32_t worker)
{
	struct viewer *v = a->viewers;

	while (v && v->worker != worker)
		v = v->next;
	return v;
}

static void take_attach(struct agent *a, const struct record_attach *attach, int fd)
{
	struct viewer *old = find_viewer(a, attach->worker);
	size_t count = 0;

	for (const struct viewer *v = a->viewers; v; v = v->next)
		count++;
	if (old || fd < 0 || count >= AGENT_VIEWERS_MAX) {
		log_warn("worker %u cannot be attached", attach->worker);
		fd_close(&fd);
		return;
	}
	int r = viewer_attach(a, attach->worker, attach->caps, fd);
	if (r < 0)
		log_warn("worker %u cannot be attached: %s", attach->worker, strerror(-r));
}

/* Takes fd over. The supervisor is believed, but not more than it can say. */
static int take_supervisor_record(struct agent *a, const struct record *record, int fd)
{
	struct viewer *v;

	if (record->type == RECORD_ATTACH && a->capture) {
		take_attach(a, &record->attach, fd);
		return 0;
	}
	fd_close(&fd);
	switch ((int)record->type) {
	case RECORD_AGENT_CONFIG:
		if (a->configured)
			return -EPROTO;
		take_config(a, &record->agent_config);
		return 0;
	case RECORD_DETACH:
		v = find_viewer(a, record->detach.worker);
		if (v)
			viewer_close(v);
		return 0;
	case RECORD_SET_CAPS:
		v = find_viewer(a, record->set_caps.worker);
		if (v)
			viewer_set_caps(v, record->set_caps.caps);
		return 0;
	case RECORD_END:
		end(a);
		return 0;
	default:
		return -EPROTO;
	}
}

static void read_supervisor(struct agent *a)
{
	struct record record;

	while (!a->ending) {
		int fd = -1;
		int r = record_receive(&a->supervisor, &record, &fd);
		if (r == -EAGAIN)
			return;
		if (r >= 0)
			r = take_supervisor_record(a, &record, fd);
		if (r < 0) {
			if (r != -EPIPE)
				log_error("the supervisor sent what it may not: ending");
			end(a);
		}
	}
}

static void on_supervisor(uv_poll_t *poll, int status, int events)
{
	struct agent *a = poll->data;

	if (status < 0) {
		end(a);
		return;
	}
	if (events & UV_WRITABLE) {
		int r = ipc_flush(&a->supervisor);
		if (r < 0 && r != -EAGAIN)
			end(a);
	}
	if (events & UV_READABLE)
		read_supervisor(a);
	if (!a->ending)
		watch_supervisor(a);
}

/* --- signals, life --- */

static void on_term(uv_signal_t *handle, int number)
{
	(void)number;
	end(handle->data);
}

static void on_child(uv_signal_t *handle, int number)
{
	struct agent *a = handle->data;
	pid_t pid;

	(void)number;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		const char *reason = virtual_child_ended(&a->session, pid);
		if (reason)
			agent_fail(a, reason);
	}
}

static void start_signal(struct agent *a, uv_signal_t *handle, uv_signal_cb callback, int number)
{
	uv_signal_init(&a->loop, handle);
	handle->data = a;
	uv_signal_start(handle, callback, number);
}

int agent_init(struct agent *a, int supervisor_fd)
{
	*a = (struct agent){ 0 };
	a->listener = (struct capture_listener){ a, on_damaged, on_captured, on_resized };
	int r = ipc_channel_init(&a->supervisor, supervisor_fd);
	if (r < 0)
		return r;
	log_set_sink(on_log, a);
	r = uv_loop_init(&a->loop);
	if (r < 0)
		return r;
	r = uv_poll_init(&a->loop, &a->supervisor_poll, a->supervisor.fd);
	if (r < 0)
		return r;
	a->supervisor_poll.data = a;
	uv_prepare_init(&a->loop, &a->prepare);
	a->prepare.data = a;
	uv_prepare_start(&a->prepare, settle);
	uv_timer_init(&a->loop, &a->rested);
	a->rested.data = a;
	start_signal(a, &a->sigterm, on_term, SIGTERM);
	start_signal(a, &a->sigint, on_term, SIGINT);
	start_signal(a, &a->sigchld, on_child, SIGCHLD);
	watch_supervisor(a);
	return 0;
}

static void send_last_words(struct agent *a)
{
	struct pollfd p = { .fd = a->supervisor.fd, .events = POLLOUT };

	while (ipc_flush(&a->supervisor) == -EAGAIN && poll(&p, 1, LAST_WORDS_MS) > 0)
		continue;
}

static void finish(struct agent *a)
{
	for (struct viewer *v = a->viewers, *next; v; v = next) {
		next = v->next;
		viewer_close(v);
	}
	keyboard_x11_finish(&a->keyboard);
	input_finish(&a->input);
	pointer_x11_finish(&a->pointer);
	if (a->capture)
		a->capture->impl->destroy(a->capture);
	a->capture = NULL;
	frames_finish(&a->frames);
	if (a->x_polled)
		uv_close((uv_handle_t *)&a->x_poll, NULL);
	uv_close((uv_handle_t *)&a->prepare, NULL);
	uv_close((uv_handle_t *)&a->rested, NULL);
	uv_close((uv_handle_t *)&a->sigterm, NULL);
	uv_close((uv_handle_t *)&a->sigint, NULL);
	uv_close((uv_handle_t *)&a->sigchld, NULL);
	uv_close((uv_handle_t *)&a->supervisor_poll, NULL);
	uv_run(&a->loop, UV_RUN_DEFAULT); /* the close callbacks */
	x11_close(&a->x);
	virtual_finish(&a->session);
	send_last_words(a);
	log_set_sink(NULL, NULL);
	ipc_channel_finish(&a->supervisor);
	uv_loop_close(&a->loop);
}

int agent_run(struct agent *a)
{
	uv_run(&a->loop, UV_RUN_DEFAULT);
	bool failed = a->failed;
	finish(a);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
