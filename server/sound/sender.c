#include "server/sound/sender.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <string.h>

/* Until the worker says otherwise: what nobody hears the coding of, at a delay of 10 ms. */
static const struct record_sound_quality good = { .kbit_per_s = 96, .frame_us = 10000 };

void sound_sender_init(struct sound_sender *s, struct ipc_channel *worker)
{
	*s = (struct sound_sender){ .worker = worker, .quality = good, .told = -1 };
}

size_t sound_sender_frames(const struct sound_sender *s)
{
	return (size_t)s->quality.frame_us * (WIRE_SOUND_RATE_HZ / 1000) / 1000;
}

static void end_stream(struct sound_sender *s)
{
	sound_encoder_destroy(s->encoder);
	s->encoder = NULL;
	s->have = 0;
}

void sound_sender_finish(struct sound_sender *s)
{
	end_stream(s);
}

void sound_sender_set_quality(struct sound_sender *s, const struct record_sound_quality *quality)
{
	if (quality->frame_us == s->quality.frame_us &&
		quality->kbit_per_s == s->quality.kbit_per_s)
		return;
	end_stream(s); /* the next frame begins another one */
	s->quality = *quality;
	log_debug("sound: %u kbit/s in frames of %u us", quality->kbit_per_s, quality->frame_us);
}

/* A stream begins with another encoder, as the decoder begins anew. */
static int begin_stream(struct sound_sender *s)
{
	struct wire_message m = { .type = WIRE_SOUND_START };
	int r = sound_encoder_create(&s->encoder, s->quality.kbit_per_s);

	if (r < 0)
		return r;
	m.sound_start.channels = SOUND_CHANNELS;
	m.sound_start.frame_us = s->quality.frame_us;
	s->seq = 0;
	s->told = -1;
	return record_send_wire(s->worker, &m);
}

static int send_packet(struct sound_sender *s)
{
	uint8_t packet[WIRE_SOUND_PACKET_MAX_BYTES];
	struct wire_message m = { .type = WIRE_SOUND };
	int len = sound_encoder_encode(
		s->encoder, s->frame, sound_sender_frames(s), packet, sizeof(packet));

	if (len < 0)
		return len;
	m.sound.seq = s->seq++;
	m.sound.time_ms = (uint32_t)clock_now_ms();
	m.sound.packet = packet;
	m.sound.len = (size_t)len;
	/* A worker that does not read has no use for what is old when it does. */
	if (ipc_wants_write(s->worker))
		return 0;
	return record_send_wire(s->worker, &m);
}

static int whole_frame(struct sound_sender *s)
{
	int r = 0;

	s->have = 0;
	if (!sound_silence_add(&s->silence, s->frame, sound_sender_frames(s)))
		return sound_sender_stop(s, WIRE_SOUND_SILENT);
	if (!s->encoder)
		r = begin_stream(s);
	return r < 0 ? r : send_packet(s);
}

int sound_sender_take(struct sound_sender *s, const int16_t *samples, size_t frames)
{
	int r = 0;

	while (frames > 0 && r == 0) {
		size_t count = MIN(frames, sound_sender_frames(s) - s->have);
		memcpy(s->frame + s->have * SOUND_CHANNELS, samples,
			count * SOUND_CHANNELS * sizeof(int16_t));
		s->have += count;
		samples += count * SOUND_CHANNELS;
		frames -= count;
		if (s->have == sound_sender_frames(s))
			r = whole_frame(s);
	}
	return r;
}

int sound_sender_stop(struct sound_sender *s, enum wire_sound_stop_reason reason)
{
	struct wire_message m = { .type = WIRE_SOUND_STOP };

	end_stream(s);
	if (s->told == (int)reason)
		return 0;
	s->silence = (struct sound_silence){ 0 };
	s->told = (int)reason;
	m.sound_stop.reason = (uint8_t)reason;
	return record_send_wire(s->worker, &m);
}
