/* The server's end: every client must show a certificate, and the registry must know it. Runs in
 * the worker. */
#include "common/crypto/tls_internal.h"

#include <errno.h>
#include <string.h>

static int configure(struct tls *t, const struct tls_server_config *config)
{
	t->keeper = config->keeper;
	t->keeper_user = config->keeper_user;
	int r = tls_use_identity(t, &config->identity);
	if (r < 0)
		return r;
	t->admit = config->admit;
	t->admit_user = config->admit_user;
	t->alpn[0] = tls_policy_alpn(TLS_ALPN_SESSION);
	t->alpn[1] = tls_policy_alpn(TLS_ALPN_ENROLL);
	t->alpn[2] = tls_policy_alpn(TLS_ALPN_ENROLL_UNPROVEN);
	/* The list of whom we trust is not sent to anybody. */
	mbedtls_ssl_conf_cert_req_ca_list(&t->conf, MBEDTLS_SSL_CERT_REQ_CA_LIST_DISABLED);
	if (tls_ticket_enabled(t))
		mbedtls_ssl_conf_session_tickets_cb(
			&t->conf, tls_ticket_write, tls_ticket_parse, t);
	return tls_start(t);
}

int tls_create_server(struct tls **out, const struct tls_server_config *config,
	const struct tls_transport *transport)
{
	struct tls *t;

	if (!config->admit)
		return -EINVAL;
	int r = tls_create(&t, TLS_SERVER, &config->policy, transport);
	if (r < 0)
		return r;
	r = configure(t, config);
	if (r < 0) {
		tls_destroy(t);
		return r;
	}
	*out = t;
	return 0;
}
