#include "pair.h"

#include "cmocka_all.h"

#include "common/base/clock.h"
#include "common/crypto/der.h"

#include <errno.h>
#include <string.h>

#define QUEUE_MAX_BYTES (4U * 1024 * 1024)
#define TURNS_MAX       100000

static ssize_t queue_read(void *user, uint8_t *bytes, size_t len)
{
	struct pipe_queue *q = ((struct pipe_end *)user)->in;
	if (q->bytes.len == 0)
		return q->closed ? 0 : -EAGAIN;
	size_t n = MIN(len, q->bytes.len);
	if (q->limit > 0)
		n = MIN(n, q->limit);
	memcpy(bytes, buffer_front(&q->bytes), n);
	buffer_consume(&q->bytes, n);
	return (ssize_t)n;
}

/* Follows the records, by their bytes before spoiling; whether this byte is of the version. */
static bool follow_records(struct pipe_queue *q, uint8_t byte)
{
	size_t at = q->record_at++;
	if (at == 3)
		q->record_len = (size_t)byte << 8;
	if (at == 4)
		q->record_len += byte;
	if (at >= 4 && q->record_at == 5 + q->record_len)
		q->record_at = 0;
	return at == 1 || at == 2;
}

static ssize_t queue_write(void *user, const uint8_t *bytes, size_t len)
{
	struct pipe_queue *q = ((struct pipe_end *)user)->out;
	if (q->closed)
		return -EPIPE;
	if (q->limit > 0)
		len = MIN(len, q->limit);
	if (q->room > 0) {
		if (q->bytes.len >= q->room)
			return -EAGAIN;
		len = MIN(len, q->room - q->bytes.len);
	}
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = bytes[i];
		bool is_version = follow_records(q, byte);
		if (++q->total == q->flip_at) {
			if (is_version)
				q->flip_at++;
			else
				byte ^= 1;
		}
		assert_int_equal(buffer_append(&q->bytes, &byte, 1), 0);
	}
	return (ssize_t)len;
}

void person_make(struct person *p)
{
	memset(p, 0, sizeof(*p));
	assert_int_equal(crypto_key_generate(&p->key), 0);
	assert_int_equal(
		crypto_key_to_der(p->key, p->key_der, sizeof(p->key_der), &p->key_der_len), 0);
}

void person_free(struct person *p)
{
	crypto_key_destroy(p->key);
	p->key = NULL;
}

void person_certify(struct person *p, const struct person *ca, enum crypto_purpose purpose,
	const char *name, int64_t days, int64_t not_before_s)
{
	uint8_t spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	struct crypto_cert_request request = {
		.purpose = purpose,
		.name = name,
		.public_key = spki,
		.days = days,
		.not_before_s = not_before_s,
	};
	assert_int_equal(
		crypto_key_public_der(p->key, spki, sizeof(spki), &request.public_key_len), 0);
	assert_int_equal(crypto_ca_sign(ca->key, &ca->chain[0], &request, &p->chain[0]), 0);
	p->chain[1] = ca->chain[0];
	p->chain_len = purpose == CRYPTO_FOR_SERVER ? 2 : 1;
}

void cert_forge(const struct crypto_key *ca_key, const struct crypto_der *from, const void *old,
	const void *new, size_t len, struct crypto_der *out)
{
	uint8_t tbs[CRYPTO_CERT_DER_MAX_BYTES], bytes[CRYPTO_CERT_DER_MAX_BYTES];
	struct der_writer w;

	/* 30 82 llll, 30 82 llll: both are longer than 255 bytes */
	assert_int_equal(from->bytes[4], 0x30);
	assert_int_equal(from->bytes[5], 0x82);
	size_t tbs_len = 4 + ((size_t)from->bytes[6] << 8 | from->bytes[7]);
	memcpy(tbs, from->bytes + 4, tbs_len);
	uint8_t *at = memmem(tbs, tbs_len, old, len);
	assert_non_null(at);
	memcpy(at, new, len);
	der_init(&w, bytes, sizeof(bytes));
	der_raw(&w, tbs, tbs_len);
	assert_int_equal(der_sign(&w, ca_key), 0);
	out->len = der_len(&w);
	memcpy(out->bytes, der_front(&w), out->len);
}

void world_make(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->now_s = clock_wall_s();
	person_make(&w->ca);
	person_make(&w->other_ca);
	person_make(&w->server);
	person_make(&w->device);
	person_make(&w->invited);
	assert_int_equal(crypto_ca_create(w->ca.key, "Office CA", &w->ca.chain[0]), 0);
	assert_int_equal(crypto_ca_create(w->other_ca.key, "Office CA", &w->other_ca.chain[0]), 0);
	person_certify(&w->server, &w->ca, CRYPTO_FOR_SERVER, PAIR_SERVER_NAME, 0, 0);
	person_certify(&w->device, &w->ca, CRYPTO_FOR_DEVICE, PAIR_DEVICE_NAME, 0, 0);
	assert_int_equal(crypto_invitation_cert(w->invited.key, &w->invited.chain[0]), 0);
	w->invited.chain_len = 1;
	w->trusted[0] = w->ca.chain[0];
}

