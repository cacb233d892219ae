#include "server/worker/held.h"

void held_note(struct held *h, const struct wire_message *m)
{
	h->events++;
	h->serial = wire_input_serial(m);
	h->maybe = true;
}

int held_due_ms(const struct held *h, uint32_t silent_ms)
{
	if (!h->maybe)
		return -1;
	return silent_ms < HELD_RELEASE_MS ? (int)(HELD_RELEASE_MS - silent_ms) : 0;
}

struct wire_message held_release(struct held *h)
{
	struct wire_message m = { .type = WIRE_RELEASE_ALL };

	m.release_all.serial = h->serial;
	h->maybe = false;
	return m;
}
