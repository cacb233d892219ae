/* Records between farseat-tunnel and whoever started it. */
#include "common/ipc/record_coders.h"

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
		wire_read_text(r, paths[i], RECORD_PATH_MAX_BYTES);
	*count = n;
	return true;
}

static void encode_tunnel_config(struct wire_writer *w, const struct record *record)
{
	const struct record_tunnel_config *c = &record->tunnel_config;

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

static bool decode_tunnel_config(struct wire_reader *r, struct record *record)
{
	struct record_tunnel_config *c = &record->tunnel_config;

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
	wire_read_text(r, c->agent, sizeof(c->agent));
	bool good_keys =
		get_paths(r, c->identities, &c->identity_count, RECORD_IDENTITIES_MAX) &&
		get_paths(r, c->known_hosts, &c->known_hosts_count, RECORD_KNOWN_HOSTS_MAX);
	return good_keys && c->mode <= RECORD_TUNNEL_LISTEN && c->host[0] != '\0' &&
	       c->user[0] != '\0' && c->port != 0;
}

const struct record_coder record_tunnel_config_coder = {
	.name = "TUNNEL_CONFIG",
	.encode = encode_tunnel_config,
	.decode = decode_tunnel_config,
};

static void encode_tunnel_answer(struct wire_writer *w, const struct record *record)
{
	const struct record_tunnel_answer *a = &record->tunnel_answer;

	if (a->count > RECORD_PROMPTS_MAX)
		w->failed = true;
	wire_write_bool(w, a->given);
	wire_write_u8(w, (uint8_t)a->count);
	for (size_t i = 0; i < a->count && !w->failed; i++)
		wire_write_text(w, a->texts[i]);
}

static bool decode_tunnel_answer(struct wire_reader *r, struct record *record)
{
	struct record_tunnel_answer *a = &record->tunnel_answer;

	a->given = wire_read_bool(r);
	size_t count = wire_read_u8(r);
	if (count > RECORD_PROMPTS_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		wire_read_text(r, a->texts[i], sizeof(a->texts[i]));
	a->count = count;
	return true;
}

const struct record_coder record_tunnel_answer_coder = {
	.name = "TUNNEL_ANSWER",
	.encode = encode_tunnel_answer,
	.decode = decode_tunnel_answer,
};

static void encode_tunnel_question(struct wire_writer *w, const struct record *record)
{
	const struct record_tunnel_question *q = &record->tunnel_question;

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

static bool decode_tunnel_question(struct wire_reader *r, struct record *record)
{
	struct record_tunnel_question *q = &record->tunnel_question;

	q->kind = wire_read_u8(r);
	wire_read_text(r, q->about, sizeof(q->about));
	wire_read_text(r, q->instruction, sizeof(q->instruction));
	size_t count = wire_read_u8(r);
	if (count > RECORD_PROMPTS_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		wire_read_text(r, q->prompts[i].text, sizeof(q->prompts[i].text));
		q->prompts[i].echo = wire_read_bool(r);
	}
	q->prompt_count = count;
	wire_read_text(r, q->key_type, sizeof(q->key_type));
	record_get_line(r, q->key, sizeof(q->key));
	wire_read_text(r, q->fingerprint, sizeof(q->fingerprint));
	return q->kind <= RECORD_ASK_SERVER;
}

const struct record_coder record_tunnel_question_coder = {
	.name = "TUNNEL_QUESTION",
	.encode = encode_tunnel_question,
	.decode = decode_tunnel_question,
};

static void encode_tunnel_open(struct wire_writer *w, const struct record *record)
{
	wire_write_text(w, record->tunnel_open.fingerprint);
	wire_write_text(w, record->tunnel_open.method);
	wire_write_text(w, record->tunnel_open.suite);
	wire_write_u16(w, record->tunnel_open.port);
}

static bool decode_tunnel_open(struct wire_reader *r, struct record *record)
{
	wire_read_text(r, record->tunnel_open.fingerprint, sizeof(record->tunnel_open.fingerprint));
	wire_read_text(r, record->tunnel_open.method, sizeof(record->tunnel_open.method));
	wire_read_text(r, record->tunnel_open.suite, sizeof(record->tunnel_open.suite));
	record->tunnel_open.port = wire_read_u16(r);
	return true;
}

const struct record_coder record_tunnel_open_coder = {
	.name = "TUNNEL_OPEN",
	.encode = encode_tunnel_open,
	.decode = decode_tunnel_open,
};

static void encode_tunnel_failed(struct wire_writer *w, const struct record *record)
{
	wire_write_u8(w, record->tunnel_failed.fault);
	wire_write_bool(w, record->tunnel_failed.retry);
	wire_write_text(w, record->tunnel_failed.reason);
}

static bool decode_tunnel_failed(struct wire_reader *r, struct record *record)
{
	record->tunnel_failed.fault = wire_read_u8(r);
	record->tunnel_failed.retry = wire_read_bool(r);
	wire_read_text(r, record->tunnel_failed.reason, sizeof(record->tunnel_failed.reason));
	return record->tunnel_failed.fault >= RECORD_TUNNEL_NETWORK &&
	       record->tunnel_failed.fault <= RECORD_TUNNEL_FORBIDDEN;
}

const struct record_coder record_tunnel_failed_coder = {
	.name = "TUNNEL_FAILED",
	.encode = encode_tunnel_failed,
	.decode = decode_tunnel_failed,
};

static void encode_tunnel_exited(struct wire_writer *w, const struct record *record)
{
	wire_write_u8(w, record->tunnel_exited.status);
	record_put_line(w, record->tunnel_exited.talk, sizeof(record->tunnel_exited.talk));
}

static bool decode_tunnel_exited(struct wire_reader *r, struct record *record)
{
	record->tunnel_exited.status = wire_read_u8(r);
	record_get_line(r, record->tunnel_exited.talk, sizeof(record->tunnel_exited.talk));
	return true;
}

const struct record_coder record_tunnel_exited_coder = {
	.name = "TUNNEL_EXITED",
	.encode = encode_tunnel_exited,
	.decode = decode_tunnel_exited,
};
