/* From what broke to what it means and what helps. Where one thing alone can be several (an expired
 * certificate, or a clock that is wrong), both ends' views are put together. */
#include "client/app/doctor.h"

#include "client/session/remedy.h"
#include "common/base/clock.h"
#include "common/cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct diagnosis {
	const char *word, *step, *remedy;
};

static const struct diagnosis name_wrong = {
	"name", "name resolution",
	"Check the network, and the host in workstation.conf ('farseat list' shows it): the name is not known to this laptop's resolver."
};
static const struct diagnosis not_listening = {
	"not-listening", "TCP connection",
	"That machine is on, but nothing listens on the port: start farseatd there ('systemctl start farseatd', or farseatd itself), or correct the port in workstation.conf."
};
static const struct diagnosis no_answer = {
	"no-answer", "TCP connection",
	"Nothing comes back: the machine is off, or a firewall drops the connection. Let the port through there, or go by a jump host (--via, --via-command)."
};
static const struct diagnosis no_way = {
	"no-network", "TCP connection",
	"This laptop has no way there: connect it to the network or VPN that the workstation is in."
};
static const struct diagnosis way_broken = {
	"way", "way",
	"What is on the way to the workstation failed, not the workstation: try it by itself (the command of --via-command, 'ssh JUMP', the proxy), and check via, via_command or proxy in workstation.conf."
};
static const struct diagnosis silent = {
	"no-tls", "TLS",
	"Somebody takes the connection and says nothing: check host and port, or restart farseatd there."
};
static const struct diagnosis laptop_clock = { "clock-laptop", "clocks",
	"This laptop's clock is wrong: set it ('timedatectl set-ntp true'), then try again." };
static const struct diagnosis workstation_clock = {
	"clock-workstation", "clocks",
	"By this laptop's clock the certificate is valid, by the workstation's it is not: compare 'date -u' on both and set the wrong one ('timedatectl set-ntp true')."
};
static const struct diagnosis expired = {
	"expired", "authorisation",
	"This laptop's certificate is over by both clocks: ask for a new invitation ('farseatctl invite' there) and enrol again."
};
static const struct diagnosis server_expired = { "server-expired", "TLS",
	"The workstation's certificate is over: 'farseatctl renew' there." };
static const struct diagnosis revoked = {
	"revoked", "authorisation",
	"The administrator took this laptop's access away: ask for a new invitation and enrol again."
};
static const struct diagnosis unknown = {
	"unknown-device", "authorisation",
	"The workstation does not know this laptop: enrol it with a new invitation ('farseatctl invite' there)."
};
static const struct diagnosis wrong_ca = {
	"wrong-ca", "TLS",
	"Who answers is not of the CA that this laptop enrolled with: somebody may be in between, or the workstation was set up anew. Ask its administrator; then remove it ('farseat remove NAME') and enrol again."
};
static const struct diagnosis wrong_name = {
	"wrong-workstation", "TLS",
	"Another workstation answers at this address: check host and port in workstation.conf, or the tunnel."
};
static const struct diagnosis display_gone = {
	"display", "capture",
	"The workstation is reached, but has no session to show: log in there again or restart its X server, then restart farseatd ('farseatctl status' shows the session)."
};

/* Before a word of TLS was heard. */
static const struct diagnosis *of_way(const struct doctor *d)
{
	if (connection_way_failed(d->h.connection) || (d->through && d->dial_failed))
		return &way_broken;
	if (d->name_failed)
		return &name_wrong;
	if (d->dial_error == -ECONNREFUSED)
		return &not_listening;
	if (d->dial_error == -ENETUNREACH || d->dial_error == -ENETDOWN)
		return &no_way;
	if (d->dial_error != 0)
		return &no_answer;
	return NULL;
}

static const struct diagnosis *of_goodbye(const struct doctor *d, uint16_t code)
{
	switch (code) {
	case WIRE_BYE_REVOKED:
		return &revoked;
	case WIRE_BYE_EXPIRED:
		return d->own == CRYPTO_OK ? &workstation_clock : &expired;
	case WIRE_BYE_REFUSED:
		return &unknown;
	case WIRE_BYE_SESSION_ENDED:
		return &display_gone;
	default:
		return NULL;
	}
}

