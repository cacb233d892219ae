#include "common/codec/simd.h"

const struct codec_simd *codec_simd_nth(size_t index)
{
	return index == 0 ? &codec_simd_plain : NULL;
}

const struct codec_simd *codec_simd_best(void)
{
	const struct codec_simd *best = &codec_simd_plain;

	for (size_t i = 0; codec_simd_nth(i); i++)
		best = codec_simd_nth(i);
	return best;
}
