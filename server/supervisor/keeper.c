#include "server/supervisor/keeper.h"

#include "common/base/buffer.h"
#include "common/base/log.h"
#include "server/supervisor/supervisor.h"

#include <errno.h>
#include <string.h>

/* A handshake signs once. After the server's second hello, to a client that guessed another group, the
 * same ticket is opened again (RFC 8446, 4.1.4); TLS 1.3 may give two tickets. */
static const uint8_t most[RECORD_KEEPER_WISHES] = {
	[RECORD_KEEPER_SIGN] = 1,
	[RECORD_KEEPER_SEAL] = 2,
	[RECORD_KEEPER_OPEN] = 2,
};

/* Once, but again for the connection that has it already. */
static int open_ticket(
	struct worker_child *w, const struct record_blob *in, uint8_t *out, size_t *len)
{
	struct tickets *t = &w->supervisor->tickets;

	if (in->len > TICKET_NAME_BYTES && memcmp(in->bytes, w->ticket, TICKET_NAME_BYTES) == 0)
		return ticket_open(
			(const uint8_t(*)[TICKET_KEY_BYTES])t->keys, in->bytes, in->len, out, len);
	int r = tickets_take(t, in->bytes, in->len, out, len);
	if (r == 0)
		memcpy(w->ticket, in->bytes, TICKET_NAME_BYTES);
	return r;
}

/* To out, of RECORD_KEPT_MAX_BYTES. */
static int fulfil(
	struct worker_child *w, const struct record_keeper_ask *ask, uint8_t *out, size_t *len)
{
	const struct supervisor *s = w->supervisor;
	const struct record_blob *in = &ask->bytes;

	if (ask->wish == RECORD_KEEPER_SIGN)
		return crypto_key_sign_hash(s->identity.key, in->bytes, in->len, out, len);
	if (!s->settings.resumption)
		return -EPERM;
	if (ask->wish == RECORD_KEEPER_OPEN)
		return open_ticket(w, in, out, len);
	if (in->len > RECORD_KEPT_MAX_BYTES - TICKET_MORE_BYTES)
		return -E2BIG;
	*len = in->len + TICKET_MORE_BYTES;
	return ticket_seal(s->tickets.keys[0], in->bytes, in->len, out);
}

void keeper_answer(struct worker_child *w, const struct record_keeper_ask *ask)
{
	uint8_t out[RECORD_KEPT_MAX_BYTES];
	struct worker_record reply = { .type = RECORD_KEPT };
	size_t len = 0;
	int r = -EPERM;

	if (w->wishes[ask->wish] < most[ask->wish]) {
		w->wishes[ask->wish]++;
		r = fulfil(w, ask, out, &len);
	} else {
		log_warn(
			"the worker of %s wants more of this workstation's keys than a handshake needs",
			w->peer);
	}
	if (r == 0)
		reply.kept.bytes = (struct record_blob){ out, len };
	child_send(&w->child, &reply, -1);
	secure_wipe(out, sizeof(out));
}
