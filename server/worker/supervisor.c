/*
 * What the supervisor says: it has authority over this process, so an end or a new set of
 * capabilities is obeyed at once. Records out of turn are our own bug and end the worker.
 */
#include "server/worker/worker.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <string.h>

void worker_tell(struct worker *w, const struct worker_record *r)
{
	int result = worker_record_send(&w->supervisor, r, -1);

	if (result < 0)
		worker_end(w, WIRE_BYE_INTERNAL, true, "the service cannot be reached");
}

static int granted(void *owner, const void *body, int *fd)
{
	struct worker *w = owner;
	const struct record_granted *in = body;
	struct wire_message m = { .type = WIRE_WELCOME };

	w->frame.codec_features =
		codec_features_agreed(w->login.codec_features & w->login.hello.codec_features);
	rights_grant(&w->rights, in->welcome.caps);
	m.welcome = in->welcome;
	m.welcome.codec_features = w->frame.codec_features;
	worker_enter(w, WORKER_OPEN);
	worker_send(w, &m);
	worker_channels_opened(w, w->frame.codec_features);
	m.type = WIRE_CLOCK;
	m.clock.now_s = clock_wall_s();
	worker_send(w, &m);
	if (!(w->frame.codec_features & WIRE_FEATURE_DPI))
		worker_agent_tell_dpi(w, 0);
	if (*fd >= 0) {
		worker_agent_attach(w, *fd);
		*fd = -1;
	}
	return 0;
}

static int denied(void *owner, const void *body, int *fd)
{
	struct worker *w = owner;
	const struct record_end *in = body;

	(void)fd;
	if (w->state == WORKER_OPEN && w->renewing) { /* the old certificate still holds */
		w->renewing = false;
		log_warn("renewal was refused: %s", in->reason);
		return 0;
	}
	worker_end(w, in->code, true, "%s", in->reason);
	return 0;
}

static int set_caps(void *owner, const void *body, int *fd)
{
	struct worker *w = owner;
	const struct record_set_caps *in = body;
	struct wire_message m = { .type = WIRE_CAPS };

	(void)fd;
	uint32_t gained = rights_change(&w->rights, in->caps, clock_now_ms());
	m.caps.caps = in->caps;
	worker_send(w, &m);
	worker_channels_set_caps(w);
	worker_channels_refresh(w, gained);
	return 0;
}

static int end(void *owner, const void *body, int *fd)
{
	struct worker *w = owner;
	const struct record_end *in = body;

	(void)fd;
	worker_end(w, in->code, true, "%s", in->reason);
	return 0;
}

static int cert(void *owner, const void *body, int *fd)
{
	struct worker *w = owner;
	const struct record_cert *in = body;
	struct wire_message m = { .type = WIRE_ENROLLED };

	(void)fd;
	if (w->state == WORKER_SIGN) {
		m.enrolled.cert = in->cert.bytes;
		m.enrolled.cert_len = in->cert.len;
		m.enrolled.ca = in->ca.bytes;
		m.enrolled.ca_len = in->ca.len;
		memcpy(m.enrolled.device, in->device, sizeof(m.enrolled.device));
		memcpy(m.enrolled.workstation, in->workstation, sizeof(m.enrolled.workstation));
		worker_send(w, &m);
		worker_end(w, WIRE_BYE_CLOSED, false, "enrolled");
		return 0;
	}
	if (!w->renewing)
		return 0;
	w->renewing = false;
	m.type = WIRE_RENEWED;
	m.renewed.cert = in->cert.bytes;
	m.renewed.cert_len = in->cert.len;
	worker_send(w, &m);
	return 0;
}

static int agent(void *owner, const void *body, int *fd)
{
	struct worker *w = owner;

	(void)body;
	if (*fd < 0)
		return -EPROTO;
	worker_agent_attach(w, *fd);
	*fd = -1;
	return 0;
}

static int files(void *owner, const void *body, int *fd)
{
	struct worker *w = owner;
	const struct record_files *in = body;

	files_answer(&w->files, in->transfer, (enum wire_file_fault)in->fault, *fd);
	*fd = -1;
	return 0;
}

