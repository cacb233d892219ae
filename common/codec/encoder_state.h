/* The encoder's state, for its own files alone: encoder.c (life and questions), frame.c (a frame),
 * sections.c (its parts). */
#pragma once

#include "common/codec/ctx.h"
#include "common/codec/film.h"
#include "common/codec/medz.h"
#include "common/codec/motion.h"
#include "common/codec/output.h"
#include "common/codec/plan.h"
#include "common/codec/reuse.h"

struct codec_encoder {
	const struct codec_simd *simd;
	uint32_t features;
	struct codec_picture captured; /* newest known picture */
	struct codec_picture shown;    /* what the client has, below what video shows */
	struct codec_tiles tiles;      /* where the two may differ */
	struct codec_region region;    /* where video plays */
	struct codec_motion *motion;
	struct codec_reuse *reuse;
	struct codec_ctx *ctx;
	struct codec_medz_encoder *medz;
	struct codec_film film; /* no bands without the feature, and after the codec has failed */
	struct codec_output *output;
	struct codec_stats stats;

	/* Of the frame at hand; owned, with room for every tile or what it may become. */
	struct codec_rect *bounds;
	struct codec_patch *patches;
	size_t patch_count;
	struct codec_cached *settled;
	struct codec_copies copies;
};

/* frame.c: encodes what is pending; 0 or the sink's error. */
int codec_frame_encode(struct codec_encoder *e, const struct codec_budget *budget) MUST_CHECK;

/* sections.c: each writes its sections, if there is anything for them, and draws to shown what the
 * client then has. 0 or the sink's error. */
int codec_sections_copies(struct codec_encoder *e, uint64_t area_px) MUST_CHECK;
int codec_sections_save(struct codec_encoder *e) MUST_CHECK;
int codec_sections_load(struct codec_encoder *e) MUST_CHECK;
/* Parts of tiles out of the cache; before what is planned. */
int codec_sections_parts(struct codec_encoder *e) MUST_CHECK;
int codec_sections_ctx(struct codec_encoder *e, const struct codec_budget *budget) MUST_CHECK;
int codec_sections_medz(struct codec_encoder *e, const struct codec_budget *budget) MUST_CHECK;
int codec_sections_settle(struct codec_encoder *e) MUST_CHECK;

/* Returns 1 when the region was sent, 0 when the video codec has failed, or the sink's error. */
int codec_sections_video(struct codec_encoder *e, const struct codec_budget *budget) MUST_CHECK;
