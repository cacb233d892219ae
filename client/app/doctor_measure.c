/* An open session, measured: nothing of it acts on the workstation. Input is shown to arrive by a
 * message that releases what this laptop holds, which is nothing; the picture that is asked for
 * anew carries its number, and is what throughput and loss are measured on. */
#include "client/app/doctor.h"

#include "common/base/clock.h"
#include "common/cli/options.h"

#include <stdio.h>
#include <string.h>

#define PICTURE_MS      8000
#define INPUT_MS        8000
#define EXACT_MS        10000 /* how long --exact waits for the picture to come to rest */
#define SETTLE_MS       3000  /* without it */
#define REFRESHES       3
#define ENOUGH_BYTES    100000 /* for a rate that says something */
#define STATS_WAIT_MS   2500   /* the link tells its figures once a second */
#define ENOUGH_SEGMENTS 20
#define LOSS_PERCENT    3 /* from here on a person feels it */

bool doctor_wait(struct doctor *d, bool (*done)(struct headless *h), uint32_t ms)
{
	uint64_t until = clock_now_ms() + ms;

	while (!done(&d->h)) {
		enum connection_state s = connection_state(d->h.connection);
		if (s == CONNECTION_REFUSED || s == CONNECTION_ENDED || s == CONNECTION_FAILED ||
			clock_now_ms() >= until)
			return false;
		headless_turn(&d->h, MIN(until, clock_now_ms() + 10));
	}
	return true;
}

static bool has_picture(struct headless *h)
{
	return connection_picture(h->connection)->pixels != NULL;
}

static bool answered(struct headless *h)
{
	if (h->asked == 0)
		headless_is_settled(h); /* asks */
	return h->matches || (h->asked == 0 && h->updates_asked != 0);
}

static bool has_answer(struct headless *h)
{
	return h->input_serial != 0 && h->input_serial == h->wanted_serial;
}

static bool has_new_picture(struct headless *h)
{
	return h->updates > h->updates_asked;
}

static int check_picture(struct doctor *d)
{
	const struct connection_picture *p = connection_picture(d->h.connection);

	if (!doctor_wait(d, has_picture, PICTURE_MS))
		return doctor_diagnose(d);
	doctor_say(d, "capture", GOOD, clock_now_us() - d->opened_us, "a picture of %u x %u%s",
		(unsigned)p->width_px, (unsigned)p->height_px,
		p->resizable ? ", follows the window" : "");
	return EXIT_OK;
}

static void ask_picture(struct doctor *d)
{
	const struct wire_message m = { .type = WIRE_REFRESH };

	d->h.updates_asked = d->h.updates;
	connection_send(d->h.connection, &m);
}

static int check_input(struct doctor *d)
{
	struct wire_message m = { .type = WIRE_RELEASE_ALL };
	uint64_t start = clock_now_us();

	if (!(connection_caps(d->h.connection) & WIRE_CAP_INPUT)) {
		doctor_say(d, "input", NOTE, 0, "this laptop may only watch: not tried");
		return EXIT_OK;
	}
	m.release_all.serial = connection_next_serial(d->h.connection);
	d->h.wanted_serial = m.release_all.serial;
	connection_send(d->h.connection, &m);
	ask_picture(d);
	if (!doctor_wait(d, has_answer, INPUT_MS)) {
		if (!connection_is_up(d->h.connection))
			return doctor_diagnose(d);
		doctor_say(d, "input", BAD, clock_now_us() - start,
			"the session did not take an input message in time");
		doctor_advise(d, "input",
			"The session there hangs: 'farseatctl log' says more; restart farseatd.");
		return EXIT_FAILED;
	}
	doctor_say(d, "input", GOOD, clock_now_us() - start,
		"taken by the session, and answered by a new picture");
	return EXIT_OK;
}

static int check_round_trip(struct doctor *d)
{
	uint64_t start = clock_now_us();

	d->h.updates_asked = 0;
	d->h.asked = 0;
	if (!doctor_wait(d, answered, PICTURE_MS))
		return doctor_diagnose(d);
	doctor_say(d, "round trip", GOOD, clock_now_us() - start,
		"a question and its answer through both programs");
	return EXIT_OK;
}

static bool has_stats(struct headless *h)
{
	return h->stats_count >= h->wanted_stats;
}

static bool newer_stats(struct doctor *d)
{
	d->h.wanted_stats = d->h.stats_count + 2; /* the one after next covers all that was */
	return doctor_wait(d, has_stats, STATS_WAIT_MS);
}

static void check_throughput(struct doctor *d)
{
	uint64_t bytes = d->h.stats.picture_bytes, start = clock_now_us(), took_us = 0;

	for (int i = 0; i < REFRESHES; i++) {
		ask_picture(d);
		if (!doctor_wait(d, has_new_picture, PICTURE_MS))
			return;
	}
	took_us = clock_now_us() - start;
	if (!newer_stats(d))
		return;
	bytes = d->h.stats.picture_bytes - bytes;
	if (bytes < ENOUGH_BYTES)
		doctor_say(d, "throughput", GOOD, took_us,
			"the picture is too small to tell (%llu bytes)", (unsigned long long)bytes);
	else
		doctor_say(d, "throughput", GOOD, took_us, "%.1f MB of picture, %.1f Mbit/s",
			(double)bytes / 1e6, (double)bytes * 8 / (double)MAX(took_us, 1U));
}

static unsigned percent(uint32_t part, uint32_t whole)
{
	return whole >= ENOUGH_SEGMENTS ? (unsigned)((uint64_t)part * 100 / whole) : 0;
}

static void check_loss(struct doctor *d)
{
	const struct record_link_stats *s = &d->h.stats;
	unsigned out = percent(s->path_again, s->path_sent);
	unsigned in = percent(s->path_out_of_order, s->path_got);

	if (s->path_sent == 0) {
		doctor_say(d, "link quality", NOTE, 0,
			"through a tunnel: only its own ends can tell about loss");
		return;
	}
	bool bad = out >= LOSS_PERCENT || in >= LOSS_PERCENT;
	doctor_say(d, "link quality", bad ? NOTE : GOOD, s->path_rtt_us,
		"of %u segments out %u sent again (%u %%), of %u in %u out of order (%u %%), round trip %.1f ms",
		(unsigned)s->path_sent, (unsigned)s->path_again, out, (unsigned)s->path_got,
		(unsigned)s->path_out_of_order, in, s->path_rtt_us / 1e3);
	if (bad)
		doctor_advise(d, "loss",
			"The link loses packets: everything works, but slowly. Move nearer to the access point, use a cable or another network.");
}

static int check_exact(struct doctor *d)
{
	uint64_t start = clock_now_us();

	d->h.matches = false;
	if (doctor_wait(d, headless_is_settled, d->exact ? EXACT_MS : SETTLE_MS)) {
		doctor_say(d, "exact picture", GOOD, clock_now_us() - start,
			"the checksums of both ends are equal");
		return EXIT_OK;
	}
	doctor_say(d, "exact picture", d->exact ? BAD : NOTE, clock_now_us() - start,
		"the screen did not come to rest in this time");
	if (d->exact)
		doctor_advise(d, "restless", "Stop what moves on the screen and try again.");
	return d->exact ? EXIT_FAILED : EXIT_OK;
}

int doctor_measure(struct doctor *d)
{
	int status = check_picture(d);

	if (status == EXIT_OK)
		status = check_input(d);
	if (status == EXIT_OK)
		status = check_round_trip(d);
	if (status != EXIT_OK)
		return status;
	check_throughput(d);
	check_loss(d);
	return check_exact(d);
}