void world_free(struct world *w)
{
	person_free(&w->ca);
	person_free(&w->other_ca);
	person_free(&w->server);
	person_free(&w->device);
	person_free(&w->invited);
}

static enum crypto_fault admit(void *user, const uint8_t fingerprint[static 32], const char *alpn)
{
	struct pair *p = user;
	p->admit_calls++;
	memcpy(p->admit_fingerprint, fingerprint, CRYPTO_FINGERPRINT_BYTES);
	strcpy(p->admit_alpn, alpn);
	return p->admit_answer;
}

void pair_use(struct tls_identity *identity, const struct person *person)
{
	identity->chain = person->chain;
	identity->chain_len = person->chain_len;
	identity->key_der = person->key_der;
	identity->key_der_len = person->key_der_len;
}

/* The server's keeper, in the same process. */
int pair_sign(void *user, const uint8_t *hash, size_t hash_len,
	uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len)
{
	struct pair *p = user;

	p->signatures++;
	return p->remote ? crypto_key_sign_hash(p->remote, hash, hash_len, out, len) : -EPERM;
}

static int keeper_seal(void *user, uint8_t *bytes, size_t *len, size_t size)
{
	static uint8_t out[65536];
	struct pair *p = user;

	if (*len + TICKET_MORE_BYTES > MIN(size, sizeof(out)))
		return -E2BIG;
	int r = ticket_seal(p->ticket_keys[0], bytes, *len, out);
	if (r < 0)
		return r;
	*len += TICKET_MORE_BYTES;
	memcpy(bytes, out, *len);
	p->tickets_sealed++;
	return 0;
}

static int keeper_open(void *user, uint8_t *bytes, size_t *len)
{
	static uint8_t out[65536];
	const struct pair *p = user;

	int r = *len > sizeof(out) ? -E2BIG : ticket_open(p->ticket_keys, bytes, *len, out, len);
	if (r == 0)
		memcpy(bytes, out, *len);
	return r;
}

void pair_init(struct pair *p, const struct world *w)
{
	memset(p, 0, sizeof(*p));
	buffer_init(&p->to_server.bytes, QUEUE_MAX_BYTES);
	buffer_init(&p->to_client.bytes, QUEUE_MAX_BYTES);
	p->server_end = (struct pipe_end){ .in = &p->to_server, .out = &p->to_client };
	p->client_end = (struct pipe_end){ .in = &p->to_client, .out = &p->to_server };
	p->server_config.policy = tls_policy_default();
	p->server_config.admit = admit;
	p->server_config.admit_user = p;
	p->server_config.identity.trusted = w->trusted;
	p->server_config.identity.trusted_len = 1;
	memset(p->ticket_keys[0], 7, TICKET_KEY_BYTES);
	p->server_config.keeper = (struct tls_keeper){ .seal = keeper_seal, .open = keeper_open };
	p->server_config.keeper_user = p;
	pair_use(&p->server_config.identity, &w->server);
	p->client_config.policy = tls_policy_default();
	p->client_config.server_name = PAIR_SERVER_NAME;
	p->client_config.alpn = TLS_ALPN_SESSION;
	p->client_config.identity.trusted = w->trusted;
	p->client_config.identity.trusted_len = 1;
	pair_use(&p->client_config.identity, &w->device);
}

void pair_transport(struct tls_transport *out, struct pipe_end *end)
{
	*out = (struct tls_transport){ .read = queue_read, .write = queue_write, .user = end };
}

void pair_start(struct pair *p)
{
	struct tls_transport transport;

	pair_transport(&transport, &p->server_end);
	assert_int_equal(tls_create_server(&p->server, &p->server_config, &transport), 0);
	transport.user = &p->client_end;
	assert_int_equal(tls_create_client(&p->client, &p->client_config, &transport), 0);
}

void pair_handshake(struct pair *p)
{
	p->server_result = p->client_result = -EAGAIN;
	for (unsigned i = 0; i < TURNS_MAX; i++) {
		if (p->client_result == -EAGAIN)
			p->client_result = tls_handshake(p->client);
		if (p->server_result == -EAGAIN)
			p->server_result = tls_handshake(p->server);
		/* TLS 1.3's server ends with tickets, which a narrow way holds until they are read.
		 */
		uint8_t byte;
		if (p->client_result == 0 && p->server_result == -EAGAIN)
			(void)!tls_read(p->client, &byte, 1);
		/* Who failed hangs up: the other must not wait for ever. */
		if (p->client_result < 0 && p->client_result != -EAGAIN &&
			tls_close(p->client) != -EAGAIN)
			p->to_server.closed = true;
		if (p->server_result < 0 && p->server_result != -EAGAIN &&
			tls_close(p->server) != -EAGAIN)
			p->to_client.closed = true;
		if (p->client_result != -EAGAIN && p->server_result != -EAGAIN)
			return;
	}
	fail_msg("the handshake does not end: client %d, server %d", p->client_result,
		p->server_result);
}

void pair_finish(struct pair *p)
{
	tls_destroy(p->server);
	tls_destroy(p->client);
	p->server = p->client = NULL;
	buffer_finish(&p->to_server.bytes);
	buffer_finish(&p->to_client.bytes);
}
