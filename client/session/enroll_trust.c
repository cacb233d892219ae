/* Whom an enrolment believes: the CA that the invitation names, and what it has signed. */
#include "client/session/enrolment.h"

#include "common/base/clock.h"

#include <stdio.h>
#include <string.h>

/* Its key is the right one. The rest was said by whoever answered there, who may be in between. */
int enrolment_check_ca(struct enrolment *e, const struct crypto_der *ca)
{
	char text[200];
	enum crypto_fault fault = crypto_ca_check(ca, clock_wall_s());

	if (fault == CRYPTO_OK)
		return 0;
	snprintf(text, sizeof(text),
		"the workstation's CA has the right key, but its certificate cannot be used: %s",
		fault == CRYPTO_UNKNOWN_CA ? "it is not signed by that key"
					   : crypto_fault_text(fault));
	return enrolment_fail(e, 3, text,
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

int enrolment_pick_ca(struct enrolment *e, const struct record_chain *chain)
{
	e->shown_count = 0;
	for (size_t i = 0; i < chain->count && i < RECORD_CERTS_MAX; i++) {
		const struct record_blob *cert = &chain->certs[i];
		struct crypto_der *shown = &e->shown[e->shown_count];
		if (!has_named_key(e, cert))
			continue;
		memcpy(shown->bytes, cert->bytes, cert->len);
		shown->len = cert->len;
		if (enrolment_check_ca(e, shown) < 0)
			return -1;
		e->shown_count++;
	}
	if (e->shown_count > 0) {
		e->ca = e->shown[0];
		return 0;
	}
	return enrolment_fail(e, 3,
		"what answers there is not the workstation that the invitation names (its CA has another key); nothing was sent to it",
		"Somebody may be in between, or the workstation was set up anew: " ASK_AGAIN);
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
	return enrolment_fail(e, 3,
		"the CA's certificate that was shown first is not the one that the workstation has",
		"Somebody may be in between: " ASK_AGAIN);
}

int enrolment_take_certificate(struct enrolment *e, const struct wire_enrolled *m)
{
	struct crypto_cert_info info;
	uint8_t public_key[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	size_t len;

	if (m->cert_len > sizeof(e->cert.bytes))
		return enrolment_fail(e, 1, "the certificate is too large", "");
	if (take_ca(e, m) < 0)
		return -1;
	memcpy(e->cert.bytes, m->cert, m->cert_len);
	e->cert.len = m->cert_len;
	if (crypto_cert_info(e->cert.bytes, e->cert.len, &info) < 0 ||
		crypto_key_public_der(e->key, public_key, sizeof(public_key), &len) < 0 ||
		len != info.public_key_len || memcmp(public_key, info.public_key, len) != 0)
		return enrolment_fail(e, 1,
			"the certificate that came back is not for this laptop's key", ASK_AGAIN);
	enum crypto_fault fault =
		crypto_cert_check(&e->cert, &e->ca, CRYPTO_FOR_DEVICE, NULL, clock_wall_s());
	if (fault != CRYPTO_OK) {
		char text[200];
		snprintf(text, sizeof(text), "the certificate that came back cannot be used: %s",
			crypto_fault_text(fault));
		return enrolment_fail(e, 1, text,
			"Compare the clocks of both machines, then ask for a new invitation.");
	}
	snprintf(e->out->device, sizeof(e->out->device), "%s", m->device);
	snprintf(e->workstation, sizeof(e->workstation), "%s", m->workstation);
	return 0;
}
