/* `farseat doctor`: walks every step of the way to a session, one line each with its time, and says
 * what to do about the one that fails. */
#include "client/ui/commands.h"
#include "client/ui/headless.h"
#include "client/ui/remedy.h"
#include "common/base/clock.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define EXACT_MS 10000 /* how long --exact waits for the picture to come to rest */

struct doctor {
	struct headless h;
	bool json, exact;
	json_t *checks;   /* owned */
	uint64_t step_us; /* at which the last step of the handshake was */
	uint64_t secured_us, opened_us;
	bool said_secured;
};

enum verdict { GOOD, BAD, NOTE };

static const char *const verdict_words[] = { [GOOD] = "ok", [BAD] = "FAILED", [NOTE] = "note" };

/* One line: what, how it went, how long it took, and more about it. */
static void say(struct doctor *d, const char *step, enum verdict verdict, uint64_t took_us,
	const char *format, ...) PRINTF_LIKE(5, 6);

static void say(struct doctor *d, const char *step, enum verdict verdict, uint64_t took_us,
	const char *format, ...)
{
	char detail[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	if (d->json) {
		json_array_append_new(d->checks, json_pack("{s:s, s:s, s:f, s:s}", "step", step,
							 "verdict", verdict_words[verdict], "ms",
							 (double)took_us / 1e3, "detail", detail));
		return;
	}
	printf("%-26s %-7s %8.1f ms  %s\n", step, verdict_words[verdict], (double)took_us / 1e3,
		detail);
	fflush(stdout);
}

static void date_text(int64_t when_s, char out[static 32])
{
	time_t t = (time_t)when_s;
	struct tm tm;

	snprintf(out, 32, "?");
	if (gmtime_r(&t, &tm))
		strftime(out, 32, "%Y-%m-%d %H:%M UTC", &tm);
}

/* A remedy under the line that failed; in JSON beside it. */
static void advise(struct doctor *d, const char *remedy)
{
	if (!*remedy)
		return;
	if (d->json)
		json_object_set_new(json_array_get(d->checks, json_array_size(d->checks) - 1),
			"remedy", json_string(remedy));
	else
		printf("%-26s %s\n", "", remedy);
}

static bool check_key_mode(struct doctor *d, const struct workstation *w)
{
	char path[PATH_MAX];
	struct stat s;

	if (workstation_path(w->name, "device.key", path) < 0 || stat(path, &s) < 0)
		return true; /* told with the files */
	if ((s.st_mode & 077) == 0)
		return true;
	say(d, "key file", BAD, 0, "%s can be read by others", path);
	advise(d, "Take their rights away ('chmod 600'), and renew the key: 'farseat renew NAME'.");
	return false;
}

static bool check_dates(struct doctor *d, const struct workstation_secrets *s, uint64_t took_us)
{
	struct crypto_cert_info info;
	char from[32], until[32];

	if (crypto_cert_info(s->cert.bytes, s->cert.len, &info) < 0) {
		say(d, "certificate", BAD, took_us, "device.crt cannot be read");
		advise(d, "Enrol again with a new invitation.");
		return false;
	}
	date_text(info.not_before_s, from);
	date_text(info.not_after_s, until);
	enum crypto_fault fault =
		crypto_cert_check(&s->cert, &s->ca, CRYPTO_FOR_DEVICE, NULL, clock_wall_s());
	say(d, "certificate", fault ? BAD : GOOD, took_us, "%s, valid %s to %s%s%s", info.subject,
		from, until, fault ? ": " : "", fault ? crypto_fault_text(fault) : "");
	if (fault)
		advise(d, remedy_for((uint8_t)fault, 0));
	return fault == CRYPTO_OK;
}

/* Name, files, key, dates: everything on this side. */
static bool check_config(struct doctor *d, const char *name)
{
	static struct workstation_secrets secrets; /* large; wiped below */
	struct workstation w;
	const char *why, *what = "";
	uint64_t start = clock_now_us();

	int r = workstation_load(name, &w, &why);
	if (r < 0) {
		say(d, "configuration", BAD, clock_now_us() - start, "%s: %s", name,
			r == -ENOENT ? "no workstation of that name is known" : why);
		advise(d,
			"'farseat list' shows what is known; 'farseat enroll INVITATION' adds one.");
		return false;
	}
	say(d, "configuration", GOOD, clock_now_us() - start, "%s is %s, port %u, server id %s",
		w.name, w.host, (unsigned)w.port, w.server_id);
	start = clock_now_us();
	r = workstation_load_secrets(&w, &secrets, &what);
	bool good = r == 0;
	if (r < 0) {
		say(d, "certificate", BAD, clock_now_us() - start, "%s cannot be used: %s", what,
			strerror(-r));
		advise(d, "Enrol again with a new invitation.");
	} else {
		good = check_dates(d, &secrets, clock_now_us() - start);
	}
	workstation_secrets_wipe(&secrets);
	return check_key_mode(d, &w) && good;
}

static void on_dialed(void *user, const struct dial_result *r)
{
	struct doctor *d = user;

	if (r->through) {
		say(d, "way", GOOD, 0, "%s", r->reason);
		return;
	}
	const char *name_step = r->to_proxy ? "proxy's name" : "name resolution";
	const char *tcp_step = r->to_proxy ? "connection to the proxy" : "TCP connection";
	if (r->name_failed) {
		say(d, name_step, BAD, r->resolve_us, "%s", r->reason);
		return;
	}
	say(d, name_step, GOOD, r->resolve_us, "%u address%s", r->addresses,
		r->addresses == 1 ? "" : "es");
	if (r->fd < 0)
		say(d, tcp_step, BAD, r->connect_us, "%s", r->reason);
	else
		say(d, tcp_step, GOOD, r->connect_us, "%s%s", r->address,
			r->multipath ? ", multipath offered" : "");
}

static void on_step(void *user, const struct record_link_step *s)
{
	struct doctor *d = user;
	char name[80];

	snprintf(name, sizeof(name), "  %s", s->step);
	say(d, name, GOOD, s->at_us > d->step_us ? s->at_us - d->step_us : 0, "%s", s->detail);
	d->step_us = s->at_us;
}

static void on_link_state(void *user, const struct record_link_state *s)
{
	struct doctor *d = user;

	if (!s->version[0] || d->said_secured)
		return;
	d->said_secured = true;
	d->secured_us = clock_now_us();
	say(d, "secured", GOOD, d->step_us, "%s, %s%s", s->version, s->suite,
		s->resumed ? ", resumed" : "");
}

static void on_wire(void *user, const struct wire_message *m)
{
	struct doctor *d = user;

	if (m->type != WIRE_WELCOME)
		return;
	char until[32];
	const struct wire_welcome *w = &m->welcome;
	d->opened_us = clock_now_us();
	date_text(w->cert_not_after_s, until);
	say(d, "authorisation", GOOD, d->secured_us ? d->opened_us - d->secured_us : 0,
		"%s is '%s' there, %s, session %u, certificate until %s", d->h.workstation.name,
		w->device, w->caps & WIRE_CAP_INPUT ? "may control" : "may only watch",
		(unsigned)w->session, until);
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

/* What went wrong, as one more line with its remedy. */
static int failed(struct doctor *d, const char *step)
{
	struct connection *c = d->h.connection;

	say(d, step, BAD, 0, "%s",
		*connection_reason(c) ? connection_reason(c) : "no answer in time");
	advise(d, connection_remedy(c));
	int status = connection_exit_status(c);
	return status ? status : EXIT_FAILED;
}

/* As headless_wait, without its words: ours are lines. */
static bool wait_until(struct doctor *d, bool (*done)(struct headless *h), uint32_t ms)
{
	uint64_t until = clock_now_ms() + ms;

	while (!done(&d->h)) {
		enum connection_state s = connection_state(d->h.connection);
		if (s == CONNECTION_REFUSED || s == CONNECTION_ENDED || s == CONNECTION_FAILED ||
			clock_now_ms() >= until)
			return false;
		if (headless_run_ms(&d->h, 2) != EXIT_OK)
			return false;
	}
	return true;
}

static int check_picture(struct doctor *d)
{
	const struct connection_picture *p = connection_picture(d->h.connection);
	uint64_t start = clock_now_us();

	bool came = wait_until(d, answered, 5000);
	uint64_t took_us = clock_now_us() - start;
	if (!came)
		return failed(d, "round trip");
	say(d, "round trip", GOOD, took_us, "a question and its answer through both programs");

	if (!wait_until(d, has_picture, 5000))
		return failed(d, "picture");
	say(d, "picture", GOOD, clock_now_us() - d->opened_us, "%u x %u%s", (unsigned)p->width_px,
		(unsigned)p->height_px, p->resizable ? ", follows the window" : "");

	start = clock_now_us();
	bool same = wait_until(d, headless_is_settled, d->exact ? EXACT_MS : 1000);
	if (same) {
		say(d, "exact picture", GOOD, clock_now_us() - start,
			"the checksums of both ends are equal");
		return EXIT_OK;
	}
	say(d, "exact picture", d->exact ? BAD : NOTE, clock_now_us() - start,
		"the screen did not come to rest in this time");
	if (d->exact)
		advise(d, "Stop what moves on the screen and try again.");
	return d->exact ? EXIT_FAILED : EXIT_OK;
}

static int examine(
	struct doctor *d, const char *name, const struct route *route, uint32_t timeout_ms)
{
	static const struct connection_events events = {
		.dialed = on_dialed, .step = on_step, .link_state = on_link_state, .wire = on_wire
	};
	const struct connection_options options = {
		.steps = true, .no_resume = true, .route = route
	};

	if (!check_config(d, name))
		return EXIT_FAILED;
	int status = headless_open(&d->h, name, &options, &events, d, timeout_ms);
	if (status == EXIT_OK && !wait_until(d, headless_is_open, timeout_ms))
		status = failed(d, d->opened_us      ? "session"
				   : d->said_secured ? "authorisation"
						     : "connection");
	if (status == EXIT_OK)
		status = check_picture(d);
	headless_close(&d->h);
	return status;
}

int command_doctor(const struct options *o, void *user)
{
	static struct doctor d;
	struct route route;
	long timeout_ms = command_timeout_ms(o, HEADLESS_TIMEOUT_MS);
	int given = command_route(o, &route);

	(void)user;
	if (timeout_ms < 0 || given < 0)
		return EXIT_USAGE;
	d.json = options_flag(o, "json");
	d.exact = options_flag(o, "exact");
	d.checks = json_array();
	int status = examine(&d, o->arguments[0], given ? &route : NULL, (uint32_t)timeout_ms);
	if (d.json) {
		json_t *all = json_pack("{s:s, s:b, s:O}", "workstation", o->arguments[0], "good",
			status == EXIT_OK, "checks", d.checks);
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(all);
	}
	json_decref(d.checks);
	return status;
}
