/*
 * The inner loops for x86-64 processors with AVX2, compiled with -mavx2 and called only where the
 * processor has it. Each does exactly what its plain twin does (simd.h says what).
 */
#include "common/codec/simd_avx2.h"
#include "common/codec/picture.h"
#include "common/codec/yuv_rows.h"

#include <immintrin.h>

/* Pixels in a vector. */
#define LANES 8

static __m256i load(const void *at)
{
	return _mm256_loadu_si256(at);
}

static void store(void *at, __m256i v)
{
	_mm256_storeu_si256(at, v);
}

/* A bit for each pixel that is equal. */
static unsigned equal_bits(__m256i a, __m256i b)
{
	return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(a, b)));
}

#define ALL_BITS ((1U << LANES) - 1)

/* One tile's width, without a branch for each vector: it is read into registers once, then compared
 * and stored from there. */
static void update_tile_row(uint32_t *kept, const uint8_t *source, uint8_t *changed)
{
	const __m256i mask = _mm256_set1_epi32((int)PICTURE_COLOR_MASK);
	__m256i now[TILE_SIDE_PX / LANES], differences = _mm256_setzero_si256();

	for (size_t i = 0; i < ARRAY_LEN(now); i++) {
		now[i] = _mm256_and_si256(load(source + i * sizeof(__m256i)), mask);
		differences = _mm256_or_si256(
			differences, _mm256_xor_si256(now[i], load(kept + i * LANES)));
	}
	if (_mm256_testz_si256(differences, differences))
		return;
	*changed = 1;
	for (size_t i = 0; i < ARRAY_LEN(now); i++)
		store(kept + i * LANES, now[i]);
}

static void update_part(uint32_t *kept, const uint8_t *source, size_t count, uint8_t *changed)
{
	const __m256i mask = _mm256_set1_epi32((int)PICTURE_COLOR_MASK);
	size_t x = 0;

	for (; x + LANES <= count; x += LANES) {
		__m256i now = _mm256_and_si256(load(source + x * sizeof(uint32_t)), mask);
		if (equal_bits(now, load(kept + x)) == ALL_BITS)
			continue;
		*changed = 1;
		store(kept + x, now);
	}
	for (; x < count; x++) {
		uint32_t now;
		memcpy(&now, source + x * sizeof(now), sizeof(now));
		now &= PICTURE_COLOR_MASK;
		*changed |= now != kept[x];
		kept[x] = now;
	}
}

static void update_row(
	uint32_t *kept, const uint8_t *source, uint32_t x0, uint32_t x1, uint8_t *changed)
{
	for (uint32_t x = x0; x < x1;) {
		uint32_t tile = x / TILE_SIDE_PX, end = MIN(x1, (tile + 1) * TILE_SIDE_PX);
		const uint8_t *from = source + (size_t)x * sizeof(uint32_t);
		if (end - x == TILE_SIDE_PX)
			update_tile_row(kept + x, from, &changed[tile]);
		else
			update_part(kept + x, from, end - x, &changed[tile]);
		x = end;
	}
}

static size_t first_difference(const uint32_t *a, const uint32_t *b, size_t count)
{
	size_t i = 0;

	for (; i + LANES <= count; i += LANES) {
		unsigned same = equal_bits(load(a + i), load(b + i));
		if (same != ALL_BITS)
			return i + (size_t)__builtin_ctz(~same);
	}
	while (i < count && a[i] == b[i])
		i++;
	return i;
}

static size_t last_difference(const uint32_t *a, const uint32_t *b, size_t count)
{
	for (; count >= LANES; count -= LANES) {
		unsigned same = equal_bits(load(a + count - LANES), load(b + count - LANES));
		if (same != ALL_BITS)
			return count - LANES + 32 - (size_t)__builtin_clz(~same & ALL_BITS);
	}
	while (count > 0 && a[count - 1] == b[count - 1])
		count--;
	return count;
}

static bool equal(const uint32_t *a, const uint32_t *b, size_t stride_px, uint32_t width_px,
	uint32_t height_px)
{
	for (uint32_t y = 0; y < height_px; y++, a += stride_px, b += stride_px)
		if (first_difference(a, b, width_px) != width_px)
			return false;
	return true;
}

static size_t run_length(const uint32_t *pixels, size_t count, uint32_t value)
{
	const __m256i wanted = _mm256_set1_epi32((int)value);
	size_t i = 0;

	for (; i + LANES <= count; i += LANES) {
		unsigned same = equal_bits(load(pixels + i), wanted);
		if (same != ALL_BITS)
			return i + (size_t)__builtin_ctz(~same);
	}
	while (i < count && pixels[i] == value)
		i++;
	return i;
}

