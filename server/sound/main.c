/*
 * farseat-sound: one session's sound for one worker. Descriptor 3 is farseatd's channel, 4 the worker's.
 * Runs as the session's user, reads nothing of the network, and ends when the worker or farseatd does.
 *
 * What plays on the default sink is recorded while something plays there, and at no other time. The loop
 * is libpulse's own; what its callbacks have found is put in force after each round (settle), since a
 * callback may not take away what is calling it.
 */
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "common/ipc/child.h"
#include "common/ipc/dispatch.h"
#include "server/sound/sender.h"
#include "server/sound/sink.h"
#include "server/sound/tap.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAEMON_FD 3
#define WORKER_FD 4

/* What a stream that ended has left in the sink's buffer is still recorded. PipeWire's largest is 170 ms. */
#define TAIL_US 300000
/* How long farseatd may take to send the configuration. */
#define CONFIG_TIMEOUT_MS 5000

struct program {
	struct ipc_channel daemon, worker;
	pa_mainloop *loop;    /* owned */
	pa_mainloop_api *api; /* borrowed: the loop's */
	pa_io_event *of_daemon, *of_worker;
	pa_time_event *tail; /* owned; armed while what has ended still sounds */
	char server[RECORD_PATH_MAX_BYTES - 1];
	struct sound_sink sink;
	struct sound_tap tap;
	struct sound_sender sender;
	char tapped[SOUND_SINK_NAME_BYTES]; /* the monitor that the tap records */
	bool tap_failed, tail_over;
	bool ended;
};

/* ---- what it is told ---- */

static int on_config(void *owner, const void *body, int *fd)
{
	struct program *p = owner;
	const struct record_sound_config *config = body;

	(void)fd;
	memcpy(p->server, config->server, sizeof(p->server));
	return 0;
}

static int on_quality(void *owner, const void *body, int *fd)
{
	struct program *p = owner;
	size_t frames = sound_sender_frames(&p->sender);

	(void)fd;
	sound_sender_set_quality(&p->sender, body);
	/* The pieces that are recorded are as long as a packet. */
	p->tap_failed = p->tap_failed || frames != sound_sender_frames(&p->sender);
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	(void)owner;
	(void)record;
	log_error("got %s: ending", what);
}

static const struct dispatch_rule daemon_rules[] = { { RECORD_SOUND_CONFIG, DISPATCH_ALWAYS,
	on_config, 0 } };
static const struct dispatch daemon_dispatch = {
	.records = &sound_records,
	.rules = daemon_rules,
	.rule_count = ARRAY_LEN(daemon_rules),
	.refuse = refuse,
};

static const struct dispatch_rule worker_rules[] = { { RECORD_SOUND_QUALITY, DISPATCH_ALWAYS,
	on_quality, 0 } };
static const struct dispatch worker_dispatch = {
	.records = &sound_wire_records,
	.rules = worker_rules,
	.rule_count = ARRAY_LEN(worker_rules),
	.refuse = refuse,
};

/* pa_io_event_cb_t */
static void on_daemon(pa_mainloop_api *a, pa_io_event *e, int fd, pa_io_event_flags_t f, void *user)
{
	struct program *p = user;
	struct sound_record room;
	int r;

	(void)a;
	(void)e;
	(void)fd;
	(void)f;
	do
		r = dispatch_next(&p->daemon, &daemon_dispatch, p, &room);
	while (r == 1);
	p->ended = p->ended || r != -EAGAIN;
}

static void on_worker(pa_mainloop_api *a, pa_io_event *e, int fd, pa_io_event_flags_t f, void *user)
{
	struct program *p = user;
	struct sound_wire_record room;
	int r;

	(void)a;
	(void)e;
	(void)fd;
	(void)f;
	do
		r = dispatch_next(&p->worker, &worker_dispatch, p, &room);
	while (r == 1);
	p->ended = p->ended || r != -EAGAIN;
}

/* ---- what it does ---- */

static void check(struct program *p, int r)
{
	if (r == 0)
		return;
	if (r != -EPIPE) /* the worker's end is no fault */
		log_error("sound cannot be sent: %s", strerror(-r));
	p->ended = true;
}

static void on_samples(void *user, const int16_t *samples, size_t frames)
{
	struct program *p = user;

	if (!p->ended)
		check(p, sound_sender_take(&p->sender, samples, frames));
}

static void on_tap_failed(void *user)
{
	struct program *p = user;

	p->tap_failed = true;
}

