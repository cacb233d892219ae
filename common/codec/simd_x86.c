/* Which inner loops this x86-64 processor runs. */
#include "common/codec/simd_avx2.h"

const struct codec_simd *codec_simd_nth(size_t index)
{
	if (index == 0)
		return &codec_simd_plain;
	return index == 1 && __builtin_cpu_supports("avx2") ? &codec_simd_avx2 : NULL;
}

const struct codec_simd *codec_simd_best(void)
{
	return __builtin_cpu_supports("avx2") ? &codec_simd_avx2 : &codec_simd_plain;
}
