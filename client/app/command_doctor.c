/*
 * `farseat doctor`: walks every step of the way to a session, one line each with its time, and says
 * what to do about the one that fails.
 */
#include "client/app/commands.h"
#include "client/app/doctor.h"
#include "client/session/remedy.h"
#include "common/base/clock.h"
#include "common/base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLOCK_WAIT_MS 500 /* an older server does not tell its clock */

static void date_text(int64_t when_s, char out[static 32])
{
	time_t t = (time_t)when_s;
	struct tm tm;

	snprintf(out, 32, "?");
	if (gmtime_r(&t, &tm))
		strftime(out, 32, "%Y-%m-%d %H:%M UTC", &tm);
}

static bool check_key_mode(struct doctor *d, const struct workstation *w)
{
	char path[PATH_MAX];

	if (workstation_path(w->name, "device.key", path) < 0 || file_is_private(path) != 0)
		return true; /* one that is not there is told with the files */
	doctor_say(d, "key file", BAD, 0, "%s can be read by others", path);
	doctor_advise(d, "key-mode",
		"Take their rights away ('chmod 600'), and renew the key: 'farseat renew NAME'.");
	return false;
}

static bool check_dates(struct doctor *d, const struct workstation_secrets *s, uint64_t took_us)
{
	struct crypto_cert_info info;
	char from[32], until[32];

	if (crypto_cert_info(s->cert.bytes, s->cert.len, &info) < 0) {
		doctor_say(d, "certificate", BAD, took_us, "device.crt cannot be read");
		doctor_advise(d, "files", "Enrol again with a new invitation.");
		return false;
	}
	date_text(info.not_before_s, from);
	date_text(info.not_after_s, until);
	d->own = crypto_cert_check(&s->cert, &s->ca, CRYPTO_FOR_DEVICE, NULL, clock_wall_s());
	/* The workstation's view will show whether the dates or this laptop's clock are wrong. */
	bool dates = d->own == CRYPTO_EXPIRED || d->own == CRYPTO_NOT_YET_VALID;
	doctor_say(d, "certificate",
		d->own == CRYPTO_OK ? GOOD
		: dates             ? NOTE
				    : BAD,
		took_us, "%s, valid %s to %s%s%s", info.subject, from, until,
		d->own ? ", by this laptop's clock: " : "",
		d->own ? crypto_fault_text(d->own) : "");
	if (d->own != CRYPTO_OK && !dates)
		doctor_advise(d, "files", remedy_for((uint8_t)d->own, 0));
	return d->own == CRYPTO_OK || dates;
}

/* Name, files, key, dates: everything on this side. */
static bool check_config(struct doctor *d, const char *name)
{
	struct workstation_secrets secrets = { 0 }; /* wiped below */
	struct workstation w;
	const char *why, *what = "";
	uint64_t start = clock_now_us();

	int r = workstation_load(name, &w, &why);
	if (r < 0) {
		doctor_say(d, "configuration", BAD, clock_now_us() - start, "%s: %s", name,
			r == -ENOENT ? "no workstation of that name is known" : why);
		doctor_advise(d, "unknown-name",
			"'farseat list' shows what is known; 'farseat enroll INVITATION' adds one.");
		return false;
	}
	doctor_say(d, "configuration", GOOD, clock_now_us() - start,
		"%s is %s, port %u, server id %s", w.name, w.host, (unsigned)w.port, w.server_id);
	start = clock_now_us();
	r = workstation_load_secrets(&w, &secrets, &what);
	bool good = r == 0;
	if (r < 0 && r != -EPERM) { /* that is the key's mode, which is told below */
		doctor_say(d, "certificate", BAD, clock_now_us() - start, "%s cannot be used: %s",
			what, r == -EINVAL ? "it is damaged" : strerror(-r));
		doctor_advise(d, "files", "Enrol again with a new invitation.");
	} else if (r == 0) {
		good = check_dates(d, &secrets, clock_now_us() - start);
	}
	workstation_secrets_wipe(&secrets);
	return check_key_mode(d, &w) && good;
}