static void on_tail(pa_mainloop_api *a, pa_time_event *e, const struct timeval *when, void *user)
{
	struct program *p = user;

	(void)when;
	a->time_free(e);
	p->tail = NULL;
	p->tail_over = true;
}

static void arm_tail(struct program *p)
{
	struct timeval when;

	pa_gettimeofday(&when);
	pa_timeval_add(&when, TAIL_US);
	p->tail = p->api->time_new(p->api, &when, on_tail, p);
}

static void stop_tail(struct program *p)
{
	if (p->tail)
		p->api->time_free(p->tail);
	p->tail = NULL;
	p->tail_over = false;
}

/* The tap and the stream as they should be by now. */
static void settle(struct program *p)
{
	bool has_sink = p->sink.ready && p->sink.monitor[0];

	if (p->sink.plays)
		stop_tail(p);
	else if (p->tap.stream && !p->tail && !p->tail_over)
		arm_tail(p);
	bool wanted = has_sink && (p->sink.plays || (p->tap.stream && !p->tail_over));
	if (p->tap.stream && (!wanted || p->tap_failed || strcmp(p->tapped, p->sink.monitor) != 0))
		sound_tap_stop(&p->tap);
	p->tap_failed = false;
	if (wanted && !p->tap.stream) {
		memcpy(p->tapped, p->sink.monitor, sizeof(p->tapped));
		has_sink = sound_tap_start(
			&p->tap, p->sink.context, p->tapped, sound_sender_frames(&p->sender));
	}
	if (!p->tap.stream) {
		stop_tail(p);
		check(p, sound_sender_stop(
				 &p->sender, has_sink ? WIRE_SOUND_SILENT : WIRE_SOUND_NONE));
	}
}

static void watch_writes(struct program *p)
{
	int r = ipc_wants_write(&p->worker) ? ipc_flush(&p->worker) : 0;
	pa_io_event_flags_t flags = PA_IO_EVENT_INPUT;

	if (r < 0 && r != -EAGAIN)
		p->ended = true;
	if (r == -EAGAIN)
		flags |= PA_IO_EVENT_OUTPUT;
	p->api->io_enable(p->of_worker, flags);
}

static int init(struct program *p)
{
	struct sound_record room;

	p->daemon.fd = p->worker.fd = -1;
	int r = ipc_channel_init(&p->daemon, DAEMON_FD);
	if (r == 0)
		r = ipc_channel_init(&p->worker, WORKER_FD);
	if (r < 0)
		return r;
	log_set_sink(ipc_child_log, &p->daemon);
	r = dispatch_wait(&p->daemon, &daemon_dispatch, p, &room, CONFIG_TIMEOUT_MS);
	if (r < 0)
		return r;
	p->loop = pa_mainloop_new();
	if (!p->loop)
		return -ENOMEM;
	p->api = pa_mainloop_get_api(p->loop);
	p->of_daemon = p->api->io_new(p->api, DAEMON_FD, PA_IO_EVENT_INPUT, on_daemon, p);
	p->of_worker = p->api->io_new(p->api, WORKER_FD, PA_IO_EVENT_INPUT, on_worker, p);
	sound_sender_init(&p->sender, &p->worker);
	p->tap = (struct sound_tap){ .samples = on_samples, .failed = on_tap_failed, .user = p };
	sound_sink_start(&p->sink, p->api, p->server);
	return 0;
}

static void run(struct program *p)
{
	while (!p->ended && pa_mainloop_iterate(p->loop, 1, NULL) >= 0) {
		settle(p);
		watch_writes(p);
	}
}

static void finish(struct program *p)
{
	log_set_sink(NULL, NULL);
	if (p->loop) {
		stop_tail(p);
		sound_tap_stop(&p->tap);
		sound_sink_finish(&p->sink);
		sound_sender_finish(&p->sender);
		p->api->io_free(p->of_daemon);
		p->api->io_free(p->of_worker);
		pa_mainloop_free(p->loop);
	}
	ipc_channel_finish(&p->worker);
	ipc_channel_finish(&p->daemon);
}

int main(int argc, char **argv)
{
	static struct program program; /* 25 KB: too much for some stacks */

	(void)argv;
	log_init("farseat-sound");
	process_set_name("farseat-sound");
	if (argc != 1) {
		fputs("farseat-sound is started by farseatd\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN); /* libpulse writes to sockets */
	int r = init(&program);
	if (r == 0)
		run(&program);
	else
		log_error("cannot start: %s", strerror(-r));
	finish(&program);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
