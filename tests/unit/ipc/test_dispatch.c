/* What comes in its phase is handled; everything else is refused, with one sentence. */
#include "tests/unit/cmocka_first.h"

#include "common/base/fd.h"
#include "common/ipc/dispatch.h"
#include "common/ipc/records_agent.h"
#include "common/ipc/records_worker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum phase { SHY, OPEN, ENDING };

struct owner {
	enum phase phase;
	unsigned handled, refused;
	uint8_t fault; /* of the last ADMIT_REPLY */
	int result;    /* of the handlers */
	int kept_fd;
	char record[32], what[96];
	int peer;
	struct ipc_channel channel;
};

static int on_reply(void *owner, const void *body, int *fd)
{
	struct owner *o = owner;

	(void)fd;
	o->handled++;
	o->fault = ((const struct record_admit_reply *)body)->fault;
	return o->result;
}

static int on_agent(void *owner, const void *body, int *fd)
{
	struct owner *o = owner;

	(void)body;
	o->handled++;
	o->kept_fd = *fd;
	*fd = -1;
	return o->result;
}

static int on_end(void *owner, const void *body, int *fd)
{
	struct owner *o = owner;

	(void)body;
	(void)fd;
	o->handled++;
	return o->result;
}

static unsigned phase_of(const void *owner)
{
	return (unsigned)((const struct owner *)owner)->phase;
}

static void refuse(void *owner, const char *record, const char *what)
{
	struct owner *o = owner;

	o->refused++;
	snprintf(o->record, sizeof(o->record), "%s", record);
	snprintf(o->what, sizeof(o->what), "%s", what);
}

static const struct dispatch_rule rules[] = {
	{ RECORD_ADMIT_REPLY, DISPATCH_IN(SHY), on_reply, DISPATCH_IN(ENDING) },
	{ RECORD_AGENT, DISPATCH_IN(OPEN) | DISPATCH_IN(ENDING), on_agent, 0 },
	{ RECORD_END, DISPATCH_ALWAYS, on_end, 0 },
};

static const struct dispatch dispatch = {
	.records = &worker_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.phase = phase_of,
	.refuse = refuse,
};

static int setup(void **state)
{
	static struct owner o;
	int fds[2];

	o = (struct owner){ .kept_fd = -1, .peer = -1 };
	if (ipc_pair(fds) < 0 || ipc_channel_init(&o.channel, fds[0]) < 0)
		return -1;
	o.peer = fds[1];
	*state = &o;
	return 0;
}

static int teardown(void **state)
{
	struct owner *o = *state;

	ipc_channel_finish(&o->channel);
	fd_close(&o->peer);
	fd_close(&o->kept_fd);
	return 0;
}

/* The peer sends these bytes; the result of taking them. */
static int take(struct owner *o, const void *bytes, size_t len)
{
	struct worker_record room;

	assert_int_equal(send(o->peer, bytes, len, 0), len);
	return dispatch_next(&o->channel, &dispatch, o, &room);
}

static int take_with_fd(struct owner *o, const struct worker_record *record, int fd)
{
	struct worker_record room;
	struct ipc_channel theirs;

	assert_int_equal(ipc_channel_init(&theirs, dup(o->peer)), 0);
	assert_int_equal(worker_record_send(&theirs, record, fd), 0);
	ipc_channel_finish(&theirs);
	return dispatch_next(&o->channel, &dispatch, o, &room);
}

static void in_its_phase(void **state)
{
	struct owner *o = *state;
	const uint8_t reply[] = { RECORD_ADMIT_REPLY, 4 };

	assert_int_equal(take(o, reply, sizeof(reply)), 1);
	assert_int_equal(o->handled, 1);
	assert_int_equal(o->fault, 4);
	assert_int_equal(o->refused, 0);
}

static void out_of_turn(void **state)
{
	struct owner *o = *state;
	const uint8_t reply[] = { RECORD_ADMIT_REPLY, 4 }, agent[] = { RECORD_AGENT },
		      ask[] = { RECORD_STATS_ASK };

	o->phase = OPEN;
	assert_int_equal(take(o, reply, sizeof(reply)), -EPROTO);
	assert_string_equal(o->what, "record ADMIT_REPLY out of turn");
	assert_string_equal(o->record, "ADMIT_REPLY");
	o->phase = SHY;
	assert_int_equal(take(o, agent, sizeof(agent)), -EPROTO);
	assert_string_equal(o->what, "record AGENT out of turn");
	assert_int_equal(take(o, ask, sizeof(ask)), -EPROTO); /* of this channel, but in no rule */
	assert_string_equal(o->what, "record STATS_ASK out of turn");
	assert_int_equal(o->refused, 3);
	assert_int_equal(o->handled, 0);
}

static void what_comes_too_late_is_dropped(void **state)
{
	struct owner *o = *state;
	const uint8_t reply[] = { RECORD_ADMIT_REPLY, 4 };

	o->phase = ENDING;
	assert_int_equal(take(o, reply, sizeof(reply)), 1);
	assert_int_equal(o->handled + o->refused, 0);
}

