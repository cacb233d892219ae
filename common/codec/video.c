/* Which video codec, and the calls to it. */
#include "common/codec/video.h"

uint32_t codec_video_features(void)
{
	uint32_t features = 0;

	for (size_t i = 0; i < codec_video_table_count; i++)
		features |= codec_video_table[i]->feature;
	return features;
}

const struct codec_video_impl *codec_video_choose(uint32_t features)
{
	for (size_t i = 0; i < codec_video_table_count; i++)
		if (codec_video_table[i]->feature & features)
			return codec_video_table[i];
	return &codec_video_none;
}

int codec_video_encoder_create(
	struct codec_video_encoder **out, const struct codec_video_impl *impl)
{
	return impl->encoder_create(out);
}

void codec_video_encoder_destroy(struct codec_video_encoder *v)
{
	if (v)
		v->impl->encoder_destroy(v);
}

int codec_video_encoder_start(struct codec_video_encoder *v, uint32_t width_px, uint32_t height_px)
{
	return v->impl->encoder_start(v, width_px, height_px);
}

int codec_video_encode(struct codec_video_encoder *v, const struct codec_picture *picture,
	struct codec_rect rect, uint32_t bits_per_s, uint8_t *out, size_t capacity)
{
	return v->impl->encode(v, picture, rect, bits_per_s, out, capacity);
}

int codec_video_decoder_create(
	struct codec_video_decoder **out, const struct codec_video_impl *impl)
{
	return impl->decoder_create(out);
}

void codec_video_decoder_destroy(struct codec_video_decoder *v)
{
	if (v)
		v->impl->decoder_destroy(v);
}

int codec_video_decoder_start(struct codec_video_decoder *v)
{
	return v->impl->decoder_start(v);
}

int codec_video_decode(struct codec_video_decoder *v, const uint8_t *bytes, size_t len,
	const struct codec_picture *picture, struct codec_rect rect)
{
	return v->impl->decode(v, bytes, len, picture, rect);
}
