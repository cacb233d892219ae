/* What to tell the person when a connection fails: a sentence and what to do about it, by the
 * fault's number. farseat. */
#pragma once

#include "common/crypto/errors.h"
#include "common/wire/messages.h"

#include <stdbool.h>

enum outcome {
	OUTCOME_RETRY,   /* the link broke */
	OUTCOME_RENEW,   /* nothing broke; a new one is due */
	OUTCOME_REFUSED, /* the other end refused us, or is not who it should be */
	OUTCOME_ENDED,   /* somebody ended the session */
	OUTCOME_FAILED,  /* neither: something is wrong that trying again does not mend */
};

/* How a link's failure counts. fault: enum crypto_fault; code: enum wire_goodbye_code, 0 none. */
enum outcome outcome_of(uint8_t fault, uint16_t code, bool retry);

/* What to do, a sentence; "" when nothing is known. Static. */
const char *remedy_for(uint8_t fault, uint16_t code);

/* Whether such a failure before the session was open may be that of the way there (a command, a
 * tunnel) instead of the other end's. */
bool remedy_by_way(uint8_t fault, uint16_t code);

/* What ends a sentence that text is the last part of: "." or, when it ends itself, "". Static. */
const char *sentence_end(const char *text);
