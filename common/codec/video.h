/*
 * Video codecs for regions that show film. Each is one struct codec_video_impl in a file of its
 * own; video_table.c lists those that this build has, and the ends agree on one in HELLO.
 *
 * To add one: a file video_NAME.c, a line in meson.build, a bit in enum codec_feature (codec.h) and
 * in section 12 of PROTOCOL.md. Everything else asks the table.
 *
 * Pixels go as 4:2:0 and come back as an approximation. A decoder's input is hostile.
 */
#pragma once

#include "common/codec/picture.h"

/* Regions have even sides within these. */
#define CODEC_VIDEO_SIDE_MIN_PX 16
#define CODEC_VIDEO_SIDE_MAX_PX 4096

static inline bool codec_video_size_ok(struct codec_rect r)
{
	return r.width_px % 2 == 0 && r.height_px % 2 == 0 &&
	       r.width_px >= CODEC_VIDEO_SIDE_MIN_PX && r.height_px >= CODEC_VIDEO_SIDE_MIN_PX &&
	       r.width_px <= CODEC_VIDEO_SIDE_MAX_PX && r.height_px <= CODEC_VIDEO_SIDE_MAX_PX;
}

struct codec_video_impl;

/* What every encoder and every decoder begins with. An implementation embeds it first. */
struct codec_video_encoder {
	const struct codec_video_impl *impl;
};
struct codec_video_decoder {
	const struct codec_video_impl *impl;
};

/* A video codec; the functions below say what each of its functions has to do. */
struct codec_video_impl {
	const char *name;
	uint32_t feature; /* its one bit of enum codec_feature; 0: none is needed */

	int (*encoder_create)(struct codec_video_encoder **out);
	void (*encoder_destroy)(struct codec_video_encoder *v);
	int (*encoder_start)(struct codec_video_encoder *v, uint32_t width_px, uint32_t height_px);
	int (*encode)(struct codec_video_encoder *v, const struct codec_picture *picture,
		struct codec_rect rect, uint32_t bits_per_s, uint8_t *out, size_t capacity);

	int (*decoder_create)(struct codec_video_decoder **out);
	void (*decoder_destroy)(struct codec_video_decoder *v);
	int (*decoder_start)(struct codec_video_decoder *v);
	int (*decode)(struct codec_video_decoder *v, const uint8_t *bytes, size_t len,
		const struct codec_picture *picture, struct codec_rect rect);
};

/* The implementations. Those that are not built are not in the table. */
extern const struct codec_video_impl codec_video_openh264; /* H.264 */
extern const struct codec_video_impl codec_video_none;     /* film goes as photographs do */

/* What this build has: the best one first, codec_video_none last. */
extern const struct codec_video_impl *const codec_video_table[];
extern const size_t codec_video_table_count;

/* The bits of all in the table. */
uint32_t codec_video_features(void);

/* The first in the table whose bit is set in features, which both ends have; codec_video_none when
 * there is no such bit. */
const struct codec_video_impl *codec_video_choose(uint32_t features);

/* An encoder of impl. -ENOMEM; -ENOSYS of codec_video_none. destroy takes NULL. */
int codec_video_encoder_create(
	struct codec_video_encoder **out, const struct codec_video_impl *impl) MUST_CHECK;
void codec_video_encoder_destroy(struct codec_video_encoder *v);

/* Begins a stream of pictures of this size: the next one can be decoded by itself. -ENOMEM; -EINVAL
 * when the codec refuses. */
int codec_video_encoder_start(
	struct codec_video_encoder *v, uint32_t width_px, uint32_t height_px) MUST_CHECK;

/*
 * Codes what stands in rect, of the size that was started, at about so many bits a second. Returns
 * the length, 0 when the codec left the picture out, or -ENOSPC, -EINVAL.
 */
int codec_video_encode(struct codec_video_encoder *v, const struct codec_picture *picture,
	struct codec_rect rect, uint32_t bits_per_s, uint8_t *out, size_t capacity) MUST_CHECK;

/* A decoder of impl. Errors as of codec_video_encoder_create. destroy takes NULL. */
int codec_video_decoder_create(
	struct codec_video_decoder **out, const struct codec_video_impl *impl) MUST_CHECK;
void codec_video_decoder_destroy(struct codec_video_decoder *v);

/* Forgets the stream; what follows begins another. -ENOMEM. */
int codec_video_decoder_start(struct codec_video_decoder *v) MUST_CHECK;

/* Draws one coded picture at rect, which lies inside picture and has a size that
 * codec_video_size_ok takes. -EPROTO for anything but a coded picture of that size. */
int codec_video_decode(struct codec_video_decoder *v, const uint8_t *bytes, size_t len,
	const struct codec_picture *picture, struct codec_rect rect) MUST_CHECK;