static size_t count_hard(const uint32_t *row, const uint32_t *above, size_t count)
{
	size_t i = 1, hard = 0;

	for (; i + LANES <= count; i += LANES) {
		__m256i here = load(row + i);
		unsigned easy =
			equal_bits(here, load(row + i - 1)) | equal_bits(here, load(above + i));
		hard += (size_t)__builtin_popcount(~easy & ALL_BITS);
	}
	for (; i < count; i++)
		hard += (row[i] != row[i - 1]) & (row[i] != above[i]);
	return hard;
}

static void match_blocks(const uint32_t *a, const uint32_t *b, size_t count, uint8_t *same)
{
	size_t x = 0;

	for (; x + MATCH_BLOCK_PX <= count; x += MATCH_BLOCK_PX) {
		__m256i low = _mm256_xor_si256(load(a + x), load(b + x));
		__m256i high = _mm256_xor_si256(load(a + x + LANES), load(b + x + LANES));
		__m256i either = _mm256_or_si256(low, high);
		same[x / MATCH_BLOCK_PX] &= (uint8_t)_mm256_testz_si256(either, either);
	}
	if (x < count && first_difference(a + x, b + x, count - x) != count - x)
		same[x / MATCH_BLOCK_PX] = 0;
}

static __m256i anchor_hashes(const uint32_t *at)
{
	static const unsigned offsets[] = ANCHOR_OFFSETS;
	static const uint32_t factors[] = ANCHOR_FACTORS;
	__m256i hash = _mm256_setzero_si256();

	for (size_t i = 0; i < ARRAY_LEN(offsets); i++)
		hash = _mm256_add_epi32(hash, _mm256_mullo_epi32(load(at + offsets[i]),
						      _mm256_set1_epi32((int)factors[i])));
	hash = _mm256_xor_si256(hash, _mm256_srli_epi32(hash, 15));
	return _mm256_mullo_epi32(hash, _mm256_set1_epi32((int)ANCHOR_FINISH));
}

static size_t find_anchors(
	const uint32_t *row, size_t count, struct codec_anchor *anchors, size_t max)
{
	const __m256i mask = _mm256_set1_epi32((int)ANCHOR_MASK);
	size_t found = 0;

	for (size_t x = 0; x < count; x += LANES) {
		__m256i hashes = anchor_hashes(row + x);
		unsigned bits = equal_bits(_mm256_and_si256(hashes, mask), _mm256_setzero_si256());
		if (bits == 0)
			continue;
		uint32_t lanes[LANES];
		store(lanes, hashes);
		for (; bits; bits &= bits - 1) {
			size_t lane = (size_t)__builtin_ctz(bits);
			if (x + lane >= count || found == max)
				return found;
			anchors[found++] =
				(struct codec_anchor){ (uint32_t)(x + lane), lanes[lane] };
		}
	}
	return found;
}

/* Rows of one channel's bytes with a byte before them, the left neighbour of the first, and room
 * behind them. */
#define PLANE_ROW_BYTES (SPLIT_WIDTH_MAX_PX + 32 + 32)
#define PLANE_START     32
struct channel_rows {
	uint8_t green[PLANE_ROW_BYTES], blue[PLANE_ROW_BYTES], red[PLANE_ROW_BYTES];
};

/* 32 pixels to 32 bytes of each channel, as they are predicted. */
static void to_channels(const uint32_t *from, struct channel_rows *to, size_t x)
{
	/* Within each four pixels: blue, green, red, X together. */
	const __m256i gather = _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11,
		15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
	const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
	__m256i a = _mm256_shuffle_epi8(load(from), gather);
	__m256i b = _mm256_shuffle_epi8(load(from + 8), gather);
	__m256i c = _mm256_shuffle_epi8(load(from + 16), gather);
	__m256i d = _mm256_shuffle_epi8(load(from + 24), gather);
	__m256i blue_green_ab = _mm256_unpacklo_epi32(a, b), red_ab = _mm256_unpackhi_epi32(a, b);
	__m256i blue_green_cd = _mm256_unpacklo_epi32(c, d), red_cd = _mm256_unpackhi_epi32(c, d);
	/* Now lanes of a0 b0 c0 d0 | a1 b1 c1 d1; order puts each half's beside the other's. */
	__m256i blue = _mm256_unpacklo_epi64(blue_green_ab, blue_green_cd);
	__m256i green = _mm256_unpackhi_epi64(blue_green_ab, blue_green_cd);
	__m256i red = _mm256_unpacklo_epi64(red_ab, red_cd);

	green = _mm256_permutevar8x32_epi32(green, order);
	blue = _mm256_permutevar8x32_epi32(blue, order);
	red = _mm256_permutevar8x32_epi32(red, order);
	store(to->green + PLANE_START + x, green);
	store(to->blue + PLANE_START + x, _mm256_sub_epi8(blue, green));
	store(to->red + PLANE_START + x, _mm256_sub_epi8(red, green));
}

