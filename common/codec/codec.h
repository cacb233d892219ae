/*
 * The screen codec: pixels <-> bytes. It knows no messages, sockets or processes. The worker
 * encodes, the link decodes, and every byte that the decoder reads is hostile (ARCHITECTURE.md,
 * D-CONFINED).
 *
 * The encoder keeps a shadow: exactly what the client has after the frames that it produced. Damage
 * says where to look, comparison says what is true. A frame is a sequence of slices. Each slice can
 * be decoded as soon as it arrived, in order, so that a large picture is encoded, sent and decoded
 * at the same time. State (contexts, dictionaries, tile cache) lives as long as the codec; both
 * ends start from the same state at create. PROTOCOL.md, section 12, has the format.
 *
 * Pixels are 4 bytes, B G R X in memory. X is ignored, and the decoder writes it as 0.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

/* The largest screen that either end accepts: each side, and the area (PROTOCOL.md, section 13). */
#define CODEC_SIDE_MAX_PX 16384
#define CODEC_AREA_MAX_PX (64U * 1024 * 1024)

/* The largest slice in bytes. The encoder makes no larger one; the decoder refuses it. */
#define CODEC_SLICE_MAX_BYTES (1024U * 1024)

/* Rectangles that codec_encoder_update and struct codec_changed carry at most. */
#define CODEC_RECTS_MAX 64

struct codec_rect {
	uint16_t x_px, y_px, width_px, height_px;
};

/* Areas that a slice changed; more than CODEC_RECTS_MAX are merged into larger ones. */
struct codec_changed {
	struct codec_rect rects[CODEC_RECTS_MAX];
	size_t count;
};

struct codec_encoder;
struct codec_decoder;

/*
 * What an end can, as bits of HELLO (PROTOCOL.md, section 12). Another video codec gets the next
 * free bit here, and names it in its struct codec_video_impl (video.h).
 */
enum codec_feature {
	CODEC_FEATURE_MOTION = 1 << 0, /* copies within the picture */
	CODEC_FEATURE_CACHE = 1 << 1,  /* tile cache */
	CODEC_FEATURE_VIDEO = 1 << 2,  /* film by H.264 */
	CODEC_FEATURE_PARTS = 1 << 3,  /* parts of cached tiles; with CODEC_FEATURE_CACHE */
	CODEC_FEATURE_BANDS = 1 << 4,  /* film as several streams; with a video codec */
	/* Not of the picture: the client keeps shapes of the cursor (CURSOR_AGAIN). */
	CODEC_FEATURE_CURSORS = 1 << 5,
	/* Nor is this: the messages of the clipboard (WIRE_FEATURE_CLIPBOARD). */
	CODEC_FEATURE_CLIPBOARD = 1 << 6,
	/* Nor is this: files are copied (WIRE_FEATURE_FILES). */
	CODEC_FEATURE_FILES = 1 << 7,
	/* Nor is this: the session is heard (WIRE_FEATURE_SOUND). */
	CODEC_FEATURE_SOUND = 1 << 8,
	/* Nor is this: the client tells its display's resolution (WIRE_FEATURE_DPI). */
	CODEC_FEATURE_DPI = 1 << 9,
	/* Nor is this: files of a session are pasted as they are read (WIRE_FEATURE_LENDING). */
	CODEC_FEATURE_LENDING = 1 << 10,
	/* Nor is this: the second proof is bound to its connection (WIRE_FEATURE_BOUND). */
	CODEC_FEATURE_BOUND = 1 << 11,
};

/* Features this build has. */
uint32_t codec_features(void);

/* What the server puts into WELCOME: of the bits that both ends have, those that this build has,
 * and of several video codecs the best one alone. */
uint32_t codec_features_agreed(uint32_t features);

struct codec_params {
	uint16_t width_px, height_px;
	uint32_t features;
	uint64_t seed; /* secret and random: of the encoder's hash tables; the decoder ignores it */
};

/* What a frame may cost; the encoder chooses coders by it. All 0: no limit is known, as on an idle
 * fast link. */
