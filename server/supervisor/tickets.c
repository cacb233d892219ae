#include "server/supervisor/tickets.h"

#include "common/base/buffer.h"
#include "common/base/log.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <string.h>

/* Half of a ticket's longest life: two keys are enough for all that are valid. */
#define ROTATION_MS (6U * 3600 * 1000)

/* What was opened in the period before the last one was sealed by keys that are gone. */
static void on_rotation(uv_timer_t *timer)
{
	struct tickets *t = timer->data;

	memcpy(t->keys[1], t->keys[0], sizeof(t->keys[0]));
	t->used[1] = t->used[0];
	t->used[0].count = 0;
	if (crypto_random(t->keys[0], sizeof(t->keys[0])) < 0)
		memset(t->keys, 0, sizeof(t->keys)); /* no tickets rather than bad ones */
}

static bool was_used(const struct tickets_used *used, const uint8_t *name)
{
	for (size_t i = 0; i < used->count; i++)
		if (memcmp(used->names[i], name, TICKET_NAME_BYTES) == 0)
			return true;
	return false;
}

int tickets_take(
	struct tickets *t, const uint8_t *ticket, size_t len, uint8_t *out, size_t *plain_len)
{
	struct tickets_used *used = &t->used[0];

	int r = ticket_open(
		(const uint8_t(*)[TICKET_KEY_BYTES])t->keys, ticket, len, out, plain_len);
	if (r < 0)
		return r;
	if (was_used(&t->used[0], ticket) || was_used(&t->used[1], ticket)) {
		secure_wipe(out, *plain_len);
		return -EALREADY;
	}
	memcpy(used->names[used->count++], ticket, TICKET_NAME_BYTES);
	if (used->count == TICKETS_USED_MAX) {
		log_info("%d sessions were resumed: there are new keys for tickets",
			TICKETS_USED_MAX);
		on_rotation(&t->rotation);
		on_rotation(&t->rotation);
	}
	return 0;
}

void tickets_open(struct tickets *t, uv_loop_t *loop)
{
	uv_timer_init(loop, &t->rotation);
	t->rotation.data = t;
	on_rotation(&t->rotation);
	uv_timer_start(&t->rotation, on_rotation, ROTATION_MS, ROTATION_MS);
}

void tickets_close(struct tickets *t)
{
	uv_close((uv_handle_t *)&t->rotation, NULL);
}

bool tickets_ready(const struct tickets *t)
{
	static const uint8_t none[TICKET_KEY_BYTES];

	return memcmp(t->keys[0], none, sizeof(none)) != 0;
}

void tickets_wipe(struct tickets *t)
{
	secure_wipe(t->keys, sizeof(t->keys));
}
