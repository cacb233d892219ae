/* What an enrolment asks of the workstation, each time by a link of its own. */
#include "client/session/enrolment.h"

#include "client/session/remedy.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/fd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LINK_ANSWER_MS 15000 /* the link has its own, shorter limits */

/* Where the workstation took no connection at that moment: 1.5 s in all. */
#define RETRY_MS     100
#define RETRY_MAX_MS 1000
#define TRIES        5

int enrolment_fail(struct enrolment *e, int status, const char *reason, const char *remedy)
{
	e->out->status = status;
	snprintf(e->out->reason, sizeof(e->out->reason), "%s", reason);
	e->out->remedy = remedy;
	return -1;
}

int enrolment_tell(struct enrolment *e, const char *what)
{
	if (!e->progress || e->progress(e->progress_user, what))
		return 0;
	return enrolment_fail(e, 1, "you gave up before this laptop was enrolled", "");
}

static int dial(struct enrolment *e, int *fd)
{
	struct dial_result result;
	int r = way_open(&e->attempt, &e->way, e->invitation.host, e->invitation.port, NULL);

	if (r < 0)
		return enrolment_fail(e, 1, strerror(-r), "");
	while ((r = way_take(e->attempt, &result)) == -EAGAIN) {
		if (fd_wait_one(way_fd(e->attempt), FD_READ, -1) > 0)
			way_process(e->attempt);
	}
	if (r < 0)
		return enrolment_fail(e, 1, "the connection was not made", "");
	if (result.fd < 0)
		return enrolment_fail(e, 1, result.reason,
			result.to_proxy
				? "Check the network and the proxy's address."
				: "Check the network, and that farseatd runs on the workstation ('farseatctl status').");
	*fd = result.fd;
	return 0;
}

/* A connection that never opened may have ended on the way there. */
static int fail_by_way(struct enrolment *e, const struct record_link_failed *f)
{
	char reason[WAY_REASON_BYTES];
	const char *remedy = "";

	return e->attempt && remedy_by_way(f->fault, f->code) &&
			       way_blame(e->attempt, reason, &remedy)
		       ? enrolment_fail(e, 1, reason, remedy)
		       : 0;
}

/* A refusal of the one-time certificate is about the invitation, whatever the handshake calls it. */
static int fail_by_link(struct enrolment *e, const struct record_link_failed *f)
{
	if (f->code == WIRE_BYE_INVITATION)
		return enrolment_fail(e, 3, f->reason, ASK_AGAIN);
	if (fail_by_way(e, f) < 0)
		return -1;
	e->too_soon = !e->shook_hands &&
		      (f->code == WIRE_BYE_BUSY || (f->code == 0 && f->fault == CRYPTO_CLOSED));
	enum outcome outcome = outcome_of(f->fault, f->code, f->retry);
	return enrolment_fail(
		e, outcome == OUTCOME_REFUSED ? 3 : 1, f->reason, remedy_for(f->fault, f->code));
}

void enrolment_end_link(struct enrolment *e, struct link_process *link)
{
	link_process_finish(link, 500, NULL);
	way_close(e->attempt);
	e->attempt = NULL;
}

/* One try. Other records are skipped, except failures. */
static int ask_link_once(struct enrolment *e, struct link_process *link,
	const struct link_record *config, int wanted)
{
	int fd = -1;

	e->shook_hands = false;
	e->too_soon = false;
	if (dial(e, &fd) < 0)
		return -1;
	int r = link_process_start(link, fd);
	fd_close(&fd);
	if (r < 0)
		return enrolment_fail(e, 1, "farseat-link cannot be started",
			"Reinstall Farseat, or name the folder it is in by FARSEAT_LIBEXEC.");
	r = way_tell_link(e->attempt, &link->channel);
	if (r == 0)
		r = link_record_send(&link->channel, config, -1);
	uint64_t until = clock_now_ms() + LINK_ANSWER_MS + way_patience_ms(e->attempt);
	while (r >= 0) {
		uint64_t now = clock_now_ms();
		r = now >= until ? -ETIMEDOUT : ipc_wait(&link->channel, (int)(until - now));
		if (r < 0)
			break;
		int passed = -1;
		r = link_record_receive(&link->channel, &e->record, &passed);
		fd_close(&passed);
		way_process(e->attempt);
		if (r == -EAGAIN)
			r = 0;
		if (r != 1)
			continue;
		if (e->record.type == RECORD_LINK_STATE)
			e->shook_hands = e->record.link_state.phase != RECORD_LINK_HANDSHAKE;
		if (e->record.type == RECORD_LINK_FAILED)
			return fail_by_link(e, &e->record.link_failed);
		if ((int)e->record.type == wanted)
			return 0;
	}
	return enrolment_fail(e, 1,
		r == -ETIMEDOUT ? "the workstation did not answer in time"
				: "farseat-link ended in the middle",
		"Try again.");
}

int enrolment_ask(struct enrolment *e, struct link_process *link, const struct link_record *config,
	int wanted)
{
	struct backoff pause = { .first_ms = RETRY_MS, .max_ms = RETRY_MAX_MS };

	for (;;) {
		(void)enrolment_fail(e, 0, "", ""); /* forgets what the last try said */
		int r = ask_link_once(e, link, config, wanted);
		if (r == 0 || !e->too_soon || pause.tries + 1 >= TRIES)
			return r;
		enrolment_end_link(e, link);
		link_process_init(link);
		(void)!fd_wait(NULL, 0, (int)backoff_next(&pause, (uint32_t)clock_now_ns()));
	}
}

void enrolment_config(
	const struct enrolment *e, struct link_record *record, enum record_link_mode mode)
{
	memset(record, 0, sizeof(*record));
	record->type = RECORD_LINK_CONFIG;
	record->link_config.mode = (uint8_t)mode;
	record->link_config.codec_features = UINT32_MAX;
	snprintf(record->link_config.server_name, sizeof(record->link_config.server_name), "%s",
		e->server_name);
	snprintf(record->link_config.server_id, sizeof(record->link_config.server_id), "%s",
		e->invitation.server_id);
}