static int sound(void *owner, const void *body, int *fd)
{
	struct worker *w = owner;
	const struct record_sound *in = body;

	sound_answer(&w->sound, (enum wire_sound_stop_reason)in->reason, *fd);
	*fd = -1;
	return 0;
}

static int stats_ask(void *owner, const void *body, int *fd)
{
	(void)body;
	(void)fd;
	figures_tell(owner);
	return 0;
}

/* Waited for in handshake.c; one that comes after the wait came too late. */
static int admit_reply(void *owner, const void *body, int *fd)
{
	struct worker *w = owner;
	const struct record_admit_reply *in = body;

	(void)fd;
	w->login.admit_fault = (enum crypto_fault)in->fault;
	w->login.admit_asked = false;
	return 0;
}

/* Waited for in keeper.c. */
static int kept(void *owner, const void *body, int *fd)
{
	struct worker *w = owner;
	const struct record_kept *in = body;

	(void)fd;
	if (!w->login.keeper_asked)
		return -EPROTO;
	memcpy(w->login.kept, in->bytes.bytes, in->bytes.len);
	w->login.kept_len = in->bytes.len;
	w->login.keeper_asked = false;
	return 0;
}

static unsigned state_of(const void *owner)
{
	const struct worker *w = owner;

	return (unsigned)w->state;
}

static void refuse(void *owner, const char *record, const char *what)
{
	const struct worker *w = owner;

	(void)record;
	if (w->state == WORKER_START)
		log_error("the service sent %s", what); /* no end is told yet */
	worker_end(owner, WIRE_BYE_INTERNAL, true, "the service sent %s", what);
}

static const struct dispatch_rule rules[] = {
	{ RECORD_WORKER_CONFIG, DISPATCH_IN(WORKER_START), worker_configure, 0 },
	{ RECORD_ADMIT_REPLY, DISPATCH_ALWAYS, admit_reply, 0 },
	{ RECORD_KEPT, DISPATCH_IN(WORKER_HANDSHAKE), kept, 0 },
	{ RECORD_GRANTED, DISPATCH_IN(WORKER_VERIFY), granted, 0 },
	{ RECORD_DENIED,
		DISPATCH_IN(WORKER_VERIFY) | DISPATCH_IN(WORKER_SIGN) | DISPATCH_IN(WORKER_OPEN),
		denied, 0 },
	{ RECORD_CERT, DISPATCH_IN(WORKER_SIGN) | DISPATCH_IN(WORKER_OPEN), cert, 0 },
	{ RECORD_SET_CAPS, DISPATCH_IN(WORKER_OPEN), set_caps, 0 },
	{ RECORD_AGENT, DISPATCH_IN(WORKER_OPEN), agent, 0 },
	{ RECORD_FILES, DISPATCH_IN(WORKER_OPEN), files, 0 },
	{ RECORD_SOUND, DISPATCH_IN(WORKER_OPEN), sound, 0 },
	{ RECORD_STATS_ASK, DISPATCH_ALWAYS, stats_ask, 0 },
	{ RECORD_END, DISPATCH_ALWAYS, end, 0 },
};

static const struct dispatch dispatch = {
	.records = &worker_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.phase = state_of,
	.refuse = refuse,
};

int worker_supervisor_record(struct worker *w, int timeout_ms)
{
	struct worker_record room;

	int r = dispatch_wait(&w->supervisor, &dispatch, w, &room, timeout_ms);
	secure_wipe(&room, sizeof(room)); /* what was opened is secret */
	return r;
}

void worker_supervisor_records(struct worker *w)
{
	struct worker_record room;

	while (w->state != WORKER_ENDED) {
		int r = dispatch_next(&w->supervisor, &dispatch, w, &room);
		if (r == -EAGAIN)
			return;
		if (r < 0) /* where it was refused, the first reason counts */
			worker_end(w, WIRE_BYE_SHUTDOWN, true, "the service stopped");
	}
}
