#include "server/agent/agent.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/ipc/child.h"
#include "common/ipc/dispatch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* How long the last words may take to leave, when the supervisor does not read. */
#define LAST_WORDS_MS 200
/* How often is looked whether a lent keycode has rested, while input waits for one. */
#define AGENT_RESTED_MS 20

/* --- the end --- */

static void end(struct agent *a)
{
	a->ending = true;
	uv_stop(&a->loop);
}

void agent_fail(struct agent *a, const char *reason)
{
	struct agent_record record = { .type = RECORD_AGENT_FAILED };

	if (a->ending)
		return;
	a->failed = true;
	log_error("%s", reason);
	snprintf(record.agent_failed.reason, sizeof(record.agent_failed.reason), "%s", reason);
	if (agent_record_send(&a->supervisor, &record, -1) < 0)
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

static void tell_supervisor(struct agent *a, const struct agent_record *record)
{
	if (agent_record_send(&a->supervisor, record, -1) < 0)
		end(a); /* without a supervisor there is nothing to do */
	else
		watch_supervisor(a);
}

void agent_report_violation(struct agent *a, uint32_t worker, uint8_t wire_type)
{
	struct agent_record record = { .type = RECORD_VIOLATION };

	record.violation.worker = worker;
	record.violation.wire_type = wire_type;
	log_warn("worker %u sent %s, which its device may not: closed", worker,
		wire_type ? wire_type_name(wire_type) : "a request for the picture");
	tell_supervisor(a, &record);
}

/* Once when there is something to see, and again when its size changes. */
static void tell_ready(struct agent *a)
{
	struct agent_record record = { .type = RECORD_AGENT_READY };
	struct record_agent_ready *ready = &record.agent_ready;

	snprintf(ready->display, sizeof(ready->display), "%s", a->display->name);
	ready->width_px = a->display->width_px;
	ready->height_px = a->display->height_px;
	ready->resizable = a->display->resizable;
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

static void on_looked(void *user, int status)
{
	frames_looked(&((struct agent *)user)->frames, status);
}

static void on_stirred(void *user)
{
	frames_stirred(&((struct agent *)user)->frames);
}

static void on_resized(void *user)
{
	struct agent *a = user;

	if (!a->open) /* READY is still to come, and tells it */
		return;
	a->input.width_px = a->display->width_px;
	a->input.height_px = a->display->height_px;
	frames_resized(&a->frames);
	log_info("the screen is %ux%u now", a->display->width_px, a->display->height_px);
	tell_ready(a);
}

static void on_display_ready(void *user, int fd)
{
	struct agent *a = user;

	if (!a->ending)
		a->display->impl->dispatch(a->display, fd);
}

/* The display is there: whoever is attached from now on has something to see. */
static void begin(struct agent *a)
{
	char reason[DISPLAY_REASON_BYTES] = "cannot start the session";

	a->input.width_px = a->display->width_px;
	a->input.height_px = a->display->height_px;
	if (a->config.virtual_session) {
		int r = desktop_start(
			&a->desktop, a->config.command, a->display->name, reason, sizeof(reason));
		if (r < 0) {
			agent_fail(a, reason);
			return;
		}
	}
	a->open = true;
	tell_ready(a);
}

static void follow_state(struct agent *a)
{
	struct display *d = a->display;

	if (a->ending)
		return;
	if (d->state == DISPLAY_FAILED) {
		agent_fail(a, d->reason);
		return;
	}
	if (d->changed & DISPLAY_CHANGED_FDS) {
		d->changed &= ~(unsigned)DISPLAY_CHANGED_FDS;
		if (watch_set(&a->watch, &a->loop, d->fds, d->fd_count, on_display_ready, a) < 0)
			agent_fail(a, "the display's descriptors cannot be polled");
	}
	if (d->state == DISPLAY_OPEN && !a->open && !a->ending)
		begin(a);
}

static void for_all(struct agent *a, unsigned change, void (*send)(struct viewer *v))
{
	if (!(a->display->changed & change))
		return;
	a->display->changed &= ~change;
	for (struct viewer *v = a->viewers; v; v = v->next)
		send(v);
}

static void act(struct agent *a)
{
	a->display->impl->take(a->display);
	follow_state(a);
	if (!a->open || a->ending)
		return;
	for_all(a, DISPLAY_CHANGED_LEDS, viewer_send_leds);
	for_all(a, DISPLAY_CHANGED_SHAPE, viewer_send_cursor);
	for_all(a, DISPLAY_CHANGED_PLACE, viewer_send_place);
	frames_next(&a->frames);
}

/* Before each sleep: everything that was read is acted on, and everything asked for leaves at once.
 */
static void settle(uv_prepare_t *prepare)
{
	struct agent *a = prepare->data;

	if (!a->display || a->ending)
		return;
	follow_state(a); /* what dispatch found */
	while (!a->ending) {
		act(a);
		if (a->ending || !a->display->impl->flush(a->display))
			break;
	}
	follow_state(a);
}

static void on_tidy(uv_timer_t *timer);

/* Keycodes that are still lent are taken back when programs have read their last key. */
static void tidy(struct agent *a)
{
	int next_ms = a->display->impl->tidy(a->display);

	if (next_ms < 0)
		uv_timer_stop(&a->tidy);
	else
		uv_timer_start(&a->tidy, on_tidy, (uint64_t)next_ms, 0);
}

static void on_tidy(uv_timer_t *timer)
{
	struct agent *a = timer->data;

	if (a->open && !a->ending)
		tidy(a);
}

void agent_update_use(struct agent *a)
{
	bool used = false;

	if (!a->open || a->ending)
		return;
	for (const struct viewer *v = a->viewers; v; v = v->next)
		used |= (v->caps & WIRE_CAP_INPUT) != 0;
	a->display->impl->set_in_use(a->display, used);
	tidy(a);
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
		uv_timer_start(&a->rested, on_rested, AGENT_RESTED_MS, 0);
}

static void on_answers(uv_timer_t *timer)
{
	struct agent *a = timer->data;
	uint64_t now_ms = clock_now_ms();
	int next_ms = -1;

	for (struct viewer *v = a->viewers; v; v = v->next) {
		int ms = viewer_answer(v, now_ms);
		if (ms >= 0 && (next_ms < 0 || ms < next_ms))
			next_ms = ms;
	}
	if (next_ms >= 0)
		uv_timer_start(timer, on_answers, (uint64_t)next_ms, 0);
}

void agent_wake_answers(struct agent *a)
{
	if (!uv_is_active((uv_handle_t *)&a->answers))
		uv_timer_start(&a->answers, on_answers, VIEWER_ANSWER_MS, 0);
}

static int take_config(void *owner, const void *body, int *fd)
{
	struct agent *a = owner;

	(void)fd;
	a->configured = true;
	a->config = *(const struct record_agent_config *)body;
	int r = a->display_impl->create(&a->display, &a->config, &a->listener, &a->input);
	if (r < 0)
		agent_fail(a, "no memory for a display");
	else
		follow_state(a);
	return 0;
}

/* --- from the supervisor --- */

static struct viewer *find_viewer(struct agent *a, uint32_t worker)
{
	struct viewer *v = a->viewers;

	while (v && v->worker != worker)
		v = v->next;
	return v;
}

static int take_attach(void *owner, const void *body, int *fd)
{
	struct agent *a = owner;
	const struct record_attach *attach = body;
	struct viewer *old = find_viewer(a, attach->worker);
	size_t count = 0;

	for (const struct viewer *v = a->viewers; v; v = v->next)
		count++;
	if (old || *fd < 0 || count >= AGENT_VIEWERS_MAX) {
		log_warn("worker %u cannot be attached", attach->worker);
		return 0;
	}
	int r = viewer_attach(a, attach->worker, attach->caps, *fd);
	*fd = -1;
	if (r < 0)
		log_warn("worker %u cannot be attached: %s", attach->worker, strerror(-r));
	return 0;
}

static int take_detach(void *owner, const void *body, int *fd)
{
	struct viewer *v = find_viewer(owner, ((const struct record_detach *)body)->worker);

	(void)fd;
	if (v)
		viewer_close(v);
	return 0;
}

static int take_caps(void *owner, const void *body, int *fd)
{
	const struct record_set_caps *set = body;
	struct viewer *v = find_viewer(owner, set->worker);

	(void)fd;
	if (v)
		viewer_set_caps(v, set->caps);
	return 0;
}

static int take_end(void *owner, const void *body, int *fd)
{
	(void)body;
	(void)fd;
	end(owner);
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	(void)owner;
	(void)record;
	log_error("the supervisor sent %s: ending", what);
}

enum phase { UNCONFIGURED, OPENING, OPEN };

static unsigned phase_of(const void *owner)
{
	const struct agent *a = owner;

	return a->open ? OPEN : a->configured ? OPENING : UNCONFIGURED;
}

/* The supervisor is believed, but not more than it can say. */
static const struct dispatch_rule rules[] = {
	{ RECORD_AGENT_CONFIG, DISPATCH_IN(UNCONFIGURED), take_config, 0 },
	{ RECORD_ATTACH, DISPATCH_IN(OPEN), take_attach, 0 },
	{ RECORD_SET_CAPS, DISPATCH_ALWAYS, take_caps, 0 },
	{ RECORD_DETACH, DISPATCH_ALWAYS, take_detach, 0 },
	{ RECORD_END, DISPATCH_ALWAYS, take_end, 0 },
};

static const struct dispatch dispatch = {
	.records = &agent_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.phase = phase_of,
	.refuse = refuse,
};

static void read_supervisor(struct agent *a)
{
	struct agent_record room;

	while (!a->ending) {
		int r = dispatch_next(&a->supervisor, &dispatch, a, &room);
		if (r == -EAGAIN)
			return;
		if (r < 0)
			end(a);
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
		if (desktop_ended(&a->desktop, pid))
			agent_fail(a, "the session ended");
		else if (a->display && a->display->impl->child_ended)
			a->display->impl->child_ended(a->display, pid);
	}
}

static void start_signal(struct agent *a, uv_signal_t *handle, uv_signal_cb callback, int number)
{
	uv_signal_init(&a->loop, handle);
	handle->data = a;
	uv_signal_start(handle, callback, number);
}

int agent_init(struct agent *a, int supervisor_fd, const struct display_impl *display_impl)
{
	*a = (struct agent){ .display_impl = display_impl };
	a->listener = (struct display_listener){ a, on_damaged, on_captured, on_looked, on_stirred,
		on_resized };
	int r = ipc_channel_init(&a->supervisor, supervisor_fd);
	if (r < 0)
		return r;
	log_set_sink(ipc_child_log, &a->supervisor);
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
	uv_timer_init(&a->loop, &a->answers);
	a->answers.data = a;
	uv_timer_init(&a->loop, &a->tidy);
	a->tidy.data = a;
	frames_init(&a->frames, a, &a->loop);
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

void agent_run(struct agent *a)
{
	uv_run(&a->loop, UV_RUN_DEFAULT);
}

int agent_finish(struct agent *a)
{
	a->ending = true;
	for (struct viewer *v = a->viewers, *next; v; v = next) {
		next = v->next;
		viewer_close(v);
	}
	watch_finish(&a->watch);
	frames_finish(&a->frames);
	uv_close((uv_handle_t *)&a->prepare, NULL);
	uv_close((uv_handle_t *)&a->rested, NULL);
	uv_close((uv_handle_t *)&a->answers, NULL);
	uv_close((uv_handle_t *)&a->tidy, NULL);
	uv_close((uv_handle_t *)&a->sigterm, NULL);
	uv_close((uv_handle_t *)&a->sigint, NULL);
	uv_close((uv_handle_t *)&a->sigchld, NULL);
	uv_close((uv_handle_t *)&a->supervisor_poll, NULL);
	uv_run(&a->loop, UV_RUN_DEFAULT); /* the close callbacks */
	a->display_impl->destroy(a->display);
	a->display = NULL;
	input_finish(&a->input);
	desktop_finish(&a->desktop);
	send_last_words(a);
	log_set_sink(NULL, NULL);
	ipc_channel_finish(&a->supervisor);
	uv_loop_close(&a->loop);
	return a->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
