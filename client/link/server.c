/* What the workstation says. Every value was range-checked by wire_decode and its phase by the
 * peer. */
#include "client/link/link.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Of an enrolment it names all that is asked for, so it need not name the connection. */
static int sign_proof(struct link *l, const struct wire_hello *hello,
	uint8_t signature[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len)
{
	const bool bound = l->codec_features & hello->codec_features & WIRE_FEATURE_BOUND;
	uint8_t binding[TLS_BINDING_BYTES];

	if (l->mode == RECORD_LINK_ENROLL)
		return credentials_claim(&l->credentials, hello->nonce, signature, len);
	int r = tls_binding(l->peer.tls, binding);
	return r < 0 ? r
		     : credentials_prove(&l->credentials, hello->nonce, bound ? binding : NULL,
			       signature, len);
}

static int prove(struct link *l, const struct wire_hello *hello)
{
	struct wire_message m = { .type = WIRE_PROOF };
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	bool enrols = l->mode == RECORD_LINK_ENROLL;

	int r = sign_proof(l, hello, signature, &m.proof.signature_len);
	if (r < 0)
		return r;
	m.proof.signature = signature;
	if (!enrols)
		link_enter(l, LINK_PROVEN);
	link_send(l, &m);
	if (enrols)
		link_ask_enrolment(l);
	return 0;
}

static void on_hello(struct link *l, const struct wire_message *m)
{
	const struct wire_hello *h = &m->hello;
	char text[LOG_ESCAPED_MAX];

	if (l->state != LINK_HELLO && l->state != LINK_CLAIM) {
		link_broken(l, "message HELLO out of turn");
		return;
	}
	if (h->version_min > WIRE_VERSION || h->version_max < WIRE_VERSION) {
		link_fail(l,
			(struct link_failure){
				.code = WIRE_BYE_VERSION, .goodbye = WIRE_BYE_VERSION },
			"the workstation (%s) speaks version %u of the protocol, this program %d: update the older one",
			log_escape(text, h->software, strlen(h->software)), h->version_max,
			WIRE_VERSION);
		return;
	}
	if (strcmp(h->server_id, l->credentials.server_id) != 0) {
		link_fail(l,
			(struct link_failure){
				.fault = CRYPTO_WRONG_NAME, .goodbye = WIRE_BYE_CLOSED },
			"reached workstation \"%s\" instead of \"%s\": the tunnel or gateway leads to another one",
			log_escape(text, h->server_id, strlen(h->server_id)),
			l->credentials.server_id);
		return;
	}
	if (prove(l, h) < 0)
		link_fail(l, (struct link_failure){ .goodbye = WIRE_BYE_INTERNAL },
			"this laptop's key cannot sign: enrol it again");
}

static void on_welcome(struct link *l, const struct wire_message *m)
{
	if (l->state != LINK_PROVEN) {
		link_broken(l, "message WELCOME out of turn");
		return;
	}
	link_enter(l, LINK_OPEN);
	l->health.opened_ms = clock_now_ms();
	l->caps = m->welcome.caps;
	l->codec_features &= m->welcome.codec_features;
	link_clipboard_open(l);
	link_sound_open(l);
	/* First what the session is, then that it is open: the UI acts on the second. */
	link_tell_wire(l, m);
	link_say_state(l, RECORD_LINK_OPEN, 0);
}

/* Whether another try may succeed without anybody's help. */
static bool worth_retry(uint16_t code)
{
	return code == WIRE_BYE_SESSION_ENDED || code == WIRE_BYE_SHUTDOWN ||
	       code == WIRE_BYE_BUSY || code == WIRE_BYE_INTERNAL;
}

static void on_goodbye(struct link *l, const struct wire_message *m)
{
	const struct link_failure f = {
		.code = m->goodbye.code,
		.retry = worth_retry(m->goodbye.code),
	};

	/* The UI shows the words and what to do. wire_decode made sure that they are clean text. */
	link_fail(l, f, "%s",
		m->goodbye.reason[0] ? m->goodbye.reason : "the workstation ended the session");
}

static void on_caps(struct link *l, const struct wire_message *m)
{
	l->caps = m->caps.caps;
	link_clipboard_caps(l);
	link_tell_wire(l, m);
}

static void on_enrolled(struct link *l, const struct wire_message *m)
{
	link_tell_wire(l, m);
	link_done(l, WIRE_BYE_CLOSED, "enrolled");
}

const struct link_channel link_control_channel = {
	.name = "control",
	.messages = {
		{ WIRE_HELLO, on_hello },
		{ WIRE_WELCOME, on_welcome },
		{ WIRE_GOODBYE, on_goodbye },
		{ WIRE_CAPS, on_caps },
		{ WIRE_CLOCK, link_tell_wire },
		{ WIRE_LEDS, link_tell_wire },
		{ WIRE_STATS, link_tell_wire },
		{ WIRE_ENROLLED, on_enrolled },
		{ WIRE_RENEWED, link_tell_wire },
	},
};
