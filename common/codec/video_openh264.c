/*
 * H.264 by openh264, one thread: camera mode, a key picture only at the start, no picture left out.
 * The decoder's input is hostile: the size that it claims is checked first, and what openh264 makes
 * of it is used only when it has exactly the size that was announced.
 */
#include "common/codec/video.h"

#include "common/codec/h264.h"
#include "common/codec/yuv.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <wels/codec_api.h>

/*
 * Quantisers. Below the least one only the bytes grow, nobody sees the difference (42 dB measured);
 * above the largest one fewer pictures look better than worse ones.
 */
#define QP_MIN 22
#define QP_MAX 40

#define FRAMES_PER_S   30
#define BITS_PER_S_MIN 100000

struct encoder {
	struct codec_video_encoder base;
	ISVCEncoder *wels; /* owned */
	bool is_started;
	uint32_t width_px, height_px;
	uint32_t bits_per_s; /* that the codec goes by now */
	uint64_t count;
	uint8_t *planes; /* owned */
};

struct decoder {
	struct codec_video_decoder base;
	ISVCDecoder *wels; /* owned */
};

static struct encoder *encoder_of(struct codec_video_encoder *v)
{
	return (struct encoder *)v; /* base stands first */
}

static struct decoder *decoder_of(struct codec_video_decoder *v)
{
	return (struct decoder *)v;
}

