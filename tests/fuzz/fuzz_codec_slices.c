/*
 * The decoder, fed with whatever comes: the first byte chooses the size of the screen, then slices
 * follow, each after its length in two bytes.
 */
#include "common/codec/codec.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		uint16_t width_px, height_px;
	} sizes[] = { { 200, 150 }, { 1, 1 }, { 17, 13 }, { 64, 64 }, { 700, 100 }, { 1100, 70 } };
	struct codec_decoder *decoder;
	struct codec_changed changed;

	if (size == 0)
		return 0;
	size_t which = data[0] % ARRAY_LEN(sizes);
	struct codec_params params = { sizes[which].width_px, sizes[which].height_px,
		codec_features(), 0 };
	if (codec_decoder_create(&decoder, &params) < 0)
		return 0;
	for (size_t at = 1; size - at >= 2;) {
		size_t len = (size_t)data[at] << 8 | data[at + 1];
		at += 2;
		len = MIN(len, size - at);
		if (codec_decoder_decode(decoder, data + at, len, &changed) < 0)
			break;
		if (changed.count > CODEC_RECTS_MAX)
			abort();
		at += len;
	}
	(void)codec_decoder_checksum(decoder);
	codec_decoder_destroy(decoder);
	return 0;
}
