/*
 * What a handshake costs, full and resumed, in each version of TLS that the library has.
 *
 * First the channel alone: both ends in this process over a queue, each run until it has nothing
 * more to do, so that flights are counted exactly and CPU is that of one end. Then the programs:
 * farseat-link connects to farseat-worker, both as they are used, from their start to WELCOME
 * (HELLO and the second proof included), with flights counted where the bytes change direction.
 *
 * usage: handshake FARSEAT-WORKER FARSEAT-LINK
 */
#include "tests/unit/crypto/cmocka_all.h"

#include "tests/unit/crypto/pair.h"

#include "common/base/clock.h"
#include "common/crypto/random.h"
#include "tests/bench/percentile.h"
#include "tests/support/rig/rig.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHANNEL_ROUNDS 200
#define PROGRAM_ROUNDS 50

enum { CLIENT, SERVER, ENDS };

struct cost {
	uint64_t cpu_ns[ENDS];
	size_t bytes[ENDS];     /* that this end sent */
	unsigned flights[ENDS]; /* that this end sent */
	unsigned waited; /* flights of the server before the client may send its first byte */
	uint64_t us;     /* of the programs: from start to WELCOME */
};

static uint64_t median(uint64_t *values, size_t count)
{
	return percentile(values, count, 50);
}

/* ---- the channel alone ---- */

static uint64_t thread_cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* One end's turn, until it waits for the other; whether it sent anything. */
static bool take_turn(struct pair *p, int end, struct cost *c)
{
	struct tls *t = end == CLIENT ? p->client : p->server;
	int *result = end == CLIENT ? &p->client_result : &p->server_result;
	struct pipe_queue *out = end == CLIENT ? &p->to_server : &p->to_client;
	size_t before = out->total;
	uint64_t begin_ns = thread_cpu_ns();

	if (*result == -EAGAIN)
		*result = tls_handshake(t);
	c->cpu_ns[end] += thread_cpu_ns() - begin_ns;
	c->bytes[end] += out->total - before;
	c->flights[end] += out->total > before;
	return out->total > before;
}

/* The session in: what is offered; out: what the server gave. */
static struct cost shake(const struct world *w, const struct tls_policy *policy, uint8_t *session,
	size_t *session_len, bool resume)
{
	struct cost c = { 0 };
	struct tls_info info;
	struct pair p;
	uint8_t byte = 1;

	pair_init(&p, w);
	p.client_config.policy = p.server_config.policy = *policy;
	if (resume) {
		p.client_config.session = session;
		p.client_config.session_len = *session_len;
	}
	pair_start(&p);
	p.client_result = p.server_result = -EAGAIN;
	for (bool moved = true; moved;) {
		moved = take_turn(&p, CLIENT, &c);
		if (p.client_result == 0 && c.waited == 0)
			c.waited = c.flights[SERVER];
		moved |= take_turn(&p, SERVER, &c);
	}
	assert_int_equal(p.client_result, 0);
	assert_int_equal(p.server_result, 0);
	tls_info(p.client, &info);
	assert_int_equal(info.resumed, resume);
	assert_int_equal(tls_write(p.server, &byte, 1), 0);
	assert_int_equal(tls_read(p.client, &byte, 1), 1);
	assert_int_equal(
		tls_session_export(p.client, session, TLS_SESSION_MAX_BYTES, session_len), 0);
	pair_finish(&p);
	return c;
}

static void measure_channel(const struct world *w, const char *version, bool resume)
{
	static uint64_t client_ns[CHANNEL_ROUNDS], server_ns[CHANNEL_ROUNDS];
	uint8_t session[TLS_SESSION_MAX_BYTES];
	struct tls_policy policy = tls_policy_default();
	size_t session_len;
	struct cost c;

	policy.allow_tls13 = strcmp(version, "TLSv1.3") == 0;
	policy.allow_tls12 = !policy.allow_tls13;
	shake(w, &policy, session, &session_len, false);
	for (int i = 0; i < CHANNEL_ROUNDS; i++) {
		c = shake(w, &policy, session, &session_len, resume);
		client_ns[i] = c.cpu_ns[CLIENT];
		server_ns[i] = c.cpu_ns[SERVER];
	}
	printf("%s %-8s channel: client may send after %u round trip%s, flights %u + %u, bytes %zu + %zu, CPU ms p50 client %.2f, server %.2f\n",
		version, resume ? "resumed" : "full", c.waited, c.waited == 1 ? "" : "s",
		c.flights[CLIENT], c.flights[SERVER], c.bytes[CLIENT], c.bytes[SERVER],
		(double)median(client_ns, CHANNEL_ROUNDS) / 1e6,
		(double)median(server_ns, CHANNEL_ROUNDS) / 1e6);
}

static bool has_version(const struct world *w, bool tls13)
{
	struct tls_policy policy = tls_policy_default();
	struct tls *t = NULL;
	struct pair p;
	struct tls_transport transport;

	policy.allow_tls12 = !tls13;
	policy.allow_tls13 = tls13;
	pair_init(&p, w);
	p.server_config.policy = policy;
	pair_transport(&transport, &p.server_end);
	int r = tls_create_server(&t, &p.server_config, &transport);
	p.server = t;
	pair_finish(&p);
	return r == 0;
}

