/*
 * A video codec for regions that show film: chosen in meson (video_openh264.c; video_none.c where
 * there is none). Pixels go as 4:2:0 and come back as an approximation.
 */
#pragma once

#include "common/codec/picture.h"

/* Regions have even sides within these. */
#define CODEC_VIDEO_SIDE_MIN_PX 16
#define CODEC_VIDEO_SIDE_MAX_PX 4096

/* Whether this build has one. */
bool codec_video_available(void);

static inline bool codec_video_size_ok(struct codec_rect r)
{
	return r.width_px % 2 == 0 && r.height_px % 2 == 0 &&
	       r.width_px >= CODEC_VIDEO_SIDE_MIN_PX && r.height_px >= CODEC_VIDEO_SIDE_MIN_PX &&
	       r.width_px <= CODEC_VIDEO_SIDE_MAX_PX && r.height_px <= CODEC_VIDEO_SIDE_MAX_PX;
}

struct codec_video_encoder;

/* -ENOMEM; -ENOSYS where there is none. destroy takes NULL. */
int codec_video_encoder_create(struct codec_video_encoder **out) MUST_CHECK;
void codec_video_encoder_destroy(struct codec_video_encoder *v);

/* Begins a stream of pictures of this size: the next one can be decoded by itself. -EINVAL when the
 * codec refuses. */
int codec_video_encoder_start(
	struct codec_video_encoder *v, uint32_t width_px, uint32_t height_px) MUST_CHECK;

/*
 * Codes what stands in rect, of the size that was started, at about so many bits a second. Returns
 * the length, 0 when the codec left the picture out, or -ENOSPC, -EINVAL.
 */
int codec_video_encode(struct codec_video_encoder *v, const struct codec_picture *picture,
	struct codec_rect rect, uint32_t bits_per_s, uint8_t *out, size_t capacity) MUST_CHECK;

struct codec_video_decoder;

int codec_video_decoder_create(struct codec_video_decoder **out) MUST_CHECK;
void codec_video_decoder_destroy(struct codec_video_decoder *v);

/* Forgets the stream; what follows begins another. */
int codec_video_decoder_start(struct codec_video_decoder *v) MUST_CHECK;

/* Draws one coded picture at rect, which lies inside picture. -EPROTO when it is none of that size.
 */
int codec_video_decode(struct codec_video_decoder *v, const uint8_t *bytes, size_t len,
	const struct codec_picture *picture, struct codec_rect rect) MUST_CHECK;
