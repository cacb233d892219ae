/*
 * A viewer's clipboard: an exchange between its worker, behind which its laptop is, and its seat at the
 * display's clipboard. Contents pass through unread; the worker converts and checks them.
 */
#include "common/base/clock.h"
#include "common/base/log.h"
#include "server/agent/agent.h"
#include "server/agent/channel.h"
#include "server/agent/supervisor.h"

#include <errno.h>
#include <string.h>

/* PRIMARY changes at every turn: it is offered to a person who is doing something. */
#define OPEN_AFTER_INPUT_MS 2000

static void to_worker(void *user, const struct wire_message *m)
{
	struct viewer *v = user;

	viewer_sent(v, record_send_wire(&v->channel, m));
}

static const struct exchange_line line = { .send = to_worker };

static void take(struct viewer *v, const struct wire_message *m)
{
	if (!v->exchange)
		return;
	int r = exchange_message(v->exchange, m, clock_now_ms());
	if (r < 0) {
		log_warn("worker %u broke the clipboard's rules: it is detached", v->worker);
		viewer_sent(v, r);
	}
}

static void follow_caps(struct viewer *v)
{
	unsigned out = CLIPBOARD_WIRE_KINDS;

	/* That files are copied is news for a device that may have them. */
	if (v->caps & WIRE_CAP_FILES_OUT)
		out |= CLIPBOARD_BIT(CLIPBOARD_FILES);
	if (v->exchange)
		exchange_set_directions(v->exchange, v->caps & WIRE_CAP_CLIPBOARD_OUT ? out : 0,
			v->caps & WIRE_CAP_CLIPBOARD_IN ? CLIPBOARD_WIRE_KINDS : 0, clock_now_ms());
}

static void attach(struct viewer *v)
{
	struct agent *a = v->agent;

	agent_clipboard_sit(&a->clipboard, &v->seat);
	int r = exchange_create(&v->exchange, &v->seat.base, &line, v, a->clipboard.origin);
	if (r < 0) {
		log_warn("worker %u has no clipboard: %s", v->worker, strerror(-r));
		agent_clipboard_leave(&v->seat);
		return;
	}
	v->seat.base.listener = &exchange_listener;
	v->seat.base.user = v->exchange;
	agent_clipboard_introduce(&v->seat);
	exchange_set_mark(v->exchange, !a->config.clipboard_history);
	follow_caps(v);
	exchange_set_open(v->exchange, CLIPBOARD_CLIPBOARD, true, clock_now_ms());
	exchange_set_line(v->exchange, true, clock_now_ms());
}

static void finish(struct viewer *v)
{
	exchange_destroy(v->exchange);
	v->exchange = NULL;
	agent_clipboard_leave(&v->seat);
}

void viewer_clipboard_gesture(struct viewer *v)
{
	if (v->exchange)
		agent_clipboard_gesture(&v->seat);
}

void viewer_clipboard_files(struct viewer *v, const uint8_t *uris, size_t len)
{
	if (!v->exchange || !(v->caps & WIRE_CAP_CLIPBOARD_IN))
		return;
	int r = agent_clipboard_put_files(&v->seat, uris, len);
	if (r < 0)
		log_warn("what worker %u's device has sent is not in the clipboard: %s", v->worker,
			strerror(-r));
}

static void on_files(void *user, const uint8_t *list, size_t len)
{
	struct viewer *v = user;

	agent_tell_copied(v->agent, v->worker, list, list ? len : 0);
}

int viewer_clipboard_read_files(struct viewer *v)
{
	if (!v->exchange || !(v->caps & WIRE_CAP_CLIPBOARD_OUT))
		return -ENOENT;
	return exchange_read_files(v->exchange, RECORD_URIS_MAX_BYTES, on_files, v);
}

void viewer_clipboard_stirred(struct viewer *v)
{
	uint64_t now_ms = clock_now_ms();

	if (!v->exchange)
		return;
	v->open_until_ms = now_ms + OPEN_AFTER_INPUT_MS;
	exchange_set_open(v->exchange, CLIPBOARD_PRIMARY, true, now_ms);
}

void viewer_clipboard_shown(struct viewer *v, bool shown)
{
	if (v->exchange)
		exchange_set_open(v->exchange, CLIPBOARD_CLIPBOARD, shown, clock_now_ms());
}

int viewer_clipboard_tick(struct viewer *v, uint64_t now_ms)
{
	if (!v->exchange)
		return -1;
	if (v->open_until_ms && now_ms >= v->open_until_ms) {
		v->open_until_ms = 0;
		exchange_set_open(v->exchange, CLIPBOARD_PRIMARY, false, now_ms);
	}
	int next_ms = exchange_tick(v->exchange, now_ms);
	if (v->open_until_ms && (next_ms < 0 || now_ms + (uint64_t)next_ms > v->open_until_ms))
		next_ms = (int)(v->open_until_ms - now_ms);
	return next_ms;
}

const struct viewer_channel viewer_clipboard_channel = {
	.name = "clipboard",
	.messages = { { WIRE_CLIPBOARD_OFFER, take }, { WIRE_CLIPBOARD_WITHDRAW, take },
		{ WIRE_CLIPBOARD_ASK, take }, { WIRE_CLIPBOARD_DATA, take },
		{ WIRE_CLIPBOARD_MORE, take }, { WIRE_CLIPBOARD_STOP, take } },
	.attach = attach,
	.caps_set = follow_caps,
	.finish = finish,
};
