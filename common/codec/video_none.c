/* No video codec: nothing can be created, so film is coded as photographs are. */
#include "common/codec/video.h"

#include <errno.h>

static int encoder_create(struct codec_video_encoder **out)
{
	(void)out;
	return -ENOSYS;
}

static int decoder_create(struct codec_video_decoder **out)
{
	(void)out;
	return -ENOSYS;
}

const struct codec_video_impl codec_video_none = {
	.name = "none",
	.encoder_create = encoder_create,
	.decoder_create = decoder_create,
};