static void of_another_channel(void **state)
{
	struct owner *o = *state;
	const uint8_t detach[] = { RECORD_DETACH, 0, 0, 0, 1 }, unknown[] = { 250 };

	assert_int_equal(take(o, detach, sizeof(detach)), -EPROTO);
	assert_string_equal(o->what, "record DETACH of another channel");
	assert_int_equal(take(o, unknown, sizeof(unknown)), -EPROTO);
	assert_string_equal(o->record, "?");
	assert_int_equal(o->refused, 2);
}

static void malformed(void **state)
{
	struct owner *o = *state;
	const uint8_t reply[] = { RECORD_ADMIT_REPLY, 4, 0 };

	assert_int_equal(take(o, reply, sizeof(reply)), -EPROTO);
	assert_string_equal(o->what, "a malformed record ADMIT_REPLY");
	assert_int_equal(o->handled, 0);
}

static void what_its_handler_does_not_believe(void **state)
{
	struct owner *o = *state;
	const uint8_t reply[] = { RECORD_ADMIT_REPLY, 4 };

	o->result = -EPROTO;
	assert_int_equal(take(o, reply, sizeof(reply)), -EPROTO);
	assert_string_equal(o->what, "record ADMIT_REPLY with what cannot be");
	/* The owner's own trouble is no offence. */
	o->result = -ENOMEM;
	assert_int_equal(take(o, reply, sizeof(reply)), -ENOMEM);
	assert_int_equal(o->refused, 1);
}

static void descriptors_are_kept_or_closed(void **state)
{
	struct owner *o = *state;
	const struct worker_record agent = { .type = RECORD_AGENT };
	const struct worker_record end = { .type = RECORD_END, .end = { .code = 1 } };
	int pipe_fds[2];
	char byte;

	o->phase = OPEN;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(take_with_fd(o, &agent, pipe_fds[1]), 1);
	assert_true(o->kept_fd >= 0);
	assert_int_equal(take_with_fd(o, &end, pipe_fds[1]), 1); /* its handler keeps none */
	o->phase = SHY;
	assert_int_equal(take_with_fd(o, &agent, pipe_fds[1]), -EPROTO);
	/* With ours closed there is no other writer. */
	fd_close(&o->kept_fd);
	close(pipe_fds[1]);
	assert_int_equal(read(pipe_fds[0], &byte, 1), 0);
	close(pipe_fds[0]);
}

static void nothing_and_the_end(void **state)
{
	struct owner *o = *state;
	struct worker_record room;

	assert_int_equal(dispatch_next(&o->channel, &dispatch, o, &room), -EAGAIN);
	fd_close(&o->peer);
	assert_int_equal(dispatch_next(&o->channel, &dispatch, o, &room), -EPIPE);
	assert_int_equal(o->refused, 0);
}

static unsigned in_part;

static int on_stats_ask(void *self, const void *body, int *fd)
{
	(void)body;
	(void)fd;
	*(unsigned *)self += 1;
	return 0;
}

/* A part of the owner, with rules of its own. */
static const struct dispatch_rule *find_in_part(void *owner, enum record_type type, void **self)
{
	static const struct dispatch_rule part[] = { { 0 },
		{ RECORD_STATS_ASK, DISPATCH_IN(OPEN), on_stats_ask, 0 } };

	(void)owner;
	*self = &in_part;
	return dispatch_rule_of(part, ARRAY_LEN(part), type);
}

/* By the owner's result: 0 go on, 1 drop it. */
static int judge(void *owner, enum record_type type)
{
	(void)type;
	return ((const struct owner *)owner)->result;
}

static void rules_that_stand_elsewhere_and_are_judged(void **state)
{
	struct owner *o = *state;
	struct dispatch d = dispatch;
	struct worker_record ask = { .type = RECORD_STATS_ASK }, end = { .type = RECORD_END };
	int fd = -1;

	d.find = find_in_part;
	d.judge = judge;
	in_part = 0;
	assert_int_equal(dispatch_record(&d, o, &ask, &fd), -EPROTO); /* not in this phase */
	assert_string_equal(o->what, "record STATS_ASK out of turn");
	o->phase = OPEN;
	assert_int_equal(dispatch_record(&d, o, &ask, &fd), 0);
	assert_int_equal(in_part, 1);
	assert_int_equal(dispatch_record(&d, o, &end, &fd), 0);
	assert_int_equal(o->handled, 1); /* by the owner itself */
	o->result = 1;
	assert_int_equal(dispatch_record(&d, o, &ask, &fd), 0);
	assert_int_equal(in_part, 1); /* dropped */
	o->result = -EPERM;
	assert_int_equal(dispatch_record(&d, o, &ask, &fd), -EPERM);
	o->result = -EPROTO;
	assert_int_equal(dispatch_record(&d, o, &ask, &fd), -EPROTO);
	assert_string_equal(o->what, "record STATS_ASK with what cannot be");
	assert_int_equal(in_part, 1);
	assert_int_equal(o->refused, 2);
}

#define OWNED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWNED(in_its_phase),
		OWNED(out_of_turn),
		OWNED(what_comes_too_late_is_dropped),
		OWNED(of_another_channel),
		OWNED(malformed),
		OWNED(what_its_handler_does_not_believe),
		OWNED(descriptors_are_kept_or_closed),
		OWNED(nothing_and_the_end),
		OWNED(rules_that_stand_elsewhere_and_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
