/* Without a video codec: film is coded like photographs. */
#include "common/codec/video.h"

#include <errno.h>

bool codec_video_available(void)
{
	return false;
}

int codec_video_encoder_create(struct codec_video_encoder **out)
{
	(void)out;
	return -ENOSYS;
}

void codec_video_encoder_destroy(struct codec_video_encoder *v)
{
	(void)v;
}

int codec_video_encoder_start(struct codec_video_encoder *v, uint32_t width_px, uint32_t height_px)
{
	(void)v, (void)width_px, (void)height_px;
	return -EINVAL;
}

int codec_video_encode(struct codec_video_encoder *v, const struct codec_picture *picture,
	struct codec_rect rect, uint32_t bits_per_s, uint8_t *out, size_t capacity)
{
	(void)v, (void)picture, (void)rect, (void)bits_per_s, (void)out, (void)capacity;
	return -EINVAL;
}

int codec_video_decoder_create(struct codec_video_decoder **out)
{
	(void)out;
	return -ENOSYS;
}

void codec_video_decoder_destroy(struct codec_video_decoder *v)
{
	(void)v;
}

int codec_video_decoder_start(struct codec_video_decoder *v)
{
	(void)v;
	return -EPROTO;
}

int codec_video_decode(struct codec_video_decoder *v, const uint8_t *bytes, size_t len,
	const struct codec_picture *picture, struct codec_rect rect)
{
	(void)v, (void)bytes, (void)len, (void)picture, (void)rect;
	return -EPROTO;
}
