#include "common/codec/h264.h"

/* ITU-T H.264, 7.4.1 and Annex A. */
#define NAL_TYPE_MASK    0x1f
#define NAL_SPS          7
#define NAL_SUBSET_SPS   15
#define PROFILE_BASELINE 66
#define MACROBLOCK_PX    16

/* Our encoder uses one. */
#define REFERENCES_MAX 4

/* Bytes of a parameter set that are looked at: its fields up to the size take fewer. */
#define SPS_BYTES_MAX 32

struct bits {
	uint8_t bytes[SPS_BYTES_MAX];
	size_t count, at; /* in bits */
	bool failed;
};

/* Takes the emulation prevention bytes out (7.3.1). */
static void bits_init(struct bits *b, const uint8_t *from, const uint8_t *end)
{
	unsigned zeros = 0;
	size_t len = 0;

	*b = (struct bits){ 0 };
	for (; from < end && len < SPS_BYTES_MAX; from++) {
		if (zeros >= 2 && *from == 3) {
			zeros = 0;
			continue;
		}
		zeros = *from == 0 ? zeros + 1 : 0;
		b->bytes[len++] = *from;
	}
	b->count = len * 8;
}

static uint32_t read_bits(struct bits *b, unsigned count)
{
	uint32_t value = 0;

	if (count > b->count - b->at) {
		b->failed = true;
		return 0;
	}
	for (; count > 0; count--, b->at++)
		value = value << 1 | (b->bytes[b->at / 8] >> (7 - b->at % 8) & 1);
	return value;
}

/* ue(v), 9.1. */
static uint32_t read_number(struct bits *b)
{
	unsigned zeros = 0;

	while (!b->failed && read_bits(b, 1) == 0)
		if (++zeros > 16)
			b->failed = true;
	return b->failed ? 0 : (1U << zeros) - 1 + read_bits(b, zeros);
}

/* 7.3.2.1.1, as far as the size. */
static bool sps_fits(const uint8_t *from, const uint8_t *end, uint32_t width_px, uint32_t height_px)
{
	struct bits b;

	bits_init(&b, from, end);
	if (read_bits(&b, 8) != PROFILE_BASELINE)
		return false;
	(void)read_bits(&b, 16); /* constraints, level */
	(void)read_number(&b);   /* its number */
	(void)read_number(&b);   /* log2_max_frame_num_minus4 */
	uint32_t order = read_number(&b);
	if (order == 0)
		(void)read_number(&b); /* log2_max_pic_order_cnt_lsb_minus4 */
	else if (order != 2)
		return false;
	if (read_number(&b) > REFERENCES_MAX)
		return false;
	(void)read_bits(&b, 1); /* gaps_in_frame_num_value_allowed_flag */
	uint32_t columns = read_number(&b) + 1, rows = read_number(&b) + 1;
	bool frames_only = read_bits(&b, 1);
	return !b.failed && frames_only &&
	       columns == (width_px + MACROBLOCK_PX - 1) / MACROBLOCK_PX &&
	       rows == (height_px + MACROBLOCK_PX - 1) / MACROBLOCK_PX;
}

bool codec_h264_fits(const uint8_t *bytes, size_t len, uint32_t width_px, uint32_t height_px)
{
	/* A unit begins after 0 0 1 (Annex B). */
	for (size_t i = 0; i + 3 < len; i++) {
		if (bytes[i] != 0 || bytes[i + 1] != 0 || bytes[i + 2] != 1)
			continue;
		unsigned type = bytes[i + 3] & NAL_TYPE_MASK;
		if (type == NAL_SUBSET_SPS)
			return false;
		if (type == NAL_SPS && !sps_fits(bytes + i + 4, bytes + len, width_px, height_px))
			return false;
	}
	return true;
}
