#include "common/wire/typing.h"

_Static_assert(WIRE_TYPED_BURST / 2 >= WIRE_TEXT_INPUT_MAX_BYTES, "a message fits the bucket");

void wire_typing_init(struct wire_typing *t, uint32_t burst, uint64_t now_ms)
{
	t->burst_milli = (uint64_t)burst * 1000;
	t->left_milli = t->burst_milli;
	t->since_ms = now_ms;
}

static uint64_t cost_milli(const struct wire_message *m)
{
	if (m->type == WIRE_TEXT)
		return (uint64_t)m->text.len * 1000;
	return m->type == WIRE_KEY ? 1000 : 0;
}

/* A time before since_ms, or so long after it that the bucket is full, is no trouble. */
static void fill(struct wire_typing *t, uint64_t now_ms)
{
	uint64_t passed_ms = now_ms > t->since_ms ? now_ms - t->since_ms : 0;
	uint64_t missing_milli = t->burst_milli - t->left_milli;

	/* One thousandth a millisecond is one a second. */
	if (passed_ms > missing_milli / WIRE_TYPED_PER_S)
		t->left_milli = t->burst_milli;
	else
		t->left_milli += passed_ms * WIRE_TYPED_PER_S;
	t->since_ms = now_ms;
}

uint64_t wire_typing_take(struct wire_typing *t, const struct wire_message *m, uint64_t now_ms)
{
	uint64_t cost = cost_milli(m);

	fill(t, now_ms);
	if (cost > t->left_milli)
		return (cost - t->left_milli + WIRE_TYPED_PER_S - 1) / WIRE_TYPED_PER_S;
	t->left_milli -= cost;
	return 0;
}
