/*
 * What was recorded becomes messages to the worker: cut into frames, told from silence, coded. Without a
 * sound server, so that tests drive it.
 */
#pragma once

#include "common/ipc/records_sound.h"
#include "common/sound/codec.h"
#include "common/sound/ring.h"
#include "common/sound/silence.h"

struct sound_sender {
	struct ipc_channel *worker;    /* borrowed */
	struct sound_encoder *encoder; /* owned; NULL: no stream runs */
	struct record_sound_quality quality;
	struct sound_silence silence;
	int16_t frame[SOUND_PACKET_MAX_FRAMES * SOUND_CHANNELS];
	size_t have; /* frames of it */
	uint32_t seq;
	int told; /* enum wire_sound_stop_reason of the last STOP; -1 none, or a stream runs */
};

void sound_sender_init(struct sound_sender *s, struct ipc_channel *worker);
void sound_sender_finish(struct sound_sender *s);

/* From the next stream on; one that runs is ended for it. */
void sound_sender_set_quality(struct sound_sender *s, const struct record_sound_quality *quality);

/* How many frames of samples one packet takes. */
size_t sound_sender_frames(const struct sound_sender *s);

/* Takes what was recorded. 0; -EPIPE: the worker is gone; -ENOMEM, -EINVAL: it cannot be coded. */
int sound_sender_take(struct sound_sender *s, const int16_t *samples, size_t frames) MUST_CHECK;

/* Nothing plays (WIRE_SOUND_SILENT), or nothing can be heard: ends the stream, and says so once. */
int sound_sender_stop(struct sound_sender *s, enum wire_sound_stop_reason reason) MUST_CHECK;
