#include "common/codec/medz.h"

#include "common/codec/slice.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#define CHANNELS 3

/* Any negative level's number is the stride of the match search; this one finds none (medz.h). */
#define SKIP_LEVEL (-10000)

/* The quickest that codes all matches it comes across. */
#define MATCH_LEVEL 1

/* ZSTD_c_literalCompressionMode and ZSTD_ps_enable of zstd 1.5; negative levels leave literals
 * uncoded by default. */
#define LITERAL_MODE        ZSTD_c_experimentalParam5
#define LITERAL_MODE_ENABLE 1

/* RFC 8878, 3.1.1.1: where the descriptor stands, its bit for a single segment, and the window's
 * byte for 8 MiB, which every decoder of zstd has to take. */
#define FRAME_DESCRIPTOR_AT  4
#define FRAME_SINGLE_SEGMENT 0x20
#define FRAME_WINDOW_MAX     0x68

struct codec_medz_encoder {
	const struct codec_simd *simd;
	ZSTD_CCtx *zstd;
	uint8_t planes[CHANNELS * CODEC_MEDZ_MAX_PX];
};

struct codec_medz_decoder {
	const struct codec_simd *simd;
	ZSTD_DCtx *zstd;
	uint8_t planes[CHANNELS * CODEC_MEDZ_MAX_PX];
};

static size_t area_of(const struct codec_rect *rects, size_t count)
{
	size_t area_px = 0;

	for (size_t i = 0; i < count; i++)
		area_px += (size_t)rects[i].width_px * rects[i].height_px;
	return area_px;
}

static struct codec_planes planes_at(uint8_t *planes, size_t area_px, size_t offset)
{
	return (struct codec_planes){
		.green = planes + offset,
		.blue = planes + area_px + offset,
		.red = planes + 2 * area_px + offset,
	};
}

int codec_medz_encoder_create(struct codec_medz_encoder **out, const struct codec_simd *simd)
{
	struct codec_medz_encoder *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->simd = simd;
	m->zstd = ZSTD_createCCtx();
	if (!m->zstd || ZSTD_isError(ZSTD_CCtx_setParameter(
				m->zstd, ZSTD_c_compressionLevel, SKIP_LEVEL))) {
		codec_medz_encoder_destroy(m);
		return -ENOMEM;
	}
	/* A zstd without this setting codes larger, but codes. */
	(void)ZSTD_CCtx_setParameter(m->zstd, LITERAL_MODE, LITERAL_MODE_ENABLE);
	(void)ZSTD_CCtx_setParameter(m->zstd, ZSTD_c_checksumFlag, 0);

	*out = m;
	return 0;
}

void codec_medz_encoder_destroy(struct codec_medz_encoder *m)
{
	if (!m)
		return;
	ZSTD_freeCCtx(m->zstd);
	free(m);
}

size_t codec_medz_bound(void)
{
	return ZSTD_COMPRESSBOUND(CHANNELS * CODEC_MEDZ_MAX_PX);
}

int codec_medz_encode(struct codec_medz_encoder *m, const struct codec_picture *picture,
	const struct codec_rect *rects, size_t count, bool repeats, uint8_t *out, size_t capacity)
{
	size_t area_px = area_of(rects, count), offset = 0;

	for (size_t i = 0; i < count; i++) {
		struct codec_planes planes = planes_at(m->planes, area_px, offset);
		m->simd->split(codec_picture_at(picture, rects[i].x_px, rects[i].y_px),
			picture->width_px, rects[i].width_px, rects[i].height_px, &planes);
		offset += (size_t)rects[i].width_px * rects[i].height_px;
	}
	(void)ZSTD_CCtx_setParameter(
		m->zstd, ZSTD_c_compressionLevel, repeats ? MATCH_LEVEL : SKIP_LEVEL);
	size_t len = ZSTD_compress2(m->zstd, out, capacity, m->planes, CHANNELS * area_px);
	return ZSTD_isError(len) ? -ENOMEM : (int)len;
}

int codec_medz_decoder_create(struct codec_medz_decoder **out, const struct codec_simd *simd)
{
	struct codec_medz_decoder *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->simd = simd;
	m->zstd = ZSTD_createDCtx();
	if (!m->zstd) {
		codec_medz_decoder_destroy(m);
		return -ENOMEM;
	}
	*out = m;
	return 0;
}

void codec_medz_decoder_destroy(struct codec_medz_decoder *m)
{
	if (!m)
		return;
	ZSTD_freeDCtx(m->zstd);
	free(m);
}

/* The window of a frame that has more than one segment (RFC 8878, 3.1.1.1.2). */
static bool window_fits(const uint8_t *frame)
{
	bool single_segment = frame[FRAME_DESCRIPTOR_AT] & FRAME_SINGLE_SEGMENT;

	return single_segment || frame[FRAME_DESCRIPTOR_AT + 1] <= FRAME_WINDOW_MAX;
}

/* Whether this is one whole frame, nothing after it, that says it holds content_bytes. */
static bool frame_fits(const uint8_t *bytes, size_t len, size_t content_bytes)
{
	return ZSTD_getFrameContentSize(bytes, len) == content_bytes &&
	       ZSTD_findFrameCompressedSize(bytes, len) == len && window_fits(bytes);
}

int codec_medz_decode(struct codec_medz_decoder *m, const struct codec_picture *picture,
	const struct codec_rect *rects, size_t count, const uint8_t *bytes, size_t len)
{
	size_t area_px = area_of(rects, count), offset = 0;

	/* What the frame really holds is bounded by the buffer, whatever it says. */
	if (!frame_fits(bytes, len, CHANNELS * area_px))
		return -EPROTO;
	if (ZSTD_decompressDCtx(m->zstd, m->planes, CHANNELS * area_px, bytes, len) !=
		CHANNELS * area_px)
		return -EPROTO;

	for (size_t i = 0; i < count; i++) {
		struct codec_planes planes = planes_at(m->planes, area_px, offset);
		m->simd->join(codec_picture_at(picture, rects[i].x_px, rects[i].y_px),
			picture->width_px, rects[i].width_px, rects[i].height_px, &planes);
		offset += (size_t)rects[i].width_px * rects[i].height_px;
	}
	return 0;
}