static const struct diagnosis *of_fault(const struct doctor *d, uint8_t fault)
{
	switch ((enum crypto_fault)fault) {
	case CRYPTO_UNKNOWN_CA:
		return &wrong_ca;
	case CRYPTO_WRONG_NAME:
		return &wrong_name;
	case CRYPTO_NOT_YET_VALID:
		/* It was signed in the past, so the present is later than this laptop's clock. */
		return &laptop_clock;
	case CRYPTO_EXPIRED:
		return d->own == CRYPTO_OK ? &server_expired : &laptop_clock;
	case CRYPTO_CLOSED:
		return d->through ? &way_broken : &silent;
	case CRYPTO_OK:
	case CRYPTO_NO_CERTIFICATE:
	case CRYPTO_REVOKED:
	case CRYPTO_WRONG_PURPOSE:
	case CRYPTO_NOT_ADMITTED:
	case CRYPTO_WRONG_VERSION:
	case CRYPTO_NO_COMMON_SUITE:
	case CRYPTO_WRONG_PROTOCOL:
	case CRYPTO_TAMPERED:
	case CRYPTO_REFUSED:
	case CRYPTO_MALFORMED:
	case CRYPTO_INTERNAL:
		break;
	}
	return NULL;
}

static const struct diagnosis *find(const struct doctor *d)
{
	const struct connection *c = d->h.connection;
	const struct diagnosis *found = of_way(d);

	if (!found)
		found = of_goodbye(d, connection_goodbye(c));
	if (!found)
		found = of_fault(d, connection_fault(c));
	/* A certificate from the future proves that this laptop's clock is slow. */
	if (d->own == CRYPTO_NOT_YET_VALID && (!found || found == &workstation_clock))
		found = &laptop_clock;
	return found;
}

int doctor_diagnose(struct doctor *d)
{
	const struct connection *c = d->h.connection;
	const struct diagnosis *found = find(d);
	const char *reason = connection_reason(c);
	const char *step = d->opened_us      ? "session"
			   : d->said_secured ? "authorisation"
					     : "connection";

	bool at_hop = found == &way_broken && d->hop_step[0] != '\0';
	if (at_hop)
		step = d->hop_step;
	else if (found)
		step = found->step;
	doctor_say(d, step, BAD, 0, "%s", *reason ? reason : "no answer in time");
	/* What is on the way says itself what helps, where it knows. */
	const char *remedy = connection_remedy(c);
	bool own_words = !found || (found == &way_broken && *remedy);
	const char *word = found ? found->word : "other";
	doctor_advise(d, at_hop && d->hop_diagnosis ? d->hop_diagnosis : word,
		own_words ? remedy : found->remedy);
	int status = connection_exit_status(c);
	return status ? status : EXIT_FAILED;
}

void doctor_judge_clocks(struct doctor *d)
{
	long long ahead = d->clock_ahead_s, much = llabs(ahead);
	const char *where = ahead > 0 ? "ahead of" : "behind";

	if (!d->clock_known)
		return;
	if (much <= 5) {
		doctor_say(d, "clocks", GOOD, 0, "both ends agree to within 5 s");
		return;
	}
	char by[48];
	if (much < 7200)
		snprintf(by, sizeof(by), "%lld s", much);
	else
		snprintf(by, sizeof(by), "%.1f days", (double)much / 86400);
	bool bad = d->own != CRYPTO_OK;
	doctor_say(d, "clocks", bad ? BAD : NOTE, 0,
		"this laptop's clock is %s %s the workstation's", by, where);
	if (bad)
		doctor_advise(d, laptop_clock.word,
			"By this laptop's clock its certificate is not valid, by the workstation's it is: compare 'date -u' on both and set the wrong one ('timedatectl set-ntp true').");
	else if (much > DOCTOR_CLOCK_SLACK_S)
		doctor_advise(d, "clocks",
			"Certificates have dates: set the wrong clock ('timedatectl set-ntp true').");
}