static void row_to_channels(const uint32_t *from, uint32_t width_px, struct channel_rows *to)
{
	uint32_t x = 0;

	for (; x + 32 <= width_px; x += 32)
		to_channels(from + x, to, x);
	if (x < width_px) {
		uint32_t rest[32] = { 0 };
		memcpy(rest, from + x, (width_px - x) * sizeof(*rest));
		to_channels(rest, to, x);
	}
}

static __m256i residuals(const uint8_t *here, const uint8_t *above)
{
	__m256i left = load(here - 1), up = load(above), corner = load(above - 1);
	__m256i low = _mm256_min_epu8(left, up), high = _mm256_max_epu8(left, up);
	__m256i middle = _mm256_max_epu8(low, _mm256_min_epu8(corner, high));
	__m256i guess = _mm256_sub_epi8(_mm256_add_epi8(left, up), middle);

	return _mm256_sub_epi8(load(here), guess);
}

static void channel_residuals(
	const uint8_t *here, const uint8_t *above, uint32_t width_px, uint8_t *to)
{
	uint32_t x = 0;

	for (; x + 32 <= width_px; x += 32)
		store(to + x, residuals(here + x, above + x));
	if (x < width_px) {
		uint8_t rest[32];
		store(rest, residuals(here + x, above + x));
		memcpy(to + x, rest, width_px - x);
	}
}

static void split(const uint32_t *from, size_t stride_px, uint32_t width_px, uint32_t height_px,
	const struct codec_planes *to)
{
	struct channel_rows rows[2] = { 0 };

	for (uint32_t y = 0; y < height_px; y++) {
		struct channel_rows *here = &rows[y & 1], *above = &rows[~y & 1];
		size_t at = (size_t)y * width_px;
		row_to_channels(from + y * stride_px, width_px, here);
		channel_residuals(here->green + PLANE_START, above->green + PLANE_START, width_px,
			to->green + at);
		channel_residuals(here->blue + PLANE_START, above->blue + PLANE_START, width_px,
			to->blue + at);
		channel_residuals(
			here->red + PLANE_START, above->red + PLANE_START, width_px, to->red + at);
	}
}

/*
 * join works on four rows at a time, each one pixel behind the row above it, so that the upper
 * neighbours are there when they are needed: in step t lane r makes pixel t - r of row r. Pixels
 * stand as blue - green, green, red - green, 0.
 */
#define GROUP_ROWS 4
/* Zeros before and after a row: what lanes read that are not in the picture yet, or no longer. */
#define GROUP_PAD 8

struct group {
	uint32_t rows[GROUP_ROWS][GROUP_PAD + SPLIT_WIDTH_MAX_PX + GROUP_PAD + 8];
	/* The row above the group, or zeros. */
	uint32_t above[SPLIT_WIDTH_MAX_PX + 2 * GROUP_PAD + 8];
};

static void interleave16(const struct codec_planes *from, size_t at, uint32_t *to)
{
	__m128i green = _mm_loadu_si128((const void *)(from->green + at));
	__m128i blue = _mm_loadu_si128((const void *)(from->blue + at));
	__m128i red = _mm_loadu_si128((const void *)(from->red + at));
	__m128i low = _mm_unpacklo_epi8(blue, green), high = _mm_unpackhi_epi8(blue, green);
	__m128i low_red = _mm_unpacklo_epi8(red, _mm_setzero_si128());
	__m128i high_red = _mm_unpackhi_epi8(red, _mm_setzero_si128());

	_mm_storeu_si128((void *)to, _mm_unpacklo_epi16(low, low_red));
	_mm_storeu_si128((void *)(to + 4), _mm_unpackhi_epi16(low, low_red));
	_mm_storeu_si128((void *)(to + 8), _mm_unpacklo_epi16(high, high_red));
	_mm_storeu_si128((void *)(to + 12), _mm_unpackhi_epi16(high, high_red));
}

static void interleave_row(
	const struct codec_planes *from, size_t at, uint32_t width_px, uint32_t *to)
{
	uint32_t x = 0;

	for (; x + 16 <= width_px; x += 16)
		interleave16(from, at + x, to + x);
	for (; x < width_px; x++)
		to[x] = from->blue[at + x] | (uint32_t)from->green[at + x] << 8 |
			(uint32_t)from->red[at + x] << 16;
}

