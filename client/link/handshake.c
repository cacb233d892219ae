/* The TLS handshake, or the probe before an enrolment, and what a failure means to the person. */
#include "client/link/link.h"

#include "common/base/log.h"
#include "common/peer/ders.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALERT_INTERNAL_ERROR 80 /* RFC 8446, 6.2 */

/* tls_step_fn */
static void on_step(void *user, const char *step, uint64_t at_us)
{
	struct link *l = user;
	struct link_record r = { .type = RECORD_LINK_STEP };

	snprintf(r.link_step.step, sizeof(r.link_step.step), "%s", step);
	r.link_step.at_us = (uint32_t)MIN(at_us, UINT32_MAX);
	link_tell(l, &r, -1);
}

static const char *alpn_of(const struct link *l)
{
	return l->mode == RECORD_LINK_SESSION ? TLS_ALPN_SESSION : TLS_ALPN_ENROLL;
}

int link_make_tls(struct link *l, const struct record_link_config *c)
{
	struct tls_transport transport = peer_transport(&l->peer);
	struct tls *tls = NULL;
	int r;

	if (l->mode == RECORD_LINK_PROBE) {
		r = tls_create_probe(&tls, l->credentials.server_name, alpn_of(l), &transport);
	} else {
		struct crypto_der *ders = calloc(c->chain_len + c->trusted_len + 1, sizeof(*ders));
		if (!ders)
			return -ENOMEM;
		peer_ders(ders, c->chain, c->chain_len);
		peer_ders(ders + c->chain_len, c->trusted, c->trusted_len);
		struct tls_client_config config = { .server_name = l->credentials.server_name };
		config.identity.chain = ders;
		config.identity.chain_len = c->chain_len;
		config.identity.key_der = c->key.bytes;
		config.identity.key_der_len = c->key.len;
		config.identity.trusted = ders + c->chain_len;
		config.identity.trusted_len = c->trusted_len;
		config.policy = tls_policy_default();
		config.alpn = alpn_of(l);
		config.session = c->session.len ? c->session.bytes : NULL;
		config.session_len = c->session.len;
		r = tls_create_client(&tls, &config, &transport);
		free(ders);
	}
	if (r < 0)
		return r;
	if (l->steps)
		tls_on_step(tls, on_step, l);
	peer_set_tls(&l->peer, tls);
	return 0;
}

void link_say_state(struct link *l, enum record_link_phase phase, uint32_t silent_ms)
{
	struct link_record r = { .type = RECORD_LINK_STATE };
	struct tls_info info = { 0 };

	r.link_state.phase = (uint8_t)phase;
	r.link_state.silent_ms = silent_ms;
	if (phase != RECORD_LINK_HANDSHAKE) {
		tls_info(l->peer.tls, &info);
		snprintf(r.link_state.version, sizeof(r.link_state.version), "%s", info.version);
		snprintf(r.link_state.suite, sizeof(r.link_state.suite), "%s", info.suite);
		r.link_state.resumed = info.resumed;
	}
	link_tell(l, &r, -1);
}

/* What is wrong and what helps. The certificate is the server's, unless ours was refused. */
static const char *advice(enum crypto_fault fault)
{
	switch (fault) {
	case CRYPTO_NO_CERTIFICATE:
		return "the workstation showed no certificate: this is not a Farseat server, or something in between answers for it";
	case CRYPTO_UNKNOWN_CA:
		return "the workstation's certificate is not signed by the CA that this laptop enrolled with";
	case CRYPTO_EXPIRED:
		return "the workstation's certificate has expired: renew it there (farseatctl renew), or check this laptop's clock";
	case CRYPTO_NOT_YET_VALID:
		return "the workstation's certificate is not valid yet: check the clocks of both machines";
	case CRYPTO_REVOKED:
		return "the workstation's certificate was revoked";
	case CRYPTO_WRONG_PURPOSE:
		return "the workstation's certificate is not one of a server: somebody may be in between";
	case CRYPTO_WRONG_NAME:
		return "another workstation answered than the one that was asked for: check address, tunnel or gateway";
	case CRYPTO_WRONG_VERSION:
		return "no common version of TLS: update the older program";
	case CRYPTO_NO_COMMON_SUITE:
		return "no common cipher suite: update the older program";
	case CRYPTO_WRONG_PROTOCOL:
		return "the other end does not speak Farseat's protocol: check address and port";
	case CRYPTO_TAMPERED:
		return "bytes were changed on their way: the connection was ended and nothing of them used";
	case CRYPTO_REFUSED:
		return "the workstation refused this laptop";
	case CRYPTO_CLOSED:
		return "the connection was closed in the middle of the handshake: check address and port, or the service is overloaded";
	case CRYPTO_MALFORMED:
		return "the other end does not speak TLS: check address and port";
	case CRYPTO_OK:
	case CRYPTO_NOT_ADMITTED:
	case CRYPTO_INTERNAL:
		break;
	}
	return "the handshake failed";
}

