#include "client/session/enrolment.h"

#include "client/session/enroll_ssh.h"
#include "client/session/remedy.h"
#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/machine.h"
#include "common/wire/plain_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fetch_ca(struct enrolment *e)
{
	struct link_record config;
	struct link_process link;

	if (enrolment_tell(e, "Asking the workstation for its certificate") < 0)
		return -1;
	link_process_init(&link);
	enrolment_config(e, &config, RECORD_LINK_PROBE);
	int r = enrolment_ask(e, &link, &config, RECORD_CHAIN);
	if (r == 0)
		r = enrolment_pick_ca(e, &e->record.chain);
	enrolment_end_link(e, &link);
	return r;
}

static int make_request(struct enrolment *e)
{
	if (enrolment_tell(e, "Making this laptop's key") < 0)
		return -1;
	int r = crypto_key_generate(&e->key);
	if (r == 0)
		r = crypto_csr_create(e->key, e->csr, &e->csr_len);
	return r < 0 ? enrolment_fail(e, 1, "a key could not be made", "") : 0;
}

static int make_keys(struct enrolment *e)
{
	struct crypto_key *once = NULL;

	int r = crypto_key_from_scalar(&once, e->invitation.scalar);
	if (r == 0)
		r = crypto_key_to_der(
			once, e->one_time_key, sizeof(e->one_time_key), &e->one_time_key_len);
	if (r == 0)
		r = crypto_invitation_cert(once, &e->one_time);
	crypto_key_destroy(once);
	return r < 0 ? enrolment_fail(e, 1, "a key could not be made", "") : make_request(e);
}

static int get_certificate(struct enrolment *e)
{
	struct link_record config; /* wiped below */
	struct link_process link;
	struct wire_message m;

	if (enrolment_tell(e, ENROLL_STEP_SHOWING) < 0)
		return -1;
	link_process_init(&link);
	enrolment_config(e, &config, RECORD_LINK_ENROLL);
	config.link_config.chain[0] = (struct record_blob){ e->one_time.bytes, e->one_time.len };
	config.link_config.chain_len = 1;
	config.link_config.key = (struct record_blob){ e->one_time_key, e->one_time_key_len };
	config.link_config.trusted[0] = (struct record_blob){ e->ca.bytes, e->ca.len };
	config.link_config.trusted_len = 1;
	config.link_config.csr = (struct record_blob){ e->csr, e->csr_len };
	char host[MACHINE_HOST_BYTES];
	snprintf(config.link_config.label, sizeof(config.link_config.label), "%s",
		machine_host(host) == 0 && plain_text_valid(host, strlen(host)) ? host : "laptop");
	int r = enrolment_ask(e, &link, &config, RECORD_WIRE);
	/* STATE and STEP are other records: the first wire message is the answer. */
	if (r == 0 && record_wire_message(&e->record.wire, &m) < 0)
		r = enrolment_fail(e, 1, "farseat-link sent something malformed", "");
	else if (r == 0 && m.type == WIRE_GOODBYE)
		r = enrolment_fail(e,
			m.goodbye.code == WIRE_BYE_INVITATION || m.goodbye.code == WIRE_BYE_REFUSED
				? 3
				: 1,
			m.goodbye.reason, remedy_for(0, m.goodbye.code));
	else if (r == 0 && m.type != WIRE_ENROLLED)
		r = enrolment_fail(
			e, 1, "the workstation sent something else than a certificate", "");
	else if (r == 0)
		r = enrolment_take_certificate(e, &m.enrolled);
	enrolment_end_link(e, &link);
	secure_wipe(&config, sizeof(config));
	return r;
}

/* An old enrolment with the same workstation is replaced; one with another one is kept. */
static int check_name(struct enrolment *e, const char *name)
{
	struct workstation known;
	const char *why;

	e->replace = false;
	if (workstation_load(name, &known, &why) < 0)
		return 0;
	if (strcmp(known.server_id, e->invitation.server_id) != 0)
		return -EEXIST;
	e->replace = true;
	return 0;
}

