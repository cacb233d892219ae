#include "server/worker/sound/queue.h"

#include <errno.h>
#include <string.h>

static struct sound_queued *nth(struct sound_queue *q, size_t n)
{
	return &q->at[(q->first + n) % SOUND_QUEUE_MAX];
}

void sound_queue_clear(struct sound_queue *q)
{
	q->first = q->count = 0;
	q->streams = false;
}

/* Takes the oldest frame out; what stands before it (a START) moves up. false: there is none. */
static bool drop_oldest_frame(struct sound_queue *q)
{
	size_t n = 0;

	while (n < q->count && !nth(q, n)->is_frame)
		n++;
	if (n == q->count)
		return false;
	for (; n > 0; n--)
		*nth(q, n) = *nth(q, n - 1);
	q->first = (q->first + 1) % SOUND_QUEUE_MAX;
	q->count--;
	q->dropped++;
	return true;
}

static int append(struct sound_queue *q, const struct wire_message *m, uint64_t now_ms)
{
	uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	int len = wire_encode(m, bytes);

	if (len < 0 || len > SOUND_QUEUE_MESSAGE_BYTES)
		return -EPROTO;
	if (q->count == SOUND_QUEUE_MAX && !drop_oldest_frame(q))
		return -EPROTO;
	struct sound_queued *e = nth(q, q->count++);
	e->came_ms = now_ms;
	e->is_frame = m->type == WIRE_SOUND;
	e->len = (uint16_t)len;
	memcpy(e->bytes, bytes, (size_t)len);
	return 0;
}

int sound_queue_push(struct sound_queue *q, const struct wire_message *m, uint64_t now_ms)
{
	if (m->type == WIRE_SOUND)
		return q->streams ? append(q, m, now_ms) : 1;
	if (m->type != WIRE_SOUND_START && m->type != WIRE_SOUND_STOP)
		return -EPROTO;
	if (m->type == WIRE_SOUND_START)
		sound_queue_clear(q);
	q->streams = m->type == WIRE_SOUND_START;
	return append(q, m, now_ms);
}

size_t sound_queue_pop(
	struct sound_queue *q, uint64_t now_ms, uint8_t out[static WIRE_MESSAGE_MAX_BYTES])
{
	while (q->count > 0) {
		const struct sound_queued *e = nth(q, 0);
		bool old = e->is_frame && now_ms - e->came_ms > SOUND_QUEUE_MAX_MS;
		q->first = (q->first + 1) % SOUND_QUEUE_MAX;
		q->count--;
		if (!old) {
			memcpy(out, e->bytes, e->len);
			return e->len;
		}
		q->dropped++;
	}
	return 0;
}
