/* `farseat enroll`, `farseat renew`, `farseat remove`: what changes the known workstations. */
#include "client/app/commands.h"
#include "client/app/headless.h"
#include "client/session/enroll.h"
#include "client/session/invitation_text.h"
#include "client/session/remedy.h"
#include "client/session/renewal.h"
#include "common/base/buffer.h"
#include "common/base/fd.h"
#include "common/cli/complaint.h"
#include "common/cli/json_output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static bool progress(void *user, const char *what)
{
	(void)user;
	fprintf(stderr, "%s ...\n", what);
	return true;
}

/* The invitation as argument, or from standard input, without what a mail put around it. */
static int read_invitation(const char *argument, char out[static INVITATION_TEXT_MAX_BYTES])
{
	char raw[INVITATION_TEXT_RAW_MAX_BYTES];

	if (strcmp(argument, "-") != 0)
		return invitation_text_clean(argument, out);
	size_t len = fread(raw, 1, sizeof(raw) - 1, stdin);
	raw[len] = '\0';
	int r = invitation_text_clean(raw, out);
	secure_wipe(raw, sizeof(raw));
	return r;
}

int command_enroll(const struct options *o, void *user)
{
	char invitation[INVITATION_TEXT_MAX_BYTES];
	struct enroll_result result;
	struct way way = { 0 };

	(void)user;
	if (command_way(o, &way) < 0)
		return EXIT_USAGE;
	if (read_invitation(o->arguments[0], invitation) < 0)
		return options_wrong(o, "this is no invitation: it is empty or too long");
	const struct enroll_ssh_wishes wishes = { .farseatctl = options_value(o, "farseatctl"),
		.through = options_flag(o, "through-ssh") };
	bool ssh = strncmp(invitation, "ssh://", 6) == 0;
	if (!ssh && (wishes.farseatctl || wishes.through))
		return options_wrong(o, "--farseatctl and --through-ssh are for ssh://USER@HOST");
	int status = enroll_run(
		invitation, options_value(o, "name"), &way, &wishes, progress, NULL, &result);
	secure_wipe(invitation, sizeof(invitation));
	if (status) {
		complaint_say("farseat enroll", "%s%s%s%s", result.reason,
			sentence_end(result.reason), *result.remedy ? "\n" : "", result.remedy);
		return status;
	}
	if (options_flag(o, "json"))
		return json_output_print(json_pack("{s:b, s:s, s:s, s:s}", "changed", 1,
			"workstation", result.workstation.name, "device", result.device,
			"server_id", result.workstation.server_id));
	fprintf(stderr, "This laptop is enrolled as '%s'. Open the session with:\n", result.device);
	printf("farseat connect %s\n", result.workstation.name);
	return EXIT_OK;
}

int command_remove(const struct options *o, void *user)
{
	struct workstation w;
	const char *name = o->arguments[0];

	(void)user;
	if (!workstation_name_valid(name))
		return headless_find(name, &w);
	int r = workstation_remove(name);
	if (r == -ENOENT)
		return headless_find(name, &w);
	if (r < 0) {
		return complaint_say(
			"farseat remove", "%s could not be removed: %s.", name, strerror(-r));
	}
	fprintf(stderr,
		"%s is forgotten: this laptop's key for it is gone. The administrator can take the access back with "
		"'farseatctl revoke'.\n",
		name);
	if (options_flag(o, "json"))
		return json_output_print(
			json_pack("{s:b, s:s}", "changed", 1, "workstation", name));
	return EXIT_OK;
}

struct renew_run {
	struct renewal renewal;
	const struct workstation *workstation;
	int result; /* 1: waits */
};

static void on_wire(void *user, const struct wire_message *m)
{
	struct renew_run *run = user;

	if (m->type == WIRE_RENEWED)
		run->result = renewal_take(&run->renewal, run->workstation, &m->renewed);
}

static bool renewed(struct headless *h)
{
	const struct renew_run *run = h->more_user;

	return run->result != 1;
}

static int say_renewed(const struct options *o, const struct workstation *w)
{
	char path[PATH_MAX], date[32] = "";
	struct crypto_der cert;
	struct crypto_cert_info info;
	struct tm tm;

	if (workstation_path(w->name, "device.crt", path) < 0 ||
		crypto_cert_from_file(path, &cert) < 0 ||
		crypto_cert_info(cert.bytes, cert.len, &info) < 0)
		return complaint_say("farseat renew", "the new certificate cannot be read");
	if (options_flag(o, "json"))
		return json_output_print(json_pack("{s:b, s:s, s:I}", "changed", 1, "workstation",
			w->name, "expires", (json_int_t)info.not_after_s));
	time_t until = (time_t)info.not_after_s;
	if (gmtime_r(&until, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	fprintf(stderr,
		"The certificate for %s was renewed with a new key; it is valid until %s.\n",
		w->name, date);
	return EXIT_OK;
}

int command_renew(const struct options *o, void *user)
{
	static const struct connection_events events = { .wire = on_wire };
	struct connection_options options = { 0 };
	struct renew_run run = { .result = 1 };
	struct headless h;
	struct way way;
	long timeout_ms = command_timeout_ms(o, HEADLESS_TIMEOUT_MS);
	int given = command_way(o, &way);

	(void)user;
	options.way = given > 0 ? &way : NULL;
	if (timeout_ms < 0 || given < 0)
		return EXIT_USAGE;
	run.workstation = &h.workstation;
	int status =
		headless_open(&h, o->arguments[0], &options, &events, &run, (uint32_t)timeout_ms);
	if (status == EXIT_OK)
		status = headless_wait(&h, NULL, "connecting");
	if (status == EXIT_OK) {
		int r = renewal_start(&run.renewal, h.connection);
		if (r < 0)
			run.result = r;
		status = headless_wait(&h, renewed, "renewing");
		if (status != EXIT_OK && !renewal_due(&h.workstation))
			fputs("A workstation renews a certificate from two thirds of its life on, and this one is younger.\n",
				stderr);
	}
	if (status == EXIT_OK && run.result < 0) {
		status = complaint_say("farseat renew",
			"%s: the new certificate could not be taken: %s. The old one stays in use.",
			h.workstation.name, strerror(-run.result));
	}
	headless_close(&h);
	renewal_finish(&run.renewal);
	return status == EXIT_OK ? say_renewed(o, &h.workstation) : status;
}