static void transpose4(__m128i v[static 4])
{
	__m128i low01 = _mm_unpacklo_epi32(v[0], v[1]), high01 = _mm_unpackhi_epi32(v[0], v[1]);
	__m128i low23 = _mm_unpacklo_epi32(v[2], v[3]), high23 = _mm_unpackhi_epi32(v[2], v[3]);

	v[0] = _mm_unpacklo_epi64(low01, low23);
	v[1] = _mm_unpackhi_epi64(low01, low23);
	v[2] = _mm_unpacklo_epi64(high01, high23);
	v[3] = _mm_unpackhi_epi64(high01, high23);
}

/* Residuals to channels, in place; above becomes the last row. */
static void integrate(struct group *g, uint32_t width_px)
{
	__m128i here = _mm_setzero_si128(), up = _mm_setzero_si128();

	for (uint32_t t = 0; t < width_px + GROUP_ROWS - 1; t += 4) {
		__m128i v[4];
		for (uint32_t r = 0; r < GROUP_ROWS; r++)
			v[r] = _mm_loadu_si128((const void *)(g->rows[r] + GROUP_PAD + t - r));
		transpose4(v);
		for (uint32_t i = 0; i < 4; i++) {
			__m128i corner = up;
			up = _mm_or_si128(_mm_slli_si128(here, 4),
				_mm_cvtsi32_si128((int)g->above[GROUP_PAD + t + i]));
			__m128i low = _mm_min_epu8(here, up), high = _mm_max_epu8(here, up);
			__m128i middle = _mm_max_epu8(low, _mm_min_epu8(corner, high));
			__m128i sum = _mm_add_epi8(_mm_add_epi8(v[i], up), here);
			here = _mm_sub_epi8(sum, middle);
			v[i] = here;
		}
		transpose4(v);
		for (uint32_t r = 0; r < GROUP_ROWS; r++)
			_mm_storeu_si128((void *)(g->rows[r] + GROUP_PAD + t - r), v[r]);
	}
	/* What lanes wrote beyond their rows is no pixel. */
	for (uint32_t r = 0; r < GROUP_ROWS; r++) {
		memset(g->rows[r], 0, GROUP_PAD * sizeof(uint32_t));
		memset(g->rows[r] + GROUP_PAD + width_px, 0, GROUP_PAD * sizeof(uint32_t));
	}
	memcpy(g->above + GROUP_PAD, g->rows[GROUP_ROWS - 1] + GROUP_PAD,
		(size_t)width_px * sizeof(uint32_t));
}

static void from_channels(const uint32_t *from, uint32_t width_px, uint32_t *to)
{
	/* Green to blue's and red's place, zeros elsewhere. */
	const __m256i spread = _mm256_setr_epi8(1, -1, 1, -1, 5, -1, 5, -1, 9, -1, 9, -1, 13, -1,
		13, -1, 1, -1, 1, -1, 5, -1, 5, -1, 9, -1, 9, -1, 13, -1, 13, -1);
	uint32_t x = 0;

	for (; x + LANES <= width_px; x += LANES) {
		__m256i v = load(from + x);
		store(to + x, _mm256_add_epi8(v, _mm256_shuffle_epi8(v, spread)));
	}
	for (; x < width_px; x++) {
		uint8_t green = (uint8_t)(from[x] >> 8);
		to[x] = (uint32_t)(uint8_t)(from[x] + green) | (uint32_t)green << 8 |
			(uint32_t)(uint8_t)((from[x] >> 16) + green) << 16;
	}
}

static void join(uint32_t *to, size_t stride_px, uint32_t width_px, uint32_t height_px,
	const struct codec_planes *from)
{
	struct group g;

	memset(&g, 0, sizeof(g));
	for (uint32_t y = 0; y < height_px; y += GROUP_ROWS) {
		uint32_t rows = MIN(height_px - y, (uint32_t)GROUP_ROWS);
		for (uint32_t r = 0; r < rows; r++)
			interleave_row(
				from, (size_t)(y + r) * width_px, width_px, g.rows[r] + GROUP_PAD);
		integrate(&g, width_px);
		for (uint32_t r = 0; r < rows; r++)
			from_channels(g.rows[r] + GROUP_PAD, width_px, to + (y + r) * stride_px);
	}
}

const struct codec_simd codec_simd_avx2 = {
	.name = "avx2",
	.update_row = update_row,
	.first_difference = first_difference,
	.last_difference = last_difference,
	.equal = equal,
	.match_blocks = match_blocks,
	.find_anchors = find_anchors,
	.run_length = run_length,
	.count_hard = count_hard,
	.split = split,
	.join = join,
	.luma_row = yuv_luma_row,
	.chroma_row = yuv_chroma_row,
	.pixel_row = yuv_pixel_row,
};
