/* One enrolment under way, and what enroll.c, enroll_link.c and enroll_trust.c share of it. */
#pragma once

#include "client/session/enroll.h"
#include "client/session/link_process.h"

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

/* enroll_link.c */

/* Sets the result. Returns -1. */
int enrolment_fail(struct enrolment *e, int status, const char *reason, const char *remedy);

/* -1: the person gave up instead. */
int enrolment_tell(struct enrolment *e, const char *what) MUST_CHECK;

/* What every link of an enrolment is told. */
void enrolment_config(
	const struct enrolment *e, struct link_record *record, enum record_link_mode mode);

/*
 * Starts a link, gives it config, and waits for the one record that answers it, e->record; tries again after a
 * pause where the workstation has not looked at anything yet. -1: the result says why. The caller calls
 * enrolment_end_link in any case.
 */
int enrolment_ask(struct enrolment *e, struct link_process *link, const struct link_record *config,
	int wanted) MUST_CHECK;
void enrolment_end_link(struct enrolment *e, struct link_process *link);

/* enroll_trust.c; -1: the result says why. */

/* Whether it can be a CA's at all; that it is the right one is for the caller. */
int enrolment_check_ca(struct enrolment *e, const struct crypto_der *ca) MUST_CHECK;

/* The certificates of the chain whose key the invitation names, into e->shown and e->ca. Until one is found nothing
 * is proven. */
int enrolment_pick_ca(struct enrolment *e, const struct record_chain *chain) MUST_CHECK;

/* What came back must be for our key and by the CA that the invitation names: into e->cert. */
int enrolment_take_certificate(struct enrolment *e, const struct wire_enrolled *m) MUST_CHECK;
