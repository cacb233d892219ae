#include "client/session/enroll.h"

#include "client/session/enroll_ssh.h"
#include "client/session/link_process.h"
#include "client/session/remedy.h"
#include "common/base/backoff.h"
#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/machine.h"
#include "common/wire/plain_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINK_ANSWER_MS 15000 /* the link has its own, shorter limits */

/* Where the workstation took no connection at that moment: 1.5 s in all. */
#define RETRY_MS     100
#define RETRY_MAX_MS 1000
#define TRIES        5

#define ASK_AGAIN                                                                                  \
	"Ask the administrator for a new invitation ('farseatctl invite' on the workstation)."

struct enrolment {
	struct invitation invitation;
	const char *name; /* wanted; NULL: the workstation's own */
	bool replace;
	struct way way;
	struct way_attempt *attempt; /* owned; lives as long as the link that uses it */
	struct crypto_der ca, cert, one_time;
	/* Those of the invitation's key that were shown: a company's CA has one more where an older
	 * CA has signed its key as well. ca is the first until ENROLLED says which one it is. */
	struct crypto_der shown[RECORD_CERTS_MAX];
	size_t shown_count;
	uint8_t one_time_key[CRYPTO_KEY_DER_MAX_BYTES];
	size_t one_time_key_len;
	struct crypto_key *key; /* owned: the laptop's new one */
	bool shook_hands;       /* this link's handshake is done: the invitation may be spent */
	bool too_soon;          /* the workstation looked at nothing: worth another try */
	uint8_t csr[CRYPTO_CSR_DER_MAX_BYTES];
	size_t csr_len;
	char server_name[CRYPTO_NAME_MAX_BYTES];
	char workstation[WIRE_NAME_MAX_BYTES];
	struct link_record record;
	enroll_progress_fn progress;
	void *progress_user;
	struct enroll_result *out;
};

static int fail(struct enrolment *e, int status, const char *reason, const char *remedy)
{
	e->out->status = status;
	snprintf(e->out->reason, sizeof(e->out->reason), "%s", reason);
	e->out->remedy = remedy;
	return -1;
}

/* -1: the person gave up instead. */
static int tell(struct enrolment *e, const char *what)
{
	if (!e->progress || e->progress(e->progress_user, what))
		return 0;
	return fail(e, 1, "you gave up before this laptop was enrolled", "");
}

