/* The inner loops in plain C: what every processor runs, and the twin that the others are tested
 * against. */
#include "common/codec/picture.h"
#include "common/codec/simd.h"
#include "common/codec/yuv_rows.h"

static void update_row(
	uint32_t *kept, const uint8_t *source, uint32_t x0, uint32_t x1, uint8_t *changed)
{
	for (uint32_t x = x0; x < x1; x++) {
		uint32_t pixel;

		memcpy(&pixel, source + (size_t)x * sizeof(pixel), sizeof(pixel));
		pixel &= PICTURE_COLOR_MASK;
		if (pixel != kept[x]) {
			kept[x] = pixel;
			changed[x / TILE_SIDE_PX] = 1;
		}
	}
}

static size_t first_difference(const uint32_t *a, const uint32_t *b, size_t count)
{
	size_t i = 0;

	while (i < count && a[i] == b[i])
		i++;
	return i;
}

static size_t last_difference(const uint32_t *a, const uint32_t *b, size_t count)
{
	while (count > 0 && a[count - 1] == b[count - 1])
		count--;
	return count;
}

static bool equal(const uint32_t *a, const uint32_t *b, size_t stride_px, uint32_t width_px,
	uint32_t height_px)
{
	for (uint32_t y = 0; y < height_px; y++)
		if (memcmp(a + y * stride_px, b + y * stride_px, (size_t)width_px * sizeof(*a)) !=
			0)
			return false;
	return true;
}

static void match_blocks(const uint32_t *a, const uint32_t *b, size_t count, uint8_t *same)
{
	for (size_t x = 0; x < count; x += MATCH_BLOCK_PX) {
		size_t px = MIN(count - x, (size_t)MATCH_BLOCK_PX);
		if (memcmp(a + x, b + x, px * sizeof(*a)) != 0)
			same[x / MATCH_BLOCK_PX] = 0;
	}
}

static uint32_t anchor_hash(const uint32_t *at)
{
	static const unsigned offsets[] = ANCHOR_OFFSETS;
	static const uint32_t factors[] = ANCHOR_FACTORS;
	uint32_t hash = 0;

	for (size_t i = 0; i < ARRAY_LEN(offsets); i++)
		hash += at[offsets[i]] * factors[i];
	hash ^= hash >> 15;
	return hash * ANCHOR_FINISH;
}

static size_t find_anchors(
	const uint32_t *row, size_t count, struct codec_anchor *anchors, size_t max)
{
	size_t found = 0;

	for (size_t x = 0; x < count && found < max; x++) {
		uint32_t hash = anchor_hash(row + x);
		if ((hash & ANCHOR_MASK) == 0)
			anchors[found++] = (struct codec_anchor){ (uint32_t)x, hash };
	}
	return found;
}

static size_t run_length(const uint32_t *pixels, size_t count, uint32_t value)
{
	size_t i = 0;

	while (i < count && pixels[i] == value)
		i++;
	return i;
}

static size_t count_hard(const uint32_t *row, const uint32_t *above, size_t count)
{
	size_t hard = 0;

	for (size_t i = 1; i < count; i++)
		hard += (row[i] != row[i - 1]) & (row[i] != above[i]);
	return hard;
}

/* The channels of a pixel as they are predicted. */
struct channels {
	uint8_t green, blue, red;
};

static struct channels channels_of(uint32_t pixel)
{
	uint8_t green = (uint8_t)(pixel >> 8);

	return (struct channels){
		.green = green,
		.blue = (uint8_t)(pixel - green),
		.red = (uint8_t)((pixel >> 16) - green),
	};
}

/* Median of left, up and left + up - corner. */
static uint8_t predict(uint8_t left, uint8_t up, uint8_t corner)
{
	uint8_t low = MIN(left, up), high = MAX(left, up);
	uint8_t middle = MAX(low, MIN(corner, high));

	return (uint8_t)(left + up - middle);
}

static void split(const uint32_t *from, size_t stride_px, uint32_t width_px, uint32_t height_px,
	const struct codec_planes *to)
{
	size_t at = 0;

	for (uint32_t y = 0; y < height_px; y++) {
		const uint32_t *row = from + y * stride_px;
		struct channels left = { 0 }, corner = { 0 };
		for (uint32_t x = 0; x < width_px; x++, at++) {
			struct channels here = channels_of(row[x]);
			struct channels up =
				y > 0 ? channels_of(row[x - stride_px]) : (struct channels){ 0 };
			to->green[at] =
				(uint8_t)(here.green - predict(left.green, up.green, corner.green));
			to->blue[at] =
				(uint8_t)(here.blue - predict(left.blue, up.blue, corner.blue));
			to->red[at] = (uint8_t)(here.red - predict(left.red, up.red, corner.red));
			left = here;
			corner = up;
		}
	}
}

static void join(uint32_t *to, size_t stride_px, uint32_t width_px, uint32_t height_px,
	const struct codec_planes *from)
{
	size_t at = 0;

	for (uint32_t y = 0; y < height_px; y++) {
		uint32_t *row = to + y * stride_px;
		struct channels left = { 0 }, corner = { 0 };
		for (uint32_t x = 0; x < width_px; x++, at++) {
			struct channels up =
				y > 0 ? channels_of(row[x - stride_px]) : (struct channels){ 0 };
			left.green = (uint8_t)(from->green[at] +
					       predict(left.green, up.green, corner.green));
			left.blue = (uint8_t)(from->blue[at] +
					      predict(left.blue, up.blue, corner.blue));
			left.red = (uint8_t)(from->red[at] + predict(left.red, up.red, corner.red));
			corner = up;
			row[x] = (uint32_t)(uint8_t)(left.blue + left.green) |
				 (uint32_t)left.green << 8 |
				 (uint32_t)(uint8_t)(left.red + left.green) << 16;
		}
	}
}

const struct codec_simd codec_simd_plain = {
	.name = "plain",
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
