#include "client/link/sound.h"

#include "client/link/link.h"
#include "common/base/clock.h"
#include "common/codec/codec.h"

#include <errno.h>

/* So many missing frames are made up, 50 ms of ours: Opus fades out by then. */
#define CONCEAL_MAX 5

void link_sound_init(struct link *l)
{
	l->sound.memory.fd = -1;
	sound_lateness_init(&l->sound.lateness);
}

void link_sound_open(struct link *l)
{
	l->sound.agreed = (l->codec_features & CODEC_FEATURE_SOUND) != 0;
}

static void end_stream(struct link_sound *s)
{
	sound_decoder_destroy(s->decoder);
	s->decoder = NULL;
}

static bool is_agreed(struct link *l, const struct wire_message *m)
{
	if (!l->sound.agreed)
		link_broken(
			l, "message %s, which was not agreed on", wire_type_name((uint8_t)m->type));
	return l->sound.agreed;
}

static void on_start(struct link *l, const struct wire_message *m)
{
	struct link_sound *s = &l->sound;

	if (!is_agreed(l, m))
		return;
	end_stream(s);
	if (sound_decoder_create(&s->decoder) < 0) {
		link_no_memory(l);
		return;
	}
	s->frame_us = m->sound_start.frame_us;
	s->next_seq = 0;
	sound_lateness_restart(&s->lateness);
	link_tell_wire(l, m);
}

/* Frames that are missing are made up, so that those after them stay in time. packet NULL: one of
 * those. */
static int decode(struct link_sound *s, const uint8_t *packet, size_t len)
{
	int16_t samples[SOUND_PACKET_MAX_FRAMES * SOUND_CHANNELS];
	size_t frames = (size_t)s->frame_us * (WIRE_SOUND_RATE_HZ / 1000) / 1000;
	int count = sound_decoder_decode(s->decoder, packet, len, frames, samples);

	if (count < 0)
		return count;
	if (s->memory.bytes)
		sound_ring_write(&s->ring, samples, (size_t)count);
	s->next_seq++;
	return 0;
}

static void on_sound(struct link *l, const struct wire_message *m)
{
	struct link_sound *s = &l->sound;

	if (!is_agreed(l, m))
		return;
	/* Numbers rise; a stream of 2^32 frames would last a year. */
	if (!s->decoder || m->sound.seq < s->next_seq) {
		link_broken(l, "message SOUND out of turn");
		return;
	}
	uint32_t ms = sound_lateness_add(
		&s->lateness, clock_now_us(), (uint64_t)m->sound.seq * s->frame_us);
	uint32_t missing = m->sound.seq - s->next_seq;
	int r = 0;
	for (uint32_t i = 0; i < missing && missing <= CONCEAL_MAX && r == 0; i++)
		r = decode(s, NULL, 0);
	s->next_seq = m->sound.seq;
	if (r == 0)
		r = decode(s, m->sound.packet, m->sound.len);
	if (r < 0)
		link_broken(l, "sound that cannot be decoded");
	else if (s->memory.bytes)
		sound_ring_set_target(&s->ring, ms * (WIRE_SOUND_RATE_HZ / 1000));
}

static void on_stop(struct link *l, const struct wire_message *m)
{
	if (!is_agreed(l, m))
		return;
	end_stream(&l->sound);
	link_tell_wire(l, m);
}

/* A ring of the window. */
static int on_ring(void *owner, const void *body, int *fd)
{
	struct link_sound *s = &((struct link *)owner)->sound;
	struct ipc_memory memory;

	(void)body;
	if (*fd < 0)
		return -EPROTO;
	int r = ipc_memory_map(&memory, *fd, SOUND_RING_BYTES, true);
	*fd = -1; /* taken over */
	if (r < 0)
		return r;
	ipc_memory_finish(&s->memory);
	s->memory = memory;
	sound_ring_init(&s->ring, memory.bytes);
	return 0;
}

static void finish(struct link *l)
{
	end_stream(&l->sound);
	ipc_memory_finish(&l->sound.memory);
}

const struct link_channel link_sound_channel = {
	.name = "sound",
	.messages = {
		{ WIRE_SOUND_START, on_start },
		{ WIRE_SOUND, on_sound },
		{ WIRE_SOUND_STOP, on_stop },
	},
	.records = { { RECORD_LINK_SOUND, DISPATCH_ALWAYS, on_ring, 0 } },
	.finish = finish,
};
