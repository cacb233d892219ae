/* Coders of the records between farseat-tunnel and its parent. */
#include "common/ipc/records_tunnel.h"

#include "common/ipc/record_coders.h"
#include "common/wire/plain_text.h"

#include <string.h>

_Static_assert(RECORD_PATH_MAX_BYTES > UINT8_MAX, "a path of the longest length has room");

/* A path is what the file system has: any bytes but NUL. */
static void get_path(struct wire_reader *r, char out[static RECORD_PATH_MAX_BYTES])
{
	size_t len = wire_read_u8(r);
	const uint8_t *p = wire_read_view(r, len);

	out[0] = '\0';
	if (!p || memchr(p, '\0', len)) {
		r->failed = true;
		return;
	}
	memcpy(out, p, len);
	out[len] = '\0';
}

static void put_paths(
	struct wire_writer *w, const char (*paths)[RECORD_PATH_MAX_BYTES], size_t count, size_t max)
{
	if (count > max)
		w->failed = true;
	wire_write_u8(w, (uint8_t)count);
	for (size_t i = 0; i < count && !w->failed; i++)
		wire_write_text(w, paths[i]);
}

static bool get_paths(
	struct wire_reader *r, char (*paths)[RECORD_PATH_MAX_BYTES], size_t *count, size_t max)
{
	size_t n = wire_read_u8(r);

	*count = 0;
	if (n > max)
		return false;
	for (size_t i = 0; i < n; i++)
		get_path(r, paths[i]);
	*count = n;
	return true;
}

static void encode_tunnel_config(struct wire_writer *w, const void *body)
{
	const struct record_tunnel_config *c = body;

	wire_write_u8(w, c->mode);
	wire_write_bool(w, c->dial);
	wire_write_bool(w, c->ask);
	wire_write_bool(w, c->identities_only);
	wire_write_text(w, c->host);
	wire_write_text(w, c->address);
	wire_write_u16(w, c->port);
	wire_write_text(w, c->user);
	wire_write_text(w, c->target);
	wire_write_u16(w, c->target_port);
	wire_write_text(w, c->command);
	wire_write_text(w, c->agent);
	put_paths(w, c->identities, c->identity_count, RECORD_IDENTITIES_MAX);
	put_paths(w, c->known_hosts, c->known_hosts_count, RECORD_KNOWN_HOSTS_MAX);
}

static bool decode_tunnel_config(struct wire_reader *r, void *body)
{
	struct record_tunnel_config *c = body;

	c->mode = wire_read_u8(r);
	c->dial = wire_read_bool(r);
	c->ask = wire_read_bool(r);
	c->identities_only = wire_read_bool(r);
	wire_read_text(r, c->host, sizeof(c->host));
	wire_read_text(r, c->address, sizeof(c->address));
	c->port = wire_read_u16(r);
	wire_read_text(r, c->user, sizeof(c->user));
	wire_read_text(r, c->target, sizeof(c->target));
	c->target_port = wire_read_u16(r);
	wire_read_text(r, c->command, sizeof(c->command));
	get_path(r, c->agent);
	bool good_keys =
		get_paths(r, c->identities, &c->identity_count, RECORD_IDENTITIES_MAX) &&
		get_paths(r, c->known_hosts, &c->known_hosts_count, RECORD_KNOWN_HOSTS_MAX);
	return good_keys && c->mode <= RECORD_TUNNEL_LISTEN && c->host[0] != '\0' &&
	       c->user[0] != '\0' && c->port != 0;
}

static void encode_tunnel_answer(struct wire_writer *w, const void *body)
{
	const struct record_tunnel_answer *a = body;

	if (a->count > RECORD_PROMPTS_MAX)
		w->failed = true;
	wire_write_bool(w, a->given);
	wire_write_u8(w, (uint8_t)a->count);
	for (size_t i = 0; i < a->count && !w->failed; i++)
		wire_write_text(w, a->texts[i]);
}