static int dial(struct enrolment *e, int *fd)
{
	struct dial_result result;
	int r = way_open(&e->attempt, &e->way, e->invitation.host, e->invitation.port, NULL);

	if (r < 0)
		return fail(e, 1, strerror(-r), "");
	while ((r = way_take(e->attempt, &result)) == -EAGAIN) {
		if (fd_wait_one(way_fd(e->attempt), FD_READ, -1) > 0)
			way_process(e->attempt);
	}
	if (r < 0)
		return fail(e, 1, "the connection was not made", "");
	if (result.fd < 0)
		return fail(e, 1, result.reason,
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
		       ? fail(e, 1, reason, remedy)
		       : 0;
}

/* A refusal of the one-time certificate is about the invitation, whatever the handshake calls it. */
static int fail_by_link(struct enrolment *e, const struct record_link_failed *f)
{
	if (f->code == WIRE_BYE_INVITATION)
		return fail(e, 3, f->reason, ASK_AGAIN);
	if (fail_by_way(e, f) < 0)
		return -1;
	e->too_soon = !e->shook_hands &&
		      (f->code == WIRE_BYE_BUSY || (f->code == 0 && f->fault == CRYPTO_CLOSED));
	enum outcome outcome = outcome_of(f->fault, f->code, f->retry);
	return fail(
		e, outcome == OUTCOME_REFUSED ? 3 : 1, f->reason, remedy_for(f->fault, f->code));
}

static void end_link(struct enrolment *e, struct link_process *link)
{
	link_process_finish(link, 500, NULL);
	way_close(e->attempt);
	e->attempt = NULL;
}

/* Starts a link, gives it config, and waits for the one record that answers it. Other records are
 * skipped, except failures. */
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
		return fail(e, 1, "farseat-link cannot be started",
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
	return fail(e, 1,
		r == -ETIMEDOUT ? "the workstation did not answer in time"
				: "farseat-link ended in the middle",
		"Try again.");
}

/* The same; tries again after a pause where the workstation has not looked at anything yet. */
static int ask_link(struct enrolment *e, struct link_process *link,
	const struct link_record *config, int wanted)
{
	struct backoff pause = { .first_ms = RETRY_MS, .max_ms = RETRY_MAX_MS };

	for (;;) {
		(void)fail(e, 0, "", ""); /* forgets what the last try said */
		int r = ask_link_once(e, link, config, wanted);
		if (r == 0 || !e->too_soon || pause.tries + 1 >= TRIES)
			return r;
		end_link(e, link);
		link_process_init(link);
		(void)!fd_wait(NULL, 0, (int)backoff_next(&pause, (uint32_t)clock_now_ns()));
	}
}

static void base_config(
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

/* Its key is the right one. The rest was said by whoever answered there, who may be in between. */
static int check_ca(struct enrolment *e, const struct crypto_der *ca)
{
	char text[200];
	enum crypto_fault fault = crypto_ca_check(ca, clock_wall_s());

	if (fault == CRYPTO_OK)
		return 0;
	snprintf(text, sizeof(text),
		"the workstation's CA has the right key, but its certificate cannot be used: %s",
		fault == CRYPTO_UNKNOWN_CA ? "it is not signed by that key"
					   : crypto_fault_text(fault));
	return fail(e, 3, text,
		"Somebody may be in between; otherwise compare the clocks of both machines.");
}

/* Whether it is a CA's certificate of the key that the invitation names. */
static bool has_named_key(const struct enrolment *e, const struct record_blob *cert)
{
	struct crypto_cert_info info;

	return cert->len <= sizeof(e->ca.bytes) &&
	       crypto_cert_info(cert->bytes, cert->len, &info) == 0 && info.is_ca &&
	       memcmp(info.public_key_hash, e->invitation.ca_key_hash,
		       sizeof(info.public_key_hash)) == 0;
}

/* The certificates of the chain whose key the invitation names. Until one is found nothing is
 * proven. */
static int pick_ca(struct enrolment *e, const struct record_chain *chain)
{
	e->shown_count = 0;
	for (size_t i = 0; i < chain->count && i < RECORD_CERTS_MAX; i++) {
		const struct record_blob *cert = &chain->certs[i];
		struct crypto_der *shown = &e->shown[e->shown_count];
		if (!has_named_key(e, cert))
			continue;
		memcpy(shown->bytes, cert->bytes, cert->len);
		shown->len = cert->len;
		if (check_ca(e, shown) < 0)
			return -1;
		e->shown_count++;
	}
	if (e->shown_count > 0) {
		e->ca = e->shown[0];
		return 0;
	}
	return fail(e, 3,
		"what answers there is not the workstation that the invitation names (its CA has another key); nothing was sent to it",
		"Somebody may be in between, or the workstation was set up anew: " ASK_AGAIN);
}

static int fetch_ca(struct enrolment *e)
{
	struct link_record config;
	struct link_process link;

	if (tell(e, "Asking the workstation for its certificate") < 0)
		return -1;
	link_process_init(&link);
	base_config(e, &config, RECORD_LINK_PROBE);
	int r = ask_link(e, &link, &config, RECORD_CHAIN);
	if (r == 0)
		r = pick_ca(e, &e->record.chain);
	end_link(e, &link);
	return r;
}

static int make_request(struct enrolment *e)
{
	if (tell(e, "Making this laptop's key") < 0)
		return -1;
	int r = crypto_key_generate(&e->key);
	if (r == 0)
		r = crypto_csr_create(e->key, e->csr, &e->csr_len);
	return r < 0 ? fail(e, 1, "a key could not be made", "") : 0;
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
	return r < 0 ? fail(e, 1, "a key could not be made", "") : make_request(e);
}

/* The workstation itself, which is authenticated by now, says which certificate its CA has. It must
 * be one that was shown before anybody was authenticated. */
static int take_ca(struct enrolment *e, const struct wire_enrolled *m)
{
	for (size_t i = 0; i < e->shown_count; i++) {
		const struct crypto_der *shown = &e->shown[i];
		if (m->ca_len != shown->len || memcmp(m->ca, shown->bytes, m->ca_len) != 0)
			continue;
		e->ca = *shown;
		return 0;
	}
	return fail(e, 3,
		"the CA's certificate that was shown first is not the one that the workstation has",
		"Somebody may be in between: " ASK_AGAIN);
}

/* What came back must be for our key and by the CA that the invitation names. */
static int take_certificate(struct enrolment *e, const struct wire_enrolled *m)
{
	struct crypto_cert_info info;
	uint8_t public_key[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	size_t len;

	if (m->cert_len > sizeof(e->cert.bytes))
		return fail(e, 1, "the certificate is too large", "");
	if (take_ca(e, m) < 0)
		return -1;
	memcpy(e->cert.bytes, m->cert, m->cert_len);
	e->cert.len = m->cert_len;
	if (crypto_cert_info(e->cert.bytes, e->cert.len, &info) < 0 ||
		crypto_key_public_der(e->key, public_key, sizeof(public_key), &len) < 0 ||
		len != info.public_key_len || memcmp(public_key, info.public_key, len) != 0)
		return fail(e, 1, "the certificate that came back is not for this laptop's key",
			ASK_AGAIN);
	enum crypto_fault fault =
		crypto_cert_check(&e->cert, &e->ca, CRYPTO_FOR_DEVICE, NULL, clock_wall_s());
	if (fault != CRYPTO_OK) {
		char text[200];
		snprintf(text, sizeof(text), "the certificate that came back cannot be used: %s",
			crypto_fault_text(fault));
		return fail(e, 1, text,
			"Compare the clocks of both machines, then ask for a new invitation.");
	}
	snprintf(e->out->device, sizeof(e->out->device), "%s", m->device);
	snprintf(e->workstation, sizeof(e->workstation), "%s", m->workstation);
	return 0;
}

static int get_certificate(struct enrolment *e)
{
	struct link_record config; /* wiped below */
	struct link_process link;
	struct wire_message m;

	if (tell(e, ENROLL_STEP_SHOWING) < 0)
		return -1;
	link_process_init(&link);
	base_config(e, &config, RECORD_LINK_ENROLL);
	config.link_config.chain[0] = (struct record_blob){ e->one_time.bytes, e->one_time.len };
	config.link_config.chain_len = 1;
	config.link_config.key = (struct record_blob){ e->one_time_key, e->one_time_key_len };
	config.link_config.trusted[0] = (struct record_blob){ e->ca.bytes, e->ca.len };
	config.link_config.trusted_len = 1;
	config.link_config.csr = (struct record_blob){ e->csr, e->csr_len };
	char host[MACHINE_HOST_BYTES];
	snprintf(config.link_config.label, sizeof(config.link_config.label), "%s",
		machine_host(host) == 0 && plain_text_valid(host, strlen(host)) ? host : "laptop");
	int r = ask_link(e, &link, &config, RECORD_WIRE);
	/* STATE and STEP are other records: the first wire message is the answer. */
	if (r == 0 && record_wire_message(&e->record.wire, &m) < 0)
		r = fail(e, 1, "farseat-link sent something malformed", "");
	else if (r == 0 && m.type == WIRE_GOODBYE)
		r = fail(e,
			m.goodbye.code == WIRE_BYE_INVITATION || m.goodbye.code == WIRE_BYE_REFUSED
				? 3
				: 1,
			m.goodbye.reason, remedy_for(0, m.goodbye.code));
	else if (r == 0 && m.type != WIRE_ENROLLED)
		r = fail(e, 1, "the workstation sent something else than a certificate", "");
	else if (r == 0)
		r = take_certificate(e, &m.enrolled);
	end_link(e, &link);
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

	if (tell(e, "Storing key and certificate") < 0)
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
		return fail(e, 1, text, ASK_AGAIN);
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
	return fail(e, 1, text, "The invitation was not spent: mend that and try again.");
}

/* Name and way as the person gave them. */
static int check_wishes(struct enrolment *e)
{
	if (e->name && !workstation_name_valid(e->name))
		return fail(e, 2, "the name must be " WORKSTATION_NAME_RULE, "");
	const char *why = way_wrong(&e->way, e->invitation.host[0] ? e->invitation.host : NULL);
	if (!why && (!workstation_way_text_valid(e->way.via) ||
			    !workstation_way_text_valid(e->way.command) ||
			    !workstation_way_text_valid(e->way.proxy)))
		why = "the way to the workstation cannot be kept in its file: it must be one line of UTF-8, at most 180 bytes, without ' ;'";
	if (why)
		return fail(e, 2, why, "A longer command can stand in a script of its own.");
	return 0;
}

static int check_name_free(struct enrolment *e)
{
	if (e->name && check_name(e, e->name) < 0)
		return fail(e, 1, "another workstation is known by that name",
			"Choose another --name, or 'farseat remove' the old one.");
	return 0;
}

static int check_invitation(struct enrolment *e, const char *text)
{
	const char *why = "";
	char reason[200];

	if (invitation_parse(text, &e->invitation, &why) < 0) {
		snprintf(reason, sizeof(reason), "that is not an invitation: %s", why);
		return fail(e, 2, reason,
			"Copy all of the invitation again, from farseat:// to its last character, and nothing else.");
	}
	if (e->invitation.expires_s < clock_wall_s())
		return fail(e, 3, "this invitation has expired", ASK_AGAIN);
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
		return fail(e, 1, "a request could not be made", "");
	if (tell(e, "Asking the workstation over SSH to sign this laptop's request") < 0)
		return -1;
	if (enroll_ssh(url, e->way.via, farseatctl, csr, &answer, &error) < 0)
		return fail(e, error.status, error.reason, error.remedy);
	if (check_ca(e, &answer.ca) < 0)
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
			return fail(e, 1, "the way through that host is too long to be kept", "");
		memcpy(e->way.via, via, (size_t)n + 1);
		snprintf(e->invitation.host, sizeof(e->invitation.host), "localhost");
	}
	struct wire_enrolled m = { .cert = answer.cert.bytes,
		.cert_len = answer.cert.len,
		.ca = answer.ca.bytes,
		.ca_len = answer.ca.len };
	snprintf(m.device, sizeof(m.device), "%s", answer.device);
	snprintf(m.workstation, sizeof(m.workstation), "%s", answer.workstation);
	return take_certificate(e, &m);
}

static int over_ssh(struct enrolment *e, const char *url, const struct enroll_ssh_wishes *wishes)
{
	if (e->way.command[0] || e->way.proxy[0])
		return fail(e, 2, "to enrol over SSH the way there can only be --via",
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