/* ---- the programs ---- */

struct wire_count {
	int last; /* direction of the last bytes; -1: none yet */
	unsigned flights;
	bool counts;
};

static size_t on_wire(void *user, int direction, uint8_t *bytes, size_t len)
{
	struct wire_count *w = user;

	(void)bytes;
	if (w->counts && w->last != direction)
		w->flights++;
	w->last = direction;
	return len;
}

/* CPU of all threads (proc(5), schedstat: the first number is ns on a CPU); they may end meanwhile.
 */
static uint64_t process_cpu_ns(pid_t pid)
{
	char path[300];
	uint64_t sum_ns = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));) {
		unsigned long long ns = 0;
		snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", (int)pid, e->d_name);
		FILE *f = e->d_name[0] == '.' ? NULL : fopen(path, "re");
		if (f && fscanf(f, "%llu", &ns) == 1)
			sum_ns += ns;
		if (f)
			fclose(f);
	}
	if (d)
		closedir(d);
	return sum_ns;
}

static bool is_welcome(const struct rig *r)
{
	return r->welcome_seen;
}

static bool has_session(const struct rig *r)
{
	return r->session_len > 0;
}

static struct cost connect_once(const struct rig_programs *programs, const struct rig_identity *id,
	bool only_tls12, uint8_t *session, size_t *session_len, bool resume)
{
	static struct rig r;
	struct record_link_config config = rig_session_config(id);
	struct wire_count w = { .last = -1, .counts = true };
	struct cost c = { 0 };
	int client[2], server[2];

	rig_init(&r, programs, id, 64, 64);
	r.only_tls12 = only_tls12;
	r.on_wire = on_wire;
	r.on_wire_user = &w;
	if (resume)
		config.session = (struct record_blob){ session, *session_len };
	rig_tcp_pair(client);
	rig_tcp_pair(server);
	r.relay[0] = client[1];
	r.relay[1] = server[0];
	uint64_t begin_us = clock_now_us();
	rig_start_worker(&r, server[1], NULL);
	rig_start_link(&r, client[0], &config);
	assert_true(rig_run(&r, is_welcome, 10000));
	c.us = clock_now_us() - begin_us;
	w.counts = false;
	c.flights[CLIENT] = (w.flights + 1) / 2;
	c.flights[SERVER] = w.flights / 2;
	c.cpu_ns[CLIENT] = process_cpu_ns(r.link_pid);
	c.cpu_ns[SERVER] = process_cpu_ns(r.worker_pid);
	assert_int_equal(r.handshake.resumed, resume);
	assert_true(rig_run(&r, has_session, 10000));
	*session_len = r.session_len;
	memcpy(session, r.session, r.session_len);
	rig_finish(&r);
	return c;
}

static void measure_programs(const struct rig_programs *programs, const struct rig_identity *id,
	const char *version, bool resume)
{
	static uint64_t client_ns[PROGRAM_ROUNDS], server_ns[PROGRAM_ROUNDS], us[PROGRAM_ROUNDS],
		round_trips[PROGRAM_ROUNDS];
	uint8_t session[RECORD_SESSION_MAX_BYTES];
	bool only_tls12 = strcmp(version, "TLSv1.2") == 0;
	size_t session_len;

	connect_once(programs, id, only_tls12, session, &session_len, false);
	for (int i = 0; i < PROGRAM_ROUNDS; i++) {
		struct cost c =
			connect_once(programs, id, only_tls12, session, &session_len, resume);
		client_ns[i] = c.cpu_ns[CLIENT];
		server_ns[i] = c.cpu_ns[SERVER];
		round_trips[i] = c.flights[SERVER];
		us[i] = c.us;
	}
	printf("%s %-8s programs: WELCOME after %u round trips (p50), %.1f ms; CPU ms p50 link %.1f, worker %.1f\n",
		version, resume ? "resumed" : "full", (unsigned)median(round_trips, PROGRAM_ROUNDS),
		(double)median(us, PROGRAM_ROUNDS) / 1e3,
		(double)median(client_ns, PROGRAM_ROUNDS) / 1e6,
		(double)median(server_ns, PROGRAM_ROUNDS) / 1e6);
}

int main(int argc, char **argv)
{
	static struct world world;
	struct rig_identity id;

	if (argc != 3) {
		fprintf(stderr, "usage: %s FARSEAT-WORKER FARSEAT-LINK\n", argv[0]);
		return 2;
	}
	const struct rig_programs programs = { argv[1], argv[2] };
	if (crypto_init() < 0)
		return 1;
	world_make(&world);
	rig_identity_create(&id);
	for (int tls13 = 0; tls13 < 2; tls13++) {
		const char *version = tls13 ? "TLSv1.3" : "TLSv1.2";
		if (!has_version(&world, tls13)) {
			printf("%s: this library has it not\n", version);
			continue;
		}
		for (int resume = 0; resume < 2; resume++)
			measure_channel(&world, version, resume);
		for (int resume = 0; resume < 2; resume++)
			measure_programs(&programs, &id, version, resume);
	}
	rig_identity_destroy(&id);
	world_free(&world);
	crypto_finish();
	return 0;
}
