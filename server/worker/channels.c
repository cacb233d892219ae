/* The channels of a session beside control, in one list: who gets which message and record, and
 * whose turn it is. */
#include "server/worker/worker.h"

#include "common/base/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* A line for each channel: its table, and where its state stands in the worker. In the order of
 * their turns: a checksum is answered before the next frame begins. */
static const struct {
	const struct worker_channel *table;
	size_t offset;
} channels[] = {
	{ &cursor_channel, offsetof(struct worker, cursor) },
	{ &checksum_channel, offsetof(struct worker, checksum) },
	{ &frame_channel, offsetof(struct worker, frame) },
	{ &files_channel, offsetof(struct worker, files) },
	{ &clipboard_channel, offsetof(struct worker, clipboard) },
	{ &sound_channel, offsetof(struct worker, sound) },
};

static void *self_of(struct worker *w, size_t i)
{
	return (uint8_t *)w + channels[i].offset;
}

/* Open, and the device may have it. */
static bool is_allowed(const struct worker *w, size_t i)
{
	return w->state == WORKER_OPEN && !(channels[i].table->caps & ~w->rights.caps);
}

/* ---- what they may ask of the worker ---- */

static bool has_agent(const void *worker)
{
	const struct worker *w = worker;

	return w->agent.fd >= 0;
}

static void tell_agent(void *worker, enum record_type type)
{
	worker_agent_tell(worker, type);
}

static void ask_files(void *worker, uint8_t transfer, bool sftp, uint32_t caps)
{
	const struct worker_record r = { .type = RECORD_FILES_ASK,
		.files_ask = { .transfer = transfer, .sftp = sftp, .caps = caps } };

	worker_tell(worker, &r);
}

static void ask_sound(void *worker)
{
	const struct worker_record r = { .type = RECORD_SOUND_ASK };

	worker_tell(worker, &r);
}

static uint64_t link_bytes_per_s(const void *worker)
{
	const struct worker *w = worker;

	return pace_link_bytes_per_s(&w->frame.pace, clock_now_ns());
}

static void send_agent(void *worker, const struct wire_message *m)
{
	worker_agent_send(worker, m);
}

static void tell_carried(void *worker, const struct record_carried *carried)
{
	const struct worker_record r = { .type = RECORD_CARRIED, .carried = *carried };

	worker_tell(worker, &r);
}

PRINTF_LIKE(3, 4) static void fail(void *worker, uint16_t code, const char *format, ...)
{
	char reason[WIRE_REASON_MAX_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	worker_end(worker, code, true, "%s", reason);
}

int worker_channels_init(struct worker *w)
{
	w->host = (struct worker_host){
		.peer = &w->peer,
		.worker = w,
		.has_agent = has_agent,
		.tell_agent = tell_agent,
		.ask_files = ask_files,
		.ask_sound = ask_sound,
		.link_bytes_per_s = link_bytes_per_s,
		.send_agent = send_agent,
		.tell_carried = tell_carried,
		.fail = fail,
	};
	cursor_init(&w->cursor, &w->host);
	checksum_init(&w->checksum, &w->host, &w->frame);
	files_init(&w->files, &w->host);
	clipboard_init(&w->clipboard, &w->host);
	sound_init(&w->sound, &w->host);
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i].table->source)
			peer_set_source(&w->peer, channels[i].table->priority,
				channels[i].table->source, self_of(w, i));
	return frame_init(&w->frame, &w->host);
}

void worker_channels_finish(struct worker *w)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i].table->finish)
			channels[i].table->finish(self_of(w, i));
}

/* ---- what comes ---- */

bool worker_channels_message(struct worker *w, const struct wire_message *m)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		for (size_t n = 0; n < WORKER_CHANNEL_MESSAGES_MAX; n++)
			if (channels[i].table->messages[n].type == m->type) {
				channels[i].table->messages[n].handle(self_of(w, i), m);
				return true;
			}
	return false;
}

const struct dispatch_rule *worker_channels_rule(void *worker, enum record_type type, void **self)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++) {
		const struct dispatch_rule *rule = dispatch_rule_of(
			channels[i].table->records, WORKER_CHANNEL_RECORDS_MAX, type);
		if (!rule)
			continue;
		*self = self_of(worker, i);
		return rule;
	}
	return NULL;
}

bool worker_channels_forward(const struct worker *w, enum wire_type type)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i].table->forwards == type)
			return is_allowed(w, i);
	return false;
}

int worker_channels_from_agent(struct worker *w, const struct wire_message *m)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		for (size_t n = 0; channels[i].table->from_agent && n < WORKER_CHANNEL_MESSAGES_MAX;
			n++)
			if (channels[i].table->messages[n].type == m->type)
				return channels[i].table->from_agent(self_of(w, i), m);
	return -EPROTO;
}

/* ---- what happens ---- */

void worker_channels_opened(struct worker *w, uint32_t features)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i].table->opened)
			channels[i].table->opened(self_of(w, i), features);
	worker_channels_set_caps(w);
}

void worker_channels_set_caps(struct worker *w)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i].table->set_caps)
			channels[i].table->set_caps(self_of(w, i), w->rights.caps);
}

void worker_channels_agent_changed(struct worker *w)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i].table->agent_changed)
			channels[i].table->agent_changed(self_of(w, i));
}

void worker_channels_refresh(struct worker *w, uint32_t caps)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i].table->refresh && (channels[i].table->caps & caps))
			channels[i].table->refresh(self_of(w, i));
}

bool worker_channels_step(struct worker *w)
{
	bool more = false;

	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i].table->step && is_allowed(w, i))
			more = channels[i].table->step(self_of(w, i)) || more;
	return more;
}

bool worker_channels_prepare(struct worker *w)
{
	bool may_see = w->state == WORKER_OPEN && (w->rights.caps & WIRE_CAP_SEE);

	return may_see && frame_prepare(&w->frame);
}

int worker_channels_timeout_ms(struct worker *w, uint64_t now_ms, int timeout_ms)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++) {
		if (!channels[i].table->timeout_ms || !is_allowed(w, i))
			continue;
		int own_ms = channels[i].table->timeout_ms(self_of(w, i), now_ms);
		timeout_ms = own_ms >= 0 ? MIN(timeout_ms, own_ms) : timeout_ms;
	}
	return timeout_ms;
}
