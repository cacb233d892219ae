#include "client/session/remedy.h"

#include <string.h>

static const struct rule {
	enum outcome outcome;
	const char *remedy;
} faults[] = {
	[CRYPTO_NO_CERTIFICATE] = { OUTCOME_REFUSED,
		"Enrol this laptop again with a new invitation ('farseatctl invite' there)." },
	[CRYPTO_UNKNOWN_CA] = { OUTCOME_REFUSED,
		"Somebody may be in between, or the workstation was set up anew: ask its administrator, then enrol again." },
	[CRYPTO_EXPIRED] = { OUTCOME_REFUSED,
		"Compare the clocks of both machines; if they are right, enrol again with a new invitation." },
	[CRYPTO_NOT_YET_VALID] = { OUTCOME_REFUSED,
		"Set the clocks of both machines right ('timedatectl')." },
	[CRYPTO_REVOKED] = { OUTCOME_REFUSED,
		"The administrator took this laptop's access away: ask for a new invitation." },
	[CRYPTO_WRONG_PURPOSE] = { OUTCOME_REFUSED,
		"The certificate is not one for this: enrol again." },
	[CRYPTO_WRONG_NAME] = { OUTCOME_REFUSED,
		"Another workstation answers at this address: check host and port in workstation.conf, or the tunnel." },
	[CRYPTO_NOT_ADMITTED] = { OUTCOME_REFUSED,
		"The workstation does not know this laptop: enrol it with an invitation." },
	[CRYPTO_WRONG_VERSION] = { OUTCOME_REFUSED,
		"Update Farseat on the older of the two machines." },
	[CRYPTO_NO_COMMON_SUITE] = { OUTCOME_REFUSED,
		"Update Farseat on the older of the two machines." },
	[CRYPTO_WRONG_PROTOCOL] = { OUTCOME_REFUSED,
		"Something that is not Farseat answers there: check host and port." },
	[CRYPTO_TAMPERED] = { OUTCOME_RETRY, "The bytes were changed on the way." },
	[CRYPTO_REFUSED] = { OUTCOME_REFUSED,
		"The workstation refused this laptop: 'farseatctl log' there says why; a new invitation gives access again." },
	[CRYPTO_CLOSED] = { OUTCOME_RETRY, "" },
	[CRYPTO_MALFORMED] = { OUTCOME_FAILED,
		"Something that is not Farseat answers there: check host and port." },
	[CRYPTO_INTERNAL] = { OUTCOME_FAILED, "" },
};

static const struct rule goodbyes[] = {
	[WIRE_BYE_CLOSED] = { OUTCOME_ENDED, "" },
	[WIRE_BYE_DISCONNECTED] = { OUTCOME_ENDED, "Ask why before you connect again." },
	[WIRE_BYE_REVOKED] = { OUTCOME_REFUSED,
		"Ask the administrator for a new invitation ('farseatctl invite' there)." },
	[WIRE_BYE_REFUSED] = { OUTCOME_REFUSED,
		"Enrol this laptop again with a new invitation ('farseatctl invite' there)." },
	[WIRE_BYE_NOT_ALLOWED] = { OUTCOME_REFUSED,
		"This laptop may not do that: ask the administrator ('farseatctl role')." },
	[WIRE_BYE_PROTOCOL] = { OUTCOME_FAILED,
		"Update Farseat on both machines; if it stays, report it with both logs." },
	[WIRE_BYE_VERSION] = { OUTCOME_FAILED, "Update Farseat on the older of the two machines." },
	[WIRE_BYE_SESSION_ENDED] = { OUTCOME_RETRY,
		"'farseatctl status' on the workstation says more." },
	[WIRE_BYE_SHUTDOWN] = { OUTCOME_RETRY, "" },
	[WIRE_BYE_BUSY] = { OUTCOME_RETRY, "Try again later." },
	[WIRE_BYE_INVITATION] = { OUTCOME_REFUSED,
		"An invitation works once and for a time: ask for a new one ('farseatctl invite')." },
	[WIRE_BYE_INTERNAL] = { OUTCOME_FAILED, "'farseatctl log' on the workstation says more." },
	[WIRE_BYE_EXPIRED] = { OUTCOME_REFUSED, "Enrol again with a new invitation." },
};

static const struct rule *rule_for(uint8_t fault, uint16_t code)
{
	if (code > 0 && code < ARRAY_LEN(goodbyes) && goodbyes[code].remedy)
		return &goodbyes[code];
	if (fault > 0 && fault < ARRAY_LEN(faults) && faults[fault].remedy)
		return &faults[fault];
	return NULL;
}

enum outcome outcome_of(uint8_t fault, uint16_t code, bool retry)
{
	const struct rule *rule = rule_for(fault, code);

	if (retry)
		return OUTCOME_RETRY;
	return rule ? rule->outcome : OUTCOME_FAILED;
}

const char *remedy_for(uint8_t fault, uint16_t code)
{
	const struct rule *rule = rule_for(fault, code);

	return rule ? rule->remedy : "";
}

bool remedy_by_way(uint8_t fault, uint16_t code)
{
	return code == 0 &&
	       (fault == CRYPTO_OK || fault == CRYPTO_CLOSED || fault == CRYPTO_MALFORMED);
}

const char *sentence_end(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && strchr(".!?", text[len - 1]) ? "" : ".";
}
