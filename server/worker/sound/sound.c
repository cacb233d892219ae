#include "server/worker/sound/sound.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"

#include <errno.h>
#include <string.h>

/* A farseat-sound that ended is asked for again after this, which doubles up to the maximum. */
#define RETRY_MS     1000
#define RETRY_MAX_MS 60000

/* What the link carries is looked at so often. */
#define LOOK_MS 2000
/* Below 1 Mbit/s the picture needs what sound can do without; above half as much again it does not. */
#define NARROW_BYTES_PER_S 125000
#define WIDE_BYTES_PER_S   187500
static const struct record_sound_quality of_wide = { .kbit_per_s = 96, .frame_us = 10000 };
/* A packet each 20 ms, since each costs 60 bytes of headers and TLS. */
static const struct record_sound_quality of_narrow = { .kbit_per_s = 64, .frame_us = 20000 };

static void push(struct sound *s, const struct wire_message *m)
{
	if (sound_queue_push(&s->queue, m, clock_now_ms()) == 0)
		peer_source_ready(s->host->peer, PEER_SOUND);
}

static void tell_stop(struct sound *s, enum wire_sound_stop_reason reason)
{
	struct wire_message m = { .type = WIRE_SOUND_STOP };

	m.sound_stop.reason = (uint8_t)reason;
	sound_queue_clear(&s->queue);
	push(s, &m);
}

/* Nobody listens: farseat-sound sees it, and ends. */
static void leave(struct sound *s)
{
	ipc_channel_finish(&s->channel);
	sound_queue_clear(&s->queue);
	s->retry_ms = 0;
}

static void ask(struct sound *s)
{
	s->retry_ms = 0;
	if (!s->wanted || !s->allowed || s->asked || s->channel.fd >= 0)
		return;
	s->asked = true;
	s->host->ask_sound(s->host->worker);
}

static void retry_later(struct sound *s)
{
	s->retry_ms = clock_now_ms() + s->wait_ms;
	s->wait_ms = MIN(s->wait_ms * 2, RETRY_MAX_MS);
}

void sound_answer(struct sound *s, enum wire_sound_stop_reason reason, int fd)
{
	s->asked = false;
	s->narrow = false;
	if (!s->wanted || !s->allowed || s->channel.fd >= 0) {
		fd_close(&fd);
		return;
	}
	if (fd < 0 || ipc_channel_init(&s->channel, fd) < 0) {
		s->channel.fd = -1;
		tell_stop(s, reason == WIRE_SOUND_SILENT ? WIRE_SOUND_NONE : reason);
	}
}

static void on_want(void *self, const struct wire_message *m)
{
	struct sound *s = self;

	if (!s->agreed) {
		s->host->fail(s->host->worker, WIRE_BYE_PROTOCOL,
			"message SOUND_WANT, which was not agreed on");
		return;
	}
	s->wanted = m->sound_want.on;
	s->wait_ms = RETRY_MS;
	if (s->wanted)
		ask(s);
	else
		leave(s);
}

static void opened(void *self, uint32_t features)
{
	struct sound *s = self;

	s->agreed = (features & WIRE_FEATURE_SOUND) != 0;
}

static void set_caps(void *self, uint32_t caps)
{
	struct sound *s = self;
	bool allowed = (caps & WIRE_CAP_SOUND) != 0;

	if (allowed == s->allowed)
		return;
	s->allowed = allowed;
	if (allowed) {
		ask(s);
	} else {
		leave(s);
		if (s->wanted)
			tell_stop(s, WIRE_SOUND_NOT_ALLOWED);
	}
}

/* ---- what farseat-sound says ---- */

static int on_wire(void *owner, const void *body, int *fd)
{
	struct sound *s = owner;
	struct wire_message m;

	(void)fd;
	if (record_wire_message(body, &m) < 0)
		return -EPROTO;
	int r = sound_queue_push(&s->queue, &m, clock_now_ms());
	if (r < 0)
		return r;
	s->wait_ms = RETRY_MS;
	peer_source_ready(s->host->peer, PEER_SOUND);
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	(void)owner;
	(void)record;
	log_error("farseat-sound sent %s", what);
}

static const struct dispatch_rule rules[] = { { RECORD_WIRE, DISPATCH_ALWAYS, on_wire, 0 } };

static const struct dispatch dispatch = {
	.records = &sound_wire_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.refuse = refuse,
};

static void read_channel(struct sound *s)
{
	struct sound_wire_record room;
	int r = ipc_flush(&s->channel);

	if (r == 0 || r == -EAGAIN)
		do
			r = dispatch_next(&s->channel, &dispatch, s, &room);
		while (r == 1);
	if (r == -EAGAIN)
		return;
	leave(s);
	tell_stop(s, WIRE_SOUND_NONE);
	retry_later(s);
}

/* ---- its turns ---- */

static void look_at_link(struct sound *s, uint64_t now_ms)
{
	struct sound_wire_record r = { .type = RECORD_SOUND_QUALITY };
	uint64_t rate = s->host->link_bytes_per_s(s->host->worker);
	bool narrow = rate > 0 && rate < (s->narrow ? WIDE_BYTES_PER_S : NARROW_BYTES_PER_S);

	s->looked_ms = now_ms;
	if (narrow == s->narrow)
		return;
	s->narrow = narrow;
	r.sound_quality = narrow ? of_narrow : of_wide;
	if (sound_wire_record_send(&s->channel, &r, -1) < 0)
		log_debug("farseat-sound does not listen"); /* its end is seen on receiving */
}

static bool step(void *self)
{
	struct sound *s = self;
	uint64_t now_ms = clock_now_ms();

	if (s->retry_ms && now_ms >= s->retry_ms)
		ask(s);
	if (s->channel.fd >= 0)
		read_channel(s);
	if (s->channel.fd >= 0 && s->queue.streams && now_ms >= s->looked_ms + LOOK_MS)
		look_at_link(s, now_ms);
	return false;
}

static int timeout_ms(const void *self, uint64_t now_ms)
{
	const struct sound *s = self;

	if (!s->retry_ms)
		return -1;
	return s->retry_ms > now_ms ? (int)(s->retry_ms - now_ms) : 0;
}

/* peer_source_fn */
static int source(void *self, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	struct sound *s = self;
	size_t len = sound_queue_pop(&s->queue, clock_now_ms(), out);

	*more = s->queue.count > 0;
	return (int)len;
}

static void finish(void *self)
{
	struct sound *s = self;

	ipc_channel_finish(&s->channel);
}

void sound_init(struct sound *s, struct worker_host *host)
{
	memset(s, 0, sizeof(*s));
	s->host = host;
	s->channel.fd = -1;
	s->wait_ms = RETRY_MS;
}

const struct worker_channel sound_channel = {
	.name = "sound",
	.caps = WIRE_CAP_SOUND,
	.priority = PEER_SOUND,
	.source = source,
	.messages = { { WIRE_SOUND_WANT, on_want } },
	.opened = opened,
	.set_caps = set_caps,
	.step = step,
	.timeout_ms = timeout_ms,
	.finish = finish,
};