static bool decode_tunnel_answer(struct wire_reader *r, void *body)
{
	struct record_tunnel_answer *a = body;

	a->given = wire_read_bool(r);
	size_t count = wire_read_u8(r);
	if (count > RECORD_PROMPTS_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		wire_read_text(r, a->texts[i], sizeof(a->texts[i]));
	a->count = count;
	return true;
}

static void encode_tunnel_question(struct wire_writer *w, const void *body)
{
	const struct record_tunnel_question *q = body;

	if (q->prompt_count > RECORD_PROMPTS_MAX)
		w->failed = true;
	wire_write_u8(w, q->kind);
	wire_write_text(w, q->about);
	wire_write_text(w, q->instruction);
	wire_write_u8(w, (uint8_t)q->prompt_count);
	for (size_t i = 0; i < q->prompt_count && !w->failed; i++) {
		wire_write_text(w, q->prompts[i].text);
		wire_write_bool(w, q->prompts[i].echo);
	}
	wire_write_text(w, q->key_type);
	record_put_line(w, q->key, sizeof(q->key));
	wire_write_text(w, q->fingerprint);
}

static bool decode_tunnel_question(struct wire_reader *r, void *body)
{
	struct record_tunnel_question *q = body;

	q->kind = wire_read_u8(r);
	wire_read_text(r, q->about, sizeof(q->about));
	plain_text_read(r, q->instruction, sizeof(q->instruction));
	size_t count = wire_read_u8(r);
	if (count > RECORD_PROMPTS_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		plain_text_read(r, q->prompts[i].text, sizeof(q->prompts[i].text));
		q->prompts[i].echo = wire_read_bool(r);
	}
	q->prompt_count = count;
	plain_text_read(r, q->key_type, sizeof(q->key_type));
	record_get_line(r, q->key, sizeof(q->key));
	plain_text_read(r, q->fingerprint, sizeof(q->fingerprint));
	return q->kind <= RECORD_ASK_SERVER;
}

static void encode_tunnel_open(struct wire_writer *w, const void *body)
{
	const struct record_tunnel_open *m = body;

	wire_write_text(w, m->fingerprint);
	wire_write_text(w, m->method);
	wire_write_text(w, m->suite);
	wire_write_u16(w, m->port);
}

static bool decode_tunnel_open(struct wire_reader *r, void *body)
{
	struct record_tunnel_open *m = body;

	plain_text_read(r, m->fingerprint, sizeof(m->fingerprint));
	plain_text_read(r, m->method, sizeof(m->method));
	plain_text_read(r, m->suite, sizeof(m->suite));
	m->port = wire_read_u16(r);
	return true;
}

static void encode_tunnel_failed(struct wire_writer *w, const void *body)
{
	const struct record_tunnel_failed *m = body;

	wire_write_u8(w, m->fault);
	wire_write_bool(w, m->retry);
	wire_write_text(w, m->reason);
}

static bool decode_tunnel_failed(struct wire_reader *r, void *body)
{
	struct record_tunnel_failed *m = body;

	m->fault = wire_read_u8(r);
	m->retry = wire_read_bool(r);
	plain_text_read(r, m->reason, sizeof(m->reason));
	return m->fault >= RECORD_TUNNEL_NETWORK && m->fault <= RECORD_TUNNEL_FORBIDDEN;
}

static void encode_tunnel_exited(struct wire_writer *w, const void *body)
{
	const struct record_tunnel_exited *m = body;

	wire_write_u8(w, m->status);
	record_put_line(w, m->talk, sizeof(m->talk));
}

static bool decode_tunnel_exited(struct wire_reader *r, void *body)
{
	struct record_tunnel_exited *m = body;

	m->status = wire_read_u8(r);
	record_get_line(r, m->talk, sizeof(m->talk));
	return true;
}

static const struct record_coder coders[] = {
	RECORD_CODER(TUNNEL_CONFIG, tunnel_config),
	RECORD_SECRET(TUNNEL_ANSWER, tunnel_answer),
	RECORD_CODER(TUNNEL_QUESTION, tunnel_question),
	RECORD_CODER(TUNNEL_OPEN, tunnel_open),
	RECORD_CODER(TUNNEL_FAILED, tunnel_failed),
	RECORD_CODER(TUNNEL_EXITED, tunnel_exited),
	RECORD_SHARED(LINK_STEP, link_step),
	RECORD_SHARED(LOG, log),
	RECORD_EMPTY(TUNNEL_ACCEPTED),
};

const struct record_set tunnel_records = RECORD_SET(struct tunnel_record, log, coders);