static void on_dialed(void *user, const struct dial_result *r)
{
	struct doctor *d = user;

	d->through = r->through || r->to_proxy;
	d->dial_failed = r->fd < 0;
	d->name_failed = r->name_failed;
	d->dial_error = r->fd < 0 ? r->error : 0;
	for (size_t i = 0; i < r->step_count; i++) {
		const struct dial_step *s = &r->steps[i];
		if (!s->failed)
			doctor_say(d, s->name, GOOD, s->took_us, "%s", s->detail);
		else
			memcpy(d->hop_step, s->name, sizeof(d->hop_step));
	}
	d->hop_diagnosis = r->diagnosis;
	if (r->fd < 0 && (r->name_failed || r->through))
		return; /* told by its diagnosis */
	if (r->through) {
		doctor_say(d, "way", GOOD, 0, "%s", r->reason);
		return;
	}
	const char *name_step = r->to_proxy ? "proxy's name" : "name resolution";
	const char *tcp_step = r->to_proxy ? "connection to the proxy" : "TCP connection";
	doctor_say(d, name_step, GOOD, r->resolve_us, "%u address%s", r->addresses,
		r->addresses == 1 ? "" : "es");
	if (r->fd >= 0)
		doctor_say(d, tcp_step, GOOD, r->connect_us, "%s%s", r->address,
			r->multipath ? ", multipath offered" : "");
}

static void on_step(void *user, const struct record_link_step *s)
{
	struct doctor *d = user;
	char name[80];

	snprintf(name, sizeof(name), "  %s", s->step);
	doctor_say(
		d, name, GOOD, s->at_us > d->step_us ? s->at_us - d->step_us : 0, "%s", s->detail);
	d->step_us = s->at_us;
}

static void on_link_state(void *user, const struct record_link_state *s)
{
	struct doctor *d = user;

	if (!s->version[0] || d->said_secured)
		return;
	d->said_secured = true;
	d->secured_us = clock_now_us();
	doctor_say(d, "secured", GOOD, d->step_us, "%s, %s%s", s->version, s->suite,
		s->resumed ? ", resumed" : "");
}

static void on_wire(void *user, const struct wire_message *m)
{
	struct doctor *d = user;

	if (m->type == WIRE_CLOCK) {
		d->clock_known = true;
		d->clock_ahead_s = clock_wall_s() - m->clock.now_s;
	}
	if (m->type != WIRE_WELCOME)
		return;
	char until[32];
	const struct wire_welcome *w = &m->welcome;
	d->opened_us = clock_now_us();
	date_text(w->cert_not_after_s, until);
	doctor_say(d, "authorisation", GOOD, d->secured_us ? d->opened_us - d->secured_us : 0,
		"%s is '%s' there, %s, session %u, certificate until %s", d->h.workstation.name,
		w->device, w->caps & WIRE_CAP_INPUT ? "may control" : "may only watch",
		(unsigned)w->session, until);
}

/* It comes with the first messages of a session, before the picture; from a server that tells. */
static bool clock_came(struct headless *h)
{
	return ((struct doctor *)h->more_user)->clock_known;
}

static int examine(struct doctor *d, const char *name, const struct way *way, uint32_t timeout_ms)
{
	static const struct connection_events events = {
		.dialed = on_dialed, .step = on_step, .link_state = on_link_state, .wire = on_wire
	};
	const struct connection_options options = { .steps = true, .no_resume = true, .way = way };

	if (!check_config(d, name))
		return EXIT_FAILED;
	int status = headless_open(&d->h, name, &options, &events, d, timeout_ms);
	if (status == EXIT_OK && !doctor_wait(d, headless_is_open, timeout_ms))
		status = doctor_diagnose(d);
	if (status == EXIT_OK) {
		doctor_wait(d, clock_came, CLOCK_WAIT_MS);
		doctor_judge_clocks(d);
		status = doctor_measure(d);
	}
	headless_close(&d->h);
	return status == EXIT_OK && d->failed ? EXIT_FAILED : status;
}

int command_doctor(const struct options *o, void *user)
{
	struct doctor d = { 0 };
	struct way way;
	long timeout_ms = command_timeout_ms(o, HEADLESS_TIMEOUT_MS);
	int given = command_way(o, &way);

	(void)user;
	if (timeout_ms < 0 || given < 0)
		return EXIT_USAGE;
	d.json = options_flag(o, "json");
	d.exact = options_flag(o, "exact");
	d.checks = json_array();
	int status = examine(&d, o->arguments[0], given ? &way : NULL, (uint32_t)timeout_ms);
	doctor_finish(&d, o->arguments[0]);
	return status;
}
