#include "server/supervisor/tickets.h"

#include "common/base/buffer.h"
#include "common/crypto/random.h"

#include <string.h>

/* Half of a ticket's longest life: two keys are enough for all that are valid. */
#define ROTATION_MS (6U * 3600 * 1000)

static void on_rotation(uv_timer_t *timer)
{
	struct tickets *t = timer->data;

	memcpy(t->keys[1], t->keys[0], sizeof(t->keys[0]));
	if (crypto_random(t->keys[0], sizeof(t->keys[0])) < 0)
		memset(t->keys, 0, sizeof(t->keys)); /* no tickets rather than bad ones */
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
