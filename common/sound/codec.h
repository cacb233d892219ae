/*
 * Sound to Opus and back (RFC 6716): 16 bits, SOUND_CHANNELS, WIRE_SOUND_RATE_HZ. Without its algorithm
 * for speech, which needs longer frames and 4 ms more. The encoder runs in farseat-sound, the decoder,
 * which reads the other end's bytes, in farseat-link.
 */
#pragma once

#include "common/base/macros.h"

#include <stddef.h>
#include <stdint.h>

/* The longest frame that SOUND_START allows, 60 ms; a packet may hold two. */
#define SOUND_PACKET_MAX_FRAMES 5760

struct sound_encoder;
struct sound_decoder;

/* -EINVAL: Opus does not take it; -ENOMEM. */
int sound_encoder_create(struct sound_encoder **out, unsigned kbit_per_s) MUST_CHECK;
void sound_encoder_destroy(struct sound_encoder *e);
/* frames: of a length that a frame may have. How many bytes of a packet were written to out, 1 to size;
 * -EINVAL. */
int sound_encoder_encode(struct sound_encoder *e, const int16_t *samples, size_t frames,
	uint8_t *out, size_t size) MUST_CHECK;

int sound_decoder_create(struct sound_decoder **out) MUST_CHECK;
void sound_decoder_destroy(struct sound_decoder *d);
/* Whatever the encoder had of channels comes out as SOUND_CHANNELS. packet NULL: one was lost, frames
 * are made up. How many frames were written to out; -EPROTO: it is no packet. */
int sound_decoder_decode(struct sound_decoder *d, const uint8_t *packet, size_t len, size_t frames,
	int16_t out[static SOUND_PACKET_MAX_FRAMES * 2]) MUST_CHECK;
