#include "server/agent/agent.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/ipc/child.h"
#include "server/agent/channel.h"
#include "server/agent/supervisor.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* How often is looked whether a lent keycode has rested, while input waits for one. */
#define AGENT_RESTED_MS 20

void agent_end(struct agent *a)
{
	a->ending = true;
	uv_stop(&a->loop);
}

void agent_fail(struct agent *a, const char *reason)
{
	if (a->ending)
		return;
	a->failed = true;
	log_error("%s", reason);
	agent_tell_failed(a, reason);
	agent_end(a);
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
	agent_tell_ready(a);
}

static void on_display_ready(void *user, int fd)
{
	struct agent *a = user;

	if (!a->ending)
		a->display->impl->dispatch(a->display, fd);
}

/* A session without sound is one all the same. */
static void start_sound(struct agent *a)
{
	int r = sound_server_start(&a->sound_server, a->config.runtime_dir);

	if (r == -ENOENT)
		log_info("no sound in the session: pulseaudio is not installed");
	else if (r < 0)
		log_warn("no sound in the session: cannot start pulseaudio: %s", strerror(-r));
}

static bool start_desktop(struct agent *a)
{
	char reason[DISPLAY_REASON_BYTES] = "cannot start the session";

	a->desktop_due = false;
	if (desktop_start(
		    &a->desktop, a->session_command, a->display->name, reason, sizeof(reason)) == 0)
		return true;
	agent_fail(a, reason);
	return false;
}

/* Programs read the resolution when they start: what a later viewer tells changes nothing in those
 * that run, and is not taken. */
void agent_take_dpi(struct agent *a, uint16_t dpi)
{
	if (!a->desktop_due || a->ending)
		return;
	if (dpi != 0 && a->display->impl->set_dpi)
		a->display->impl->set_dpi(a->display, dpi);
	if (start_desktop(a))
		log_info("the session starts with %u dpi", dpi ? dpi : DISPLAY_DPI);
}

/* The display is there: whoever is attached from now on has something to see. */
static void begin(struct agent *a)
{
	a->input.width_px = a->display->width_px;
	a->input.height_px = a->display->height_px;
	a->desktop_due = a->config.virtual_session && !a->display_impl->is_session;
	if (a->desktop_due)
		start_sound(a);
	if (a->desktop_due && !a->config.await_dpi && !start_desktop(a))
		return;
	agent_clipboard_init(&a->clipboard, a->display->clipboard);
	a->open = true;
	agent_tell_ready(a);
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

/* The loop wakes, and before it sleeps again what took too long is ended. */
static void on_pasting(uv_timer_t *timer)
{
	(void)timer;
}

static void tick_clipboard(struct agent *a)
{
	uint64_t now_ms = clock_now_ms();
	int next_ms = agent_clipboard_tick(&a->clipboard, now_ms);

	for (struct viewer *v = a->viewers; v; v = v->next)
		next_ms = clock_sooner_ms(next_ms, viewer_clipboard_tick(v, now_ms));
	if (next_ms < 0)
		uv_timer_stop(&a->pasting);
	else
		uv_timer_start(&a->pasting, on_pasting, (uint64_t)next_ms, 0);
}

static void act(struct agent *a)
{
	a->display->impl->take(a->display);
	follow_state(a);
	if (!a->open || a->ending)
		return;
	viewer_channels_changed(a);
	tick_clipboard(a);
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

int agent_configure(struct agent *a, const struct record_agent_config *config)
{
	a->configured = true;
	a->config = *config;
	/* Programs are told of their sound server when they start. */
	if (config->virtual_session && a->display_impl->is_session)
		start_sound(a);
	int r = a->display_impl->create(
		&a->display, &a->config, a->session_command, &a->listener, &a->input);
	if (r == 0)
		follow_state(a);
	return r;
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

/* --- signals, life --- */

static void on_term(uv_signal_t *handle, int number)
{
	(void)number;
	agent_end(handle->data);
}

static void on_child(uv_signal_t *handle, int number)
{
	struct agent *a = handle->data;
	pid_t pid;

	(void)number;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		if (desktop_ended(&a->desktop, pid))
			agent_fail(a, "the session ended");
		else if (sound_server_ended(&a->sound_server, pid))
			continue;
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

int agent_init(struct agent *a, int supervisor_fd, const struct display_impl *display_impl,
	const char *session_command)
{
	*a = (struct agent){ .display_impl = display_impl, .session_command = session_command };
	a->listener = (struct display_listener){ a, on_damaged, on_captured, on_looked, on_stirred,
		on_resized };
	int r = ipc_channel_init(&a->supervisor, supervisor_fd);
	if (r < 0)
		return r;
	log_set_sink(ipc_child_log, &a->supervisor);
	r = uv_loop_init(&a->loop);
	if (r < 0)
		return r;
	r = agent_supervisor_watch(a);
	if (r < 0)
		return r;
	uv_prepare_init(&a->loop, &a->prepare);
	a->prepare.data = a;
	uv_prepare_start(&a->prepare, settle);
	uv_timer_init(&a->loop, &a->rested);
	a->rested.data = a;
	uv_timer_init(&a->loop, &a->answers);
	a->answers.data = a;
	uv_timer_init(&a->loop, &a->tidy);
	a->tidy.data = a;
	uv_timer_init(&a->loop, &a->pasting);
	frames_init(&a->frames, a, &a->loop);
	start_signal(a, &a->sigterm, on_term, SIGTERM);
	start_signal(a, &a->sigint, on_term, SIGINT);
	start_signal(a, &a->sigchld, on_child, SIGCHLD);
	return 0;
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
	uv_close((uv_handle_t *)&a->pasting, NULL);
	uv_close((uv_handle_t *)&a->sigterm, NULL);
	uv_close((uv_handle_t *)&a->sigint, NULL);
	uv_close((uv_handle_t *)&a->sigchld, NULL);
	uv_close((uv_handle_t *)&a->supervisor_poll, NULL);
	uv_run(&a->loop, UV_RUN_DEFAULT); /* the close callbacks */
	a->display_impl->destroy(a->display);
	a->display = NULL;
	input_finish(&a->input);
	desktop_finish(&a->desktop);
	sound_server_finish(&a->sound_server);
	agent_supervisor_finish(a);
	uv_loop_close(&a->loop);
	return a->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