struct codec_budget {
	uint32_t link_bytes_per_ms; /* measured delivery rate; 0 unknown */
	uint32_t time_us;           /* encode time to aim for; 0: 12 ms */
	/* stop after about so many bytes; the next frame has what is left. 0: no limit */
	uint32_t bytes_max;
};

/* Takes each finished slice; bytes are borrowed for the call. A negative result ends the encoding
 * and is its result. */
typedef int (*codec_sink_fn)(void *user, const uint8_t *bytes, size_t len);

/* -EINVAL for a size of 0 or over the limits; -ENOMEM. destroy takes NULL. */
int codec_encoder_create(struct codec_encoder **out, const struct codec_params *params) MUST_CHECK;
void codec_encoder_destroy(struct codec_encoder *e);

/*
 * Looks at rects of the captured picture: copies what is new there into the encoder's own memory
 * (once: the source may change afterwards) and marks what differs from what the client has.
 *
 * pixels  the whole picture, height_px rows, stride_bytes apart. Borrowed for the call.
 * rects   clipped to the picture; empty ones are ignored.
 */
void codec_encoder_update(struct codec_encoder *e, const uint8_t *pixels, size_t stride_bytes,
	const struct codec_rect *rects, size_t count);

/* Whether the client lacks anything: changes not yet encoded. */
bool codec_encoder_pending(const struct codec_encoder *e);

/* Whether something the client shows is an approximation that idle time should make exact. */
bool codec_encoder_inexact(const struct codec_encoder *e);

/*
 * Encodes what is pending as one frame: 1 or more slices go to sink, the last of them before the
 * call returns. Returns 1 when a frame was made, 0 when nothing was pending, -ENOMEM or the sink's
 * error (the encoder is then unusable but for destroy).
 */
int codec_encoder_encode(struct codec_encoder *e, const struct codec_budget *budget,
	codec_sink_fn sink, void *user) MUST_CHECK;

/* For idle time: prepares a little of what coming frames need, in about 0.1 ms. Returns whether
 * there is more to prepare. */
bool codec_encoder_prepare(struct codec_encoder *e);
bool codec_decoder_prepare(struct codec_decoder *d);

/* For a sink: whether the slice it was given is known to be the frame's last. */
bool codec_encoder_ending(const struct codec_encoder *e);

/*
 * 64-bit checksum (XXH3, seed 0) of what the client has after the last frame: rows from the top, 4
 * bytes a pixel with X = 0. Equal to codec_decoder_checksum there. Where video plays it is that of
 * the exact picture below; when nothing is inexact, that picture is what is seen.
 */
uint64_t codec_encoder_checksum(const struct codec_encoder *e);

/* Bytes and pixels that each coder took so far, for statistics. */
struct codec_stats {
	uint64_t frames, slices;
	uint64_t pixels_compared, pixels_copied, pixels_cached, pixels_ctx, pixels_medz,
		pixels_video;
	uint64_t bytes_copy, bytes_cache, bytes_ctx, bytes_medz, bytes_video, bytes_other;
	uint64_t encode_us;
};
void codec_encoder_stats(const struct codec_encoder *e, struct codec_stats *out);

/* Errors as of codec_encoder_create. Takes its memory here: decoding allocates nothing more but
 * what the features need. */
int codec_decoder_create(struct codec_decoder **out, const struct codec_params *params) MUST_CHECK;
void codec_decoder_destroy(struct codec_decoder *d);

/*
 * Decodes one slice into the decoder's picture. changed is written on success: the areas that
 * differ from before. -EPROTO when the slice is malformed in any way; -ENOMEM. After an error the
 * decoder is unusable but for destroy. Time and memory depend on nothing but the picture's size and
 * len.
 */
int codec_decoder_decode(struct codec_decoder *d, const uint8_t *slice, size_t len,
	struct codec_changed *changed) MUST_CHECK;

/*
 * The picture so far: height_px rows of width_px * 4 bytes. Valid until the decoder is destroyed.
 */
const uint8_t *codec_decoder_pixels(const struct codec_decoder *d);

/* Whether any area is an approximation (video) at the moment. */
bool codec_decoder_inexact(const struct codec_decoder *d);

uint64_t codec_decoder_checksum(const struct codec_decoder *d);
