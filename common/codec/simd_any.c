/* Where no other inner loops were written: the plain ones, which compilers vectorise fairly. */
#include "common/codec/simd.h"

const struct codec_simd *codec_simd_nth(size_t index)
{
	return index == 0 ? &codec_simd_plain : NULL;
}

const struct codec_simd *codec_simd_best(void)
{
	return &codec_simd_plain;
}
