/* What a handshake needs of the server's secrets: the supervisor has them, signs, and seals and opens
 * tickets. It answers each wish a few times, and before the handshake is over alone. */
#include "server/worker/worker.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <string.h>

/* Waits for the answer, which is then in w->login.kept. */
static int ask(struct worker *w, enum record_keeper_wish wish, const uint8_t *bytes, size_t len)
{
	const uint64_t end_ms = clock_now_ms() + WORKER_ADMIT_TIMEOUT_MS;
	const struct worker_record r = { .type = RECORD_KEEPER_ASK,
		.keeper_ask = { .wish = (uint8_t)wish, .bytes = { bytes, len } } };

	if (len == 0 || len > RECORD_KEPT_MAX_BYTES)
		return -E2BIG;
	int result = worker_record_send(&w->supervisor, &r, -1);
	w->login.keeper_asked = result == 0;
	w->login.kept_len = 0;
	while (w->login.keeper_asked && w->state != WORKER_ENDED && result >= 0) {
		uint64_t now_ms = clock_now_ms();
		result = now_ms < end_ms ? worker_supervisor_record(w, (int)(end_ms - now_ms))
					 : -ETIMEDOUT;
		if (result == -EAGAIN)
			result = 0;
	}
	if (result < 0)
		log_warn("no answer to what needs a key of the workstation: %s", strerror(-result));
	return result < 0 ? result : w->login.kept_len > 0 ? 0 : -EPERM;
}

/* To out, and out of our memory. */
static int take(struct worker *w, uint8_t *out, size_t size, size_t *len)
{
	size_t kept_len = w->login.kept_len;

	if (kept_len <= size) {
		memcpy(out, w->login.kept, kept_len);
		*len = kept_len;
	}
	secure_wipe(w->login.kept, kept_len);
	w->login.kept_len = 0;
	ipc_forget(&w->supervisor);
	return kept_len <= size ? 0 : -E2BIG;
}

static int keeper_sign(void *worker, const uint8_t *hash, size_t hash_len,
	uint8_t out[static CRYPTO_SIGNATURE_MAX_BYTES], size_t *len)
{
	int r = ask(worker, RECORD_KEEPER_SIGN, hash, hash_len);

	return r < 0 ? r : take(worker, out, CRYPTO_SIGNATURE_MAX_BYTES, len);
}

static int keeper_seal(void *worker, uint8_t *bytes, size_t *len, size_t size)
{
	int r = ask(worker, RECORD_KEEPER_SEAL, bytes, *len);

	return r < 0 ? r : take(worker, bytes, size, len);
}

static int keeper_open(void *worker, uint8_t *bytes, size_t *len)
{
	int r = ask(worker, RECORD_KEEPER_OPEN, bytes, *len);

	return r < 0 ? r : take(worker, bytes, *len, len);
}

const struct tls_keeper worker_keeper = { keeper_sign, keeper_seal, keeper_open };
