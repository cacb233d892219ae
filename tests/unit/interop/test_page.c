/*
 * The vectors of common/PROTOCOL.md, section 14, for framing and for the codec: what stands on the
 * page is what our code takes and makes. test_page PAGE.
 *
 * A vector is the block of code below its heading. In a line, what follows two spaces after bytes
 * in hexadecimal is a remark. slices.py decodes the same pictures without our code.
 */
#include "tests/unit/cmocka_first.h"

#include "common/codec/ctx.h"
#include "common/codec/medz.h"
#include "common/codec/slice.h"
#include "common/wire/framer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX 512
#define SIDE_MAX  32

static const char *page_path;
static char *page;

struct vector {
	uint8_t bytes[BYTES_MAX];
	size_t len;
	uint32_t width_px, height_px;
	uint32_t pixels[SIDE_MAX * SIDE_MAX];
};

/* The first line of the block below the heading. */
static const char *block_below(const char *heading)
{
	const char *at = strstr(page, heading);

	assert_non_null(at);
	at = strstr(at, "\n```\n");
	assert_non_null(at);
	return at + 5;
}

static bool ends_block(const char *line)
{
	return strncmp(line, "```", 3) == 0;
}

static const char *next_line(const char *line)
{
	line = strchr(line, '\n');
	assert_non_null(line);
	return line + 1;
}

static unsigned digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (unsigned)(at - digits) : 16;
}

/* Bytes, with single spaces between groups, up to a remark or the line's end. */
static void take_bytes(struct vector *v, const char *line)
{
	while (digit(line[0]) < 16 && digit(line[1]) < 16) {
		assert_true(v->len < BYTES_MAX);
		v->bytes[v->len++] = (uint8_t)(digit(line[0]) << 4 | digit(line[1]));
		line += 2;
		if (line[0] == ' ' && line[1] != ' ')
			line++;
	}
}

/* "picture WIDTH x HEIGHT", then a line for each row, a colour RRGGBB for each pixel. */
static void take_picture(struct vector *v, const char *line)
{
	char *at_x;

	v->width_px = (uint32_t)strtoul(line + strlen("picture "), &at_x, 10);
	assert_memory_equal(at_x, " x ", 3);
	v->height_px = (uint32_t)strtoul(at_x + 3, NULL, 10);
	assert_in_range(v->width_px, 1, SIDE_MAX);
	assert_in_range(v->height_px, 1, SIDE_MAX);
	for (uint32_t y = 0; y < v->height_px; y++) {
		line = next_line(line);
		const char *at = line;
		for (uint32_t x = 0; x < v->width_px; x++) {
			char *end;
			v->pixels[y * v->width_px + x] = (uint32_t)strtoul(at, &end, 16);
			assert_int_equal(end - at, x == 0 ? 6 : 7);
			at = end;
		}
	}
}

static void read_vector(const char *heading, struct vector *v)
{
	*v = (struct vector){ 0 };
	for (const char *line = block_below(heading); !ends_block(line); line = next_line(line)) {
		if (strncmp(line, "picture", 7) == 0) {
			take_picture(v, line);
			return;
		}
		take_bytes(v, line);
	}
}

static void print_bytes(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		print_message("%02x%s", bytes[i], i + 1 == len ? "\n" : "");
}

/* ---- framing ---- */

static void messages_are_cut_as_on_the_page(void **state)
{
	static const uint8_t types[] = { WIRE_PING, 200, WIRE_REFRESH, WIRE_FRAME };
	static struct wire_framer framer;
	struct wire_header header;
	struct wire_message m = { 0 };
	const uint8_t *payload;
	struct vector v;
	size_t space;

	(void)state;
	read_vector("A stream of four messages", &v);
	wire_framer_init(&framer);
	memcpy(wire_framer_space(&framer, &space), v.bytes, v.len);
	wire_framer_filled(&framer, v.len);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		assert_int_equal(wire_framer_next(&framer, &header, &payload), 1);
		assert_int_equal(header.type, types[i]);
		assert_int_equal(wire_decode(&header, payload, &m), types[i] == 200);
	}
	assert_int_equal(wire_framer_next(&framer, &header, &payload), 0);
	assert_int_equal(framer.len, 0);
	/* The last one: FRAME_END alone. */
	assert_int_equal(m.frame.frame, 1);
	assert_int_equal(m.frame.input_serial, 7);
	assert_int_equal(m.frame.flags, WIRE_FRAME_END);
	assert_true(m.frame.exact);
	assert_int_equal(m.frame.len, 0);
}

/* ---- pictures ---- */