static int store(struct enrolment *e)
{
	struct workstation *w = &e->out->workstation;
	char base[WORKSTATION_NAME_MAX_BYTES];

	if (enrolment_tell(e, "Storing key and certificate") < 0)
		return -1;
	workstation_name_from(e->workstation, base);
	snprintf(w->name, sizeof(w->name), "%s", e->name ? e->name : base);
	for (int i = 2; check_name(e, w->name) < 0 && i < 1000; i++)
		snprintf(w->name, sizeof(w->name), "%.50s-%d", e->name ? e->name : base, i);
	memcpy(w->host, e->invitation.host, sizeof(w->host));
	w->port = e->invitation.port;
	w->way = e->way;
	memcpy(w->server_id, e->invitation.server_id, sizeof(w->server_id));
	int r = workstation_store(w, e->key, &e->cert, &e->ca, e->replace);
	if (r < 0) {
		char text[200];
		snprintf(text, sizeof(text), "key and certificate could not be stored: %s",
			strerror(-r));
		return enrolment_fail(e, 1, text, ASK_AGAIN);
	}
	return 0;
}

/* An invitation works once: it is not spent on an enrolment that could not be stored. */
static int try_store(struct enrolment *e)
{
	char text[200];
	int r = workstation_try_store();

	if (r == 0)
		return 0;
	snprintf(text, sizeof(text), "key and certificate could not be stored: %s", strerror(-r));
	return enrolment_fail(e, 1, text, "The invitation was not spent: mend that and try again.");
}

/* Name and way as the person gave them. */
static int check_wishes(struct enrolment *e)
{
	if (e->name && !workstation_name_valid(e->name))
		return enrolment_fail(e, 2, "the name must be " WORKSTATION_NAME_RULE, "");
	const char *why = way_wrong(&e->way, e->invitation.host[0] ? e->invitation.host : NULL);
	if (!why && (!workstation_way_text_valid(e->way.via) ||
			    !workstation_way_text_valid(e->way.command) ||
			    !workstation_way_text_valid(e->way.proxy)))
		why = "the way to the workstation cannot be kept in its file: it must be one line of UTF-8, at most 180 bytes, without ' ;'";
	if (why)
		return enrolment_fail(
			e, 2, why, "A longer command can stand in a script of its own.");
	return 0;
}

static int check_name_free(struct enrolment *e)
{
	if (e->name && check_name(e, e->name) < 0)
		return enrolment_fail(e, 1, "another workstation is known by that name",
			"Choose another --name, or 'farseat remove' the old one.");
	return 0;
}

static int check_invitation(struct enrolment *e, const char *text)
{
	const char *why = "";
	char reason[200];

	if (invitation_parse(text, &e->invitation, &why) < 0) {
		snprintf(reason, sizeof(reason), "that is not an invitation: %s", why);
		return enrolment_fail(e, 2, reason,
			"Copy all of the invitation again, from farseat:// to its last character, and nothing else.");
	}
	if (e->invitation.expires_s < clock_wall_s())
		return enrolment_fail(e, 3, "this invitation has expired", ASK_AGAIN);
	snprintf(e->server_name, sizeof(e->server_name), "%s" CRYPTO_SERVER_SUFFIX,
		e->invitation.server_id);
	int r = check_wishes(e);
	return r < 0 ? r : check_name_free(e);
}

/* ---- over SSH ---- */

static int request_over_ssh(
	struct enrolment *e, const char *url, const struct enroll_ssh_wishes *wishes)
{
	struct enroll_ssh_answer answer = { 0 };
	struct enroll_ssh_error error = { .remedy = "" };
	char csr[CRYPTO_CSR_DER_MAX_BYTES * 2];
	const char *farseatctl = wishes && wishes->farseatctl ? wishes->farseatctl : "farseatctl";