/* What an alert means to the person, by the certificate that the workstation was shown. In TLS 1.3 it
 * comes when our own handshake is done already. */
static const struct refusal {
	int alert; /* 0: any other */
	uint16_t code;
	const char *words;
} device_refusals[] = {
	{ 44, WIRE_BYE_REVOKED, "this laptop's certificate was revoked there" },
	{ 45, WIRE_BYE_EXPIRED, "this laptop's certificate has expired, by the workstation's clock" },
	{ 48, WIRE_BYE_REFUSED, "this laptop's certificate is of another CA" },
	{ 49, WIRE_BYE_REFUSED, "this laptop's certificate is not known there" },
	{ 0, WIRE_BYE_REFUSED, "this laptop's certificate is revoked, expired or unknown there" },
}, invitation_refusals[] = {
	{ 44, WIRE_BYE_INVITATION, "it was used already or withdrawn" },
	{ 45, WIRE_BYE_INVITATION, "it has expired, by the workstation's clock" },
	{ 48, WIRE_BYE_INVITATION, "the workstation does not know it" },
	{ 0, WIRE_BYE_INVITATION, "it was used, withdrawn or has expired" },
};

static void refused_by_alert(struct link *l)
{
	bool enroll = l->mode == RECORD_LINK_ENROLL;
	const struct refusal *refusal = enroll ? invitation_refusals : device_refusals;

	while (refusal->alert != 0 && refusal->alert != tls_alert(l->peer.tls))
		refusal++;
	const struct link_failure f = { .fault = CRYPTO_REFUSED, .code = refusal->code };
	link_fail(l, f, "the workstation refused %s: %s",
		enroll ? "this invitation" : "the connection", refusal->words);
}

static bool before_open(const struct link *l)
{
	return l->state != LINK_OPEN;
}

static void lost_by_fault(struct link *l, enum crypto_fault fault)
{
	const char *detail = tls_fault_detail(l->peer.tls);
	struct link_failure f = { .fault = fault };

	if (tls_fault_detail_is_code(l->peer.tls)) {
		log_line(fault == CRYPTO_CLOSED ? LOG_DEBUG : LOG_INFO, "the connection ended: %s",
			detail);
		detail = "";
	}
	/* Its limiter, or a fault of its own: nobody has judged this laptop (PROTOCOL.md, section 2). */
	if (fault == CRYPTO_REFUSED && tls_alert(l->peer.tls) == ALERT_INTERNAL_ERROR) {
		link_fail(l, (struct link_failure){ .code = WIRE_BYE_BUSY, .retry = true },
			"the workstation takes no connection at the moment (too many come at once)");
		return;
	}
	if (fault == CRYPTO_REFUSED) {
		refused_by_alert(l);
		return;
	}
	/* Nobody refused: a link that breaks or garbles is worth another try. */
	f.retry = fault == CRYPTO_CLOSED || fault == CRYPTO_TAMPERED;
	link_fail(l, f, "%s%s%s%s", advice(fault), detail[0] ? " (" : "", detail,
		detail[0] ? ")" : "");
}

