/* The inner loops for processors with AVX2 (simd.h). */
#pragma once

#include "common/codec/simd.h"

extern const struct codec_simd codec_simd_avx2;