static int encoder_create(struct codec_video_encoder **out)
{
	struct encoder *v = calloc(1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	if (WelsCreateSVCEncoder(&v->wels) != 0 || !v->wels) {
		free(v);
		return -ENOMEM;
	}
	int level = WELS_LOG_QUIET;
	(*v->wels)->SetOption(v->wels, ENCODER_OPTION_TRACE_LEVEL, &level);
	v->base.impl = &codec_video_openh264;
	*out = &v->base;
	return 0;
}

static void stop(struct encoder *v)
{
	if (v->is_started)
		(*v->wels)->Uninitialize(v->wels);
	v->is_started = false;
	free(v->planes);
	v->planes = NULL;
}

static void encoder_destroy(struct codec_video_encoder *base)
{
	struct encoder *v = encoder_of(base);

	stop(v);
	WelsDestroySVCEncoder(v->wels);
	free(v);
}

static int initialize(struct encoder *v)
{
	SEncParamExt p;

	(*v->wels)->GetDefaultParams(v->wels, &p);
	p.iUsageType = CAMERA_VIDEO_REAL_TIME;
	p.iPicWidth = (int)v->width_px;
	p.iPicHeight = (int)v->height_px;
	p.iTargetBitrate = (int)v->bits_per_s;
	p.iMaxBitrate = UNSPECIFIED_BIT_RATE;
	p.iRCMode = RC_BITRATE_MODE;
	p.fMaxFrameRate = FRAMES_PER_S;
	p.uiIntraPeriod = 0;
	p.iMinQp = QP_MIN;
	p.iMaxQp = QP_MAX;
	p.bEnableFrameSkip = false;
	p.iMultipleThreadIdc = 1;
	p.iComplexityMode = LOW_COMPLEXITY;
	/* CABAC makes 5 % less but takes the decoder a third longer. */
	p.iEntropyCodingModeFlag = 0;
	p.bEnableDenoise = false;
	p.bEnableSceneChangeDetect = false;
	p.bEnableBackgroundDetection = true;
	p.bEnableAdaptiveQuant = false;
	p.iSpatialLayerNum = 1;
	p.sSpatialLayers[0].iVideoWidth = p.iPicWidth;
	p.sSpatialLayers[0].iVideoHeight = p.iPicHeight;
	p.sSpatialLayers[0].fFrameRate = FRAMES_PER_S;
	p.sSpatialLayers[0].iSpatialBitrate = p.iTargetBitrate;
	p.sSpatialLayers[0].iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
	p.sSpatialLayers[0].uiProfileIdc = PRO_BASELINE;
	p.sSpatialLayers[0].sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
	return (*v->wels)->InitializeExt(v->wels, &p) == 0 ? 0 : -EINVAL;
}

static int encoder_start(struct codec_video_encoder *base, uint32_t width_px, uint32_t height_px)
{
	struct encoder *v = encoder_of(base);
	size_t area_px = (size_t)width_px * height_px;

	stop(v);
	v->width_px = width_px;
	v->height_px = height_px;
	v->bits_per_s = BITS_PER_S_MIN;
	v->count = 0;
	v->planes = malloc(area_px * 3 / 2);
	if (!v->planes)
		return -ENOMEM;
	int r = initialize(v);
	v->is_started = r == 0;
	return r;
}

/* Small changes of the rate are not worth what the codec forgets at each. */
static void follow_rate(struct encoder *v, uint32_t bits_per_s)
{
	bits_per_s = MIN(MAX(bits_per_s, (uint32_t)BITS_PER_S_MIN), (uint32_t)INT_MAX);
	if (bits_per_s >= v->bits_per_s - v->bits_per_s / 8 &&
		bits_per_s <= v->bits_per_s + v->bits_per_s / 8)
		return;
	SBitrateInfo info = { .iLayer = SPATIAL_LAYER_ALL, .iBitrate = (int)bits_per_s };
	(*v->wels)->SetOption(v->wels, ENCODER_OPTION_BITRATE, &info);
	v->bits_per_s = bits_per_s;
}

static int collect(const SFrameBSInfo *info, uint8_t *out, size_t capacity)
{
	size_t len = 0;

	for (int i = 0; i < info->iLayerNum; i++) {
		const SLayerBSInfo *layer = &info->sLayerInfo[i];
		size_t layer_len = 0;
		for (int k = 0; k < layer->iNalCount; k++)
			layer_len += (size_t)layer->pNalLengthInByte[k];
		if (layer_len > capacity - len)
			return -ENOSPC;
		memcpy(out + len, layer->pBsBuf, layer_len);
		len += layer_len;
	}
	return (int)len;
}

static int encode(struct codec_video_encoder *base, const struct codec_picture *picture,
	struct codec_rect rect, uint32_t bits_per_s, uint8_t *out, size_t capacity)
{
	struct encoder *v = encoder_of(base);
	size_t area_px = (size_t)v->width_px * v->height_px;

	if (!v->is_started || rect.width_px != v->width_px || rect.height_px != v->height_px)
		return -EINVAL;
	follow_rate(v, bits_per_s);
	struct codec_yuv yuv = { v->planes, v->planes + area_px, v->planes + area_px * 5 / 4,
		v->width_px, v->width_px / 2 };
	codec_yuv_from(codec_simd_best(), picture, rect, &yuv);

	SFrameBSInfo info = { 0 };
	SSourcePicture source = {
		.iColorFormat = videoFormatI420,
		.iStride = { (int)yuv.y_stride, (int)yuv.uv_stride, (int)yuv.uv_stride },
		.pData = { yuv.y, yuv.u, yuv.v },
		.iPicWidth = (int)v->width_px,
		.iPicHeight = (int)v->height_px,
		.uiTimeStamp = (long long)(v->count++ * 1000 / FRAMES_PER_S),
	};
	if ((*v->wels)->EncodeFrame(v->wels, &source, &info) != cmResultSuccess)
		return -EINVAL;
	return info.eFrameType == videoFrameTypeSkip ? 0 : collect(&info, out, capacity);
}

static int decoder_start(struct codec_video_decoder *base)
{
	struct decoder *v = decoder_of(base);
	SDecodingParam p = { .eEcActiveIdc = ERROR_CON_DISABLE };

	p.sVideoProperty.size = sizeof(p.sVideoProperty);
	p.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
	(*v->wels)->Uninitialize(v->wels);
	return (*v->wels)->Initialize(v->wels, &p) == 0 ? 0 : -ENOMEM;
}

static int decoder_create(struct codec_video_decoder **out)
{
	struct decoder *v = calloc(1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	if (WelsCreateDecoder(&v->wels) != 0 || !v->wels) {
		free(v);
		return -ENOMEM;
	}
	int level = WELS_LOG_QUIET;
	(*v->wels)->SetOption(v->wels, DECODER_OPTION_TRACE_LEVEL, &level);
	v->base.impl = &codec_video_openh264;
	*out = &v->base;
	return 0;
}

static void decoder_destroy(struct codec_video_decoder *base)
{
	struct decoder *v = decoder_of(base);

	(*v->wels)->Uninitialize(v->wels);
	WelsDestroyDecoder(v->wels);
	free(v);
}

static int decode(struct codec_video_decoder *base, const uint8_t *bytes, size_t len,
	const struct codec_picture *picture, struct codec_rect rect)
{
	struct decoder *v = decoder_of(base);
	uint8_t *planes[3] = { 0 };
	SBufferInfo info = { 0 };

	if (len > INT_MAX || !codec_h264_fits(bytes, len, rect.width_px, rect.height_px))
		return -EPROTO;
	DECODING_STATE state =
		(*v->wels)->DecodeFrameNoDelay(v->wels, bytes, (int)len, planes, &info);
	const SSysMEMBuffer *buffer = &info.UsrData.sSystemBuffer;
	if (state != dsErrorFree || info.iBufferStatus != 1 || !planes[0] || !planes[1] ||
		!planes[2])
		return -EPROTO;
	if (buffer->iFormat != videoFormatI420 || buffer->iWidth != rect.width_px ||
		buffer->iHeight != rect.height_px || buffer->iStride[0] < buffer->iWidth ||
		buffer->iStride[1] < buffer->iWidth / 2)
		return -EPROTO;
	struct codec_yuv yuv = { planes[0], planes[1], planes[2], (size_t)buffer->iStride[0],
		(size_t)buffer->iStride[1] };
	codec_yuv_to(codec_simd_best(), &yuv, picture, rect);
	return 0;
}

const struct codec_video_impl codec_video_openh264 = {
	.name = "openh264",
	.feature = CODEC_FEATURE_VIDEO,
	.encoder_create = encoder_create,
	.encoder_destroy = encoder_destroy,
	.encoder_start = encoder_start,
	.encode = encode,
	.decoder_create = decoder_create,
	.decoder_destroy = decoder_destroy,
	.decoder_start = decoder_start,
	.decode = decode,
};