void link_lost(struct link *l, int r)
{
	enum crypto_fault fault = tls_fault(l->peer.tls);

	if (r == -EPROTO && fault == CRYPTO_OK) {
		link_fail(l,
			(struct link_failure){
				.code = WIRE_BYE_PROTOCOL, .goodbye = WIRE_BYE_PROTOCOL },
			"the workstation broke the protocol: message %s", l->peer.fault);
	} else if (r == -E2BIG) {
		link_fail(
			l, (struct link_failure){ .retry = true }, "the workstation does not read");
	} else if (r == -ETIMEDOUT) {
		link_fail(l, (struct link_failure){ .retry = true },
			l->peer.suspect_until_ms
				? "the network changed, and the workstation does not answer"
				: "nothing was heard of the workstation for %d s",
			WIRE_SILENCE_MS / 1000);
	} else if (fault != CRYPTO_OK && (fault != CRYPTO_CLOSED || l->state == LINK_HANDSHAKE)) {
		lost_by_fault(l, fault);
	} else if (l->state == LINK_HANDSHAKE) {
		lost_by_fault(l, CRYPTO_CLOSED);
	} else if (before_open(l)) {
		link_fail(l, (struct link_failure){ .fault = CRYPTO_CLOSED, .retry = true },
			"the workstation closed the connection before the session was granted: see its log (farseatctl log)");
	} else {
		link_fail(l, (struct link_failure){ .retry = true }, "the connection was lost%s%s",
			r == -EPIPE ? "" : ": ", r == -EPIPE ? "" : strerror(-r));
	}
}

void link_probe(struct link *l)
{
	struct crypto_der *chain = calloc(CRYPTO_CHAIN_MAX, sizeof(*chain));
	struct link_record r = { .type = RECORD_CHAIN };

	if (!chain) {
		link_fail(l, (struct link_failure){ .retry = true }, "out of memory");
		return;
	}
	int result = tls_probe(l->peer.tls, chain, &r.chain.count);
	if (result == 0) {
		r.chain.count = MIN(r.chain.count, (size_t)RECORD_CERTS_MAX);
		for (size_t i = 0; i < r.chain.count; i++) {
			r.chain.certs[i].bytes = chain[i].bytes;
			r.chain.certs[i].len = chain[i].len;
		}
		link_tell(l, &r, -1);
		link_done(l, 0, "");
	} else if (result != -EAGAIN) {
		enum crypto_fault fault = tls_fault(l->peer.tls);
		lost_by_fault(l, fault == CRYPTO_OK ? CRYPTO_CLOSED : fault);
	}
	free(chain);
}

static void say_hello(struct link *l, enum link_state next)
{
	struct wire_message m = { .type = WIRE_HELLO };

	m.hello.version_min = WIRE_VERSION;
	m.hello.version_max = WIRE_VERSION;
	m.hello.codec_features = l->codec_features;
	snprintf(m.hello.software, sizeof(m.hello.software), "farseat %s", FARSEAT_VERSION);
	m.hello.width_px = l->width_px;
	m.hello.height_px = l->height_px;
	link_enter(l, next);
	link_send(l, &m);
}

void link_ask_enrolment(struct link *l)
{
	struct wire_message m = { .type = WIRE_ENROLL };

	m.enroll.csr = l->credentials.csr;
	m.enroll.csr_len = l->credentials.csr_len;
	memcpy(m.enroll.label, l->credentials.label, sizeof(m.enroll.label));
	link_enter(l, LINK_ENROLL);
	credentials_forget(&l->credentials); /* the one-time key has done its work */
	link_send(l, &m);
}

void link_handshake(struct link *l)
{
	int r = peer_handshake(&l->peer);

	if (r == -EAGAIN || l->state == LINK_ENDED)
		return;
	if (r < 0) {
		link_lost(l, r);
		return;
	}
	link_say_state(l, RECORD_LINK_PROVING, 0);
	if (l->state == LINK_ENDED) /* the UI has gone meanwhile */
		return;
	if (l->mode != RECORD_LINK_ENROLL) {
		say_hello(l, LINK_HELLO);
		return;
	}
	struct tls_info info;
	tls_info(l->peer.tls, &info);
	/* An older workstation wants no second proof: the invitation is as good as it was there. */
	if (strcmp(info.alpn, TLS_ALPN_ENROLL_UNPROVEN) == 0)
		link_ask_enrolment(l);
	else
		say_hello(l, LINK_CLAIM);
}