static void assert_decodes(const struct vector *v)
{
	struct codec_params params = { (uint16_t)v->width_px, (uint16_t)v->height_px, 0, 0 };
	struct codec_changed changed;
	struct codec_decoder *d;

	assert_int_equal(codec_decoder_create(&d, &params), 0);
	assert_int_equal(codec_decoder_decode(d, v->bytes, v->len, &changed), 0);
	assert_memory_equal(codec_decoder_pixels(d), v->pixels,
		(size_t)v->width_px * v->height_px * sizeof(*v->pixels));
	codec_decoder_destroy(d);
}

static void picture_of(const struct vector *v, struct codec_picture *out)
{
	assert_int_equal(codec_picture_init(out, v->width_px, v->height_px), 0);
	memcpy(out->pixels, v->pixels, (size_t)v->width_px * v->height_px * sizeof(*v->pixels));
}

/* CTX depends on nothing but our own code: it makes the page's bytes, too. */
static void ctx_is_as_on_the_page(void **state)
{
	uint8_t *bytes = malloc(CODEC_CTX_RECT_MAX_BYTES * 2);
	struct codec_picture captured, shown;
	struct codec_ctx *ctx;
	struct vector v;

	(void)state;
	assert_non_null(bytes);
	read_vector("A slice with one CTX section", &v);
	picture_of(&v, &captured);
	assert_int_equal(codec_picture_init(&shown, v.width_px, v.height_px), 0);
	assert_int_equal(codec_ctx_create(&ctx, codec_simd_best()), 0);
	bytes[0] = CODEC_SECTION_CTX | CODEC_SECTION_LAST;
	codec_ctx_encode_begin(ctx, bytes + 1, CODEC_CTX_RECT_MAX_BYTES);
	/* Two rectangles, left and right. */
	struct codec_rect half = { 0, 0, (uint16_t)(v.width_px / 2), (uint16_t)v.height_px };
	codec_ctx_encode_rect(ctx, &captured, &shown, half);
	half.x_px = half.width_px;
	codec_ctx_encode_rect(ctx, &captured, &shown, half);
	size_t len = 1 + codec_ctx_encode_end(ctx);
	if (len != v.len || memcmp(bytes, v.bytes, len) != 0) {
		print_message("what belongs on the page:\n");
		print_bytes(bytes, len);
		fail();
	}
	assert_decodes(&v);
	codec_ctx_destroy(ctx);
	codec_picture_finish(&shown);
	codec_picture_finish(&captured);
	free(bytes);
}

/* zstd's choices may change with its version, so our bytes are decoded and not compared. */
static void medz_is_as_on_the_page(void **state)
{
	uint8_t bytes[BYTES_MAX * 8];
	struct codec_medz_encoder *medz;
	struct codec_picture picture;
	struct codec_writer w;
	struct vector v, ours;

	(void)state;
	read_vector("A slice with one MEDZ section", &v);
	picture_of(&v, &picture);
	codec_writer_init(&w, bytes, sizeof(bytes));
	codec_write_u8(&w, CODEC_SECTION_MEDZ | CODEC_SECTION_LAST);
	struct codec_rect all = { 0, 0, (uint16_t)v.width_px, (uint16_t)v.height_px };
	codec_slice_write_rects(&w, &all, 1);
	assert_int_equal(codec_medz_encoder_create(&medz, codec_simd_best()), 0);
	int len = codec_medz_encode(
		medz, &picture, &all, 1, true, w.bytes + w.len, w.capacity - w.len);
	assert_in_range(len, 1, BYTES_MAX - w.len);
	w.len += (size_t)len;
	ours = v;
	memcpy(ours.bytes, bytes, w.len);
	ours.len = w.len;
	assert_decodes(&ours);
	codec_medz_encoder_destroy(medz);
	codec_picture_finish(&picture);
	assert_decodes(&v);
}

static int read_page(void **state)
{
	FILE *f = fopen(page_path, "r");

	(void)state;
	page = calloc(1, 1 << 18);
	if (!f || !page)
		return -1;
	size_t len = fread(page, 1, (1 << 18) - 1, f);
	fclose(f);
	return len > 0 ? 0 : -1;
}

static int drop_page(void **state)
{
	(void)state;
	free(page);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_cut_as_on_the_page),
		cmocka_unit_test(ctx_is_as_on_the_page),
		cmocka_unit_test(medz_is_as_on_the_page),
	};

	if (argc != 2)
		return 2;
	page_path = argv[1];
	return cmocka_run_group_tests(tests, read_page, drop_page);
}