	if (crypto_csr_to_pem(e->csr, e->csr_len, csr, sizeof(csr)) < 0)
		return enrolment_fail(e, 1, "a request could not be made", "");
	if (enrolment_tell(e, "Asking the workstation over SSH to sign this laptop's request") < 0)
		return -1;
	if (enroll_ssh(url, e->way.via, farseatctl, csr, &answer, &error) < 0)
		return enrolment_fail(e, error.status, error.reason, error.remedy);
	if (enrolment_check_ca(e, &answer.ca) < 0)
		return -1;
	e->shown[e->shown_count++] = answer.ca; /* SSH has authenticated it */
	memcpy(e->invitation.server_id, answer.server_id, sizeof(answer.server_id));
	memcpy(e->invitation.host, answer.host, sizeof(answer.host));
	e->invitation.port = answer.port;
	if (wishes && wishes->through) { /* the login itself is the last hop from now on */
		char via[WAY_TEXT_MAX_BYTES];
		int n = snprintf(via, sizeof(via), "%s%s%s", e->way.via, e->way.via[0] ? "," : "",
			answer.login);
		if (n < 0 || (size_t)n >= sizeof(via) || !workstation_way_text_valid(via))
			return enrolment_fail(
				e, 1, "the way through that host is too long to be kept", "");
		memcpy(e->way.via, via, (size_t)n + 1);
		snprintf(e->invitation.host, sizeof(e->invitation.host), "localhost");
	}
	struct wire_enrolled m = { .cert = answer.cert.bytes,
		.cert_len = answer.cert.len,
		.ca = answer.ca.bytes,
		.ca_len = answer.ca.len };
	snprintf(m.device, sizeof(m.device), "%s", answer.device);
	snprintf(m.workstation, sizeof(m.workstation), "%s", answer.workstation);
	return enrolment_take_certificate(e, &m);
}

static int over_ssh(struct enrolment *e, const char *url, const struct enroll_ssh_wishes *wishes)
{
	if (e->way.command[0] || e->way.proxy[0])
		return enrolment_fail(e, 2, "to enrol over SSH the way there can only be --via",
			"Other ways are written into ~/.ssh/config, or use an invitation.");
	int r = check_wishes(e);
	if (r == 0)
		r = try_store(e);
	if (r == 0)
		r = make_request(e);
	if (r == 0)
		r = request_over_ssh(e, url, wishes);
	return r < 0 ? r : check_name_free(e);
}

/* ---- either way ---- */

static int by_invitation(struct enrolment *e, const char *text)
{
	int r = check_invitation(e, text);

	if (r == 0)
		r = try_store(e);
	if (r == 0)
		r = make_keys(e);
	if (r == 0)
		r = fetch_ca(e);
	return r == 0 ? get_certificate(e) : r;
}

int enroll_run(const char *invitation, const char *name, const struct way *way,
	const struct enroll_ssh_wishes *wishes, enroll_progress_fn progress, void *user,
	struct enroll_result *out)
{
	struct enrolment *e = calloc(1, sizeof(*e));

	memset(out, 0, sizeof(*out));
	out->remedy = "";
	if (!e) {
		out->status = 1;
		snprintf(out->reason, sizeof(out->reason), "out of memory");
		return 1;
	}
	e->out = out;
	e->name = name;
	if (way)
		e->way = *way;
	e->progress = progress;
	e->progress_user = user;
	int r = strncmp(invitation, "ssh://", 6) == 0 ? over_ssh(e, invitation, wishes)
						      : by_invitation(e, invitation);
	if (r == 0)
		r = store(e);
	if (r < 0 && out->status == 0)
		out->status = 1;
	crypto_key_destroy(e->key);
	invitation_wipe(&e->invitation);
	secure_wipe(e, sizeof(*e));
	free(e);
	return out->status;
}
