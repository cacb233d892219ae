#include "common/sound/ring.h"

#include <stdatomic.h>
#include <string.h>

/* Shared between two processes of one machine and one version (D-SAME-VERSION). A position has to be
 * read in one piece while it changes, which bytes of a record would not be. */
struct sound_ring_head {
	_Atomic uint64_t written;
	_Atomic uint32_t target;
};

_Static_assert(sizeof(struct sound_ring_head) <= SOUND_RING_HEAD_BYTES, "the head has a page");
_Static_assert((SOUND_RING_FRAMES & (SOUND_RING_FRAMES - 1)) == 0, "positions wrap evenly");

void sound_ring_init(struct sound_ring *r, uint8_t *memory)
{
	r->head = (struct sound_ring_head *)(void *)memory;
	r->samples = (int16_t *)(void *)(memory + SOUND_RING_HEAD_BYTES);
}

void sound_ring_write(struct sound_ring *r, const int16_t *samples, size_t frames)
{
	uint64_t at = atomic_load_explicit(&r->head->written, memory_order_relaxed);
	size_t place = at % SOUND_RING_FRAMES;
	size_t count = MIN(frames, (size_t)SOUND_RING_FRAMES);
	size_t first = MIN(count, SOUND_RING_FRAMES - place);

	memcpy(r->samples + place * SOUND_CHANNELS, samples,
		first * SOUND_CHANNELS * sizeof(int16_t));
	memcpy(r->samples, samples + first * SOUND_CHANNELS,
		(count - first) * SOUND_CHANNELS * sizeof(int16_t));
	atomic_store_explicit(&r->head->written, at + count, memory_order_release);
}

void sound_ring_set_target(struct sound_ring *r, uint32_t frames)
{
	atomic_store_explicit(&r->head->target, frames, memory_order_relaxed);
}

uint64_t sound_ring_written(const struct sound_ring *r)
{
	return atomic_load_explicit(&r->head->written, memory_order_acquire);
}

uint32_t sound_ring_target(const struct sound_ring *r)
{
	return atomic_load_explicit(&r->head->target, memory_order_relaxed);
}
