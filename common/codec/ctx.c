#include "common/codec/ctx.h"

#include "common/codec/rect.h"

#include <errno.h>
#include <stdlib.h>

/*
 * Sizes of the tables of what followed which surroundings: measured; larger ones gain under 1 % and
 * leave the processor's second cache.
 */
#define WIDE_BITS   17
#define NARROW_BITS 15

/* Colours seen lately, found by the pixels to the left and above. */
#define RECENT_BITS 6

/* A table entry: the colour in the upper 24 bits, below it how often it was right, 0 empty. */
typedef uint32_t guess;
#define GUESS_COUNT_MAX 255

/* Odds for a number in Exp-Golomb form: its count of bits in unary, its second bit learned, the
 * rest as it is. */
#define NUMBER_BITS_MAX 20
struct number_odds {
	codec_odds longer[NUMBER_BITS_MAX];
	codec_odds second[NUMBER_BITS_MAX + 1];
};

/* Odds for a channel's residual: zero, sign, then the magnitude in Exp-Golomb form with two bits
 * learned. */
#define RESIDUAL_BITS_MAX 7
struct residual_odds {
	codec_odds not_zero;
	codec_odds negative;
	codec_odds longer[RESIDUAL_BITS_MAX];
	codec_odds second[RESIDUAL_BITS_MAX + 1];
	codec_odds third[RESIDUAL_BITS_MAX + 1][2];
};

#define ACTIVITIES 6
#define SPREADS    8

/* Which of the pixels around are equal, as bits: the context of most decisions. */
#define SHAPES 128

/* All that is learned as odds: nothing but codec_odds. */
struct ctx_odds {
	struct {
		codec_odds more; /* another rectangle */
		codec_odds y_same, x_back;
		struct number_odds y, x, width, height;
	} rect;
	codec_odds run_full;
	struct number_odds run;
	codec_odds wide_right[4 * 16 * 4];
	codec_odds narrow_right[4 * 16];
	codec_odds left_right[SHAPES], up_right[SHAPES], old_right[SHAPES], recent_right[SHAPES];
	struct residual_odds green[ACTIVITIES], red[SPREADS], blue[SPREADS];
};
#define ODDS_COUNT (sizeof(struct ctx_odds) / sizeof(codec_odds))

struct codec_ctx {
	const struct codec_simd *simd;
	struct codec_range_encoder encoder;
	int32_t last_x, last_y; /* where the last rectangle of the section stood */

	union {
		struct ctx_odds odds;
		codec_odds each_odds[ODDS_COUNT]; /* the same, to begin with */
	};

	uint32_t recent[1 << RECENT_BITS];
	guess narrow[1 << NARROW_BITS];
	guess wide[1 << WIDE_BITS];
};

int codec_ctx_create(struct codec_ctx **out, const struct codec_simd *simd)
{
	struct codec_ctx *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->simd = simd;
	for (size_t i = 0; i < ODDS_COUNT; i++)
		c->each_odds[i] = CODEC_ODDS_EVEN;
	*out = c;
	return 0;
}

void codec_ctx_destroy(struct codec_ctx *c)
{
	free(c);
}

/*
 * One coder for both ways: the functions below take the value to encode and return the value
 * decoded, or the same one. They are compiled twice, with and without a decoder.
 */
struct coder {
	struct codec_range_encoder *encoder;
	struct codec_range_decoder *decoder; /* NULL while encoding */
};

static ALWAYS_INLINE bool code(struct coder k, codec_odds *odds, bool decision)
{
	if (k.decoder)
		return codec_range_decode(k.decoder, odds);
	codec_range_encode(k.encoder, odds, decision);
	return decision;
}

static ALWAYS_INLINE uint32_t code_bits(struct coder k, uint32_t bits, unsigned count)
{
	if (k.decoder)
		return codec_range_decode_bits(k.decoder, count);
	codec_range_encode_bits(k.encoder, bits, count);
	return bits;
}

/* A number below 2^20 - 1. */
static ALWAYS_INLINE uint32_t code_number(struct coder k, struct number_odds *odds, uint32_t number)
{
	uint32_t value = number + 1;
	unsigned bits = 0, bits_wanted = k.decoder ? 0 : 31 - (unsigned)__builtin_clz(value);

	while (bits < NUMBER_BITS_MAX - 1 && code(k, &odds->longer[bits], bits < bits_wanted))
		bits++;
	if (bits == 0)
		return 0;
	uint32_t result = 2 | code(k, &odds->second[bits], value >> (bits - 1) & 1);
	unsigned rest = bits - 1;
	if (rest > 10) {
		result = result << (rest - 10) |
			 code_bits(k, value >> 10 & ((1U << (rest - 10)) - 1), rest - 10);
		rest = 10;
	}
	result = result << rest | code_bits(k, value & ((1U << rest) - 1), rest);
	return result - 1;
}

/* A residual from -128 to 127. */
static ALWAYS_INLINE int code_residual(struct coder k, struct residual_odds *odds, int residual)
{
	if (!code(k, &odds->not_zero, residual != 0))
		return 0;
	bool negative = code(k, &odds->negative, residual < 0);
	unsigned value = (unsigned)(residual < 0 ? -residual : residual); /* 1 .. 128 */
	unsigned bits = 0,
		 bits_wanted = k.decoder || value == 0 ? 0 : 31 - (unsigned)__builtin_clz(value);

	while (bits < RESIDUAL_BITS_MAX && code(k, &odds->longer[bits], bits < bits_wanted))
		bits++;
	unsigned result = 1;
	if (bits > 0) {
		bool second = code(k, &odds->second[bits], value >> (bits - 1) & 1);
		result = 2 | second;
		if (bits > 1) {
			result = result << 1 |
				 code(k, &odds->third[bits][second], value >> (bits - 2) & 1);
			if (bits > 2)
				result = result << (bits - 2) |
					 code_bits(k, value & ((1U << (bits - 2)) - 1), bits - 2);
		}
	}
	return negative ? -(int)result : (int)result;
}

/* The pixels around one, and what stood in its place. */
struct around {
	uint32_t left, left2, up, up2, up_left, up_right, up_right2, old;
};

static ALWAYS_INLINE struct around look_around(const uint32_t *at, size_t stride_px)
{
	const uint32_t *up = at - stride_px;

	return (struct around){
		.left = at[-1],
		.left2 = at[-2],
		.up = up[0],
		.up2 = up[-(ptrdiff_t)stride_px],
		.up_left = up[-1],
		.up_right = up[1],
		.up_right2 = up[2],
		.old = at[0],
	};
}

static ALWAYS_INLINE bool is_flat(const struct around *a)
{
	return ((a->left ^ a->up) | (a->up ^ a->up_left) | (a->up ^ a->up_right) |
		       (a->left2 ^ a->left) | (a->up2 ^ a->up)) == 0;
}

/*
 * Hashes of the pixels around. What the row above gives is ready early; the pixels to the left,
 * which a decoder knows last, come in by one multiplication.
 */
static ALWAYS_INLINE uint32_t finish_hash(uint32_t sum)
{
	return (sum ^ sum >> 15) * 0x2c1b3c6dU;
}

static ALWAYS_INLINE uint32_t near_hash(const struct around *a)
{
	uint32_t above = a->up * 0x85ebca77U + a->up_left * 0xc2b2ae3dU + a->up_right * 0x27d4eb2fU;

	return finish_hash((above ^ above >> 13) + a->left * 0x9e3779b1U);
}

static ALWAYS_INLINE uint32_t far_hash(const struct around *a)
{
	uint32_t above = a->up * 0x85ebca77U + a->up_left * 0xc2b2ae3dU +
			 a->up_right * 0x27d4eb2fU + a->up2 * 0x165667b1U +
			 a->up_right2 * 0xd3a2646dU;

	return finish_hash((above ^ above >> 13) + a->left * 0x9e3779b1U + a->left2 * 0xfd7046c5U);
}

static ALWAYS_INLINE unsigned shape_of(const struct around *a)
{
	return (unsigned)(a->left == a->up) | (unsigned)(a->up == a->up_left) << 1 |
	       (unsigned)(a->up == a->up_right) << 2 | (unsigned)(a->left == a->left2) << 3 |
	       (unsigned)(a->up == a->up2) << 4 | (unsigned)(a->old == a->left) << 5 |
	       (unsigned)(a->old == a->up) << 6;
}

static ALWAYS_INLINE uint32_t guess_color(guess g)
{
	return g >> 8;
}

static ALWAYS_INLINE unsigned guess_count(guess g)
{
	return g & GUESS_COUNT_MAX;
}

/* Which of the pixels around say the same as a guess, as bits. */
static ALWAYS_INLINE unsigned agreement(uint32_t color, const struct around *a)
{
	return (unsigned)(color == a->left) | (unsigned)(color == a->up) << 1 |
	       (unsigned)(color == a->old) << 2;
}

static ALWAYS_INLINE guess learn(guess g, uint32_t color)
{
	unsigned count = guess_count(g);

	if (count > 0 && guess_color(g) == color)
		return count < GUESS_COUNT_MAX ? g + 1 : g;
	if (count > 1)
		return (g & ~(guess)GUESS_COUNT_MAX) | (count > 4 ? 2 : count - 1);
	return color << 8 | 1;
}

static ALWAYS_INLINE int channel(uint32_t pixel, unsigned shift)
{
	return (int)(pixel >> shift & 255);
}

/* A difference of two bytes as -128 .. 127: the decoder adds it modulo 256. */
static ALWAYS_INLINE int wrap(int difference)
{
	return ((difference + 128) & 255) - 128;
}

/* Median of left, up and left + up - corner. */
static ALWAYS_INLINE int predict(const struct around *a, unsigned shift)
{
	int left = channel(a->left, shift), up = channel(a->up, shift),
	    corner = channel(a->up_left, shift);
	int low = MIN(left, up), high = MAX(left, up);

	return left + up - MAX(low, MIN(corner, high));
}

static ALWAYS_INLINE unsigned activity_of(const struct around *a)
{
	int corner = channel(a->up_left, 8), up = channel(a->up, 8);
	int sum = abs(channel(a->left, 8) - corner) + abs(up - corner) +
		  abs(up - channel(a->up_right, 8));

	return (unsigned)((sum >= 3) + (sum >= 8) + (sum >= 16) + (sum >= 32) + (sum >= 64));
}

static ALWAYS_INLINE unsigned spread_of(int residual, unsigned activity)
{
	int size = abs(residual);

	return (unsigned)((size >= 1) + (size >= 3) + (size >= 8)) + (activity > 2 ? 4 : 0);
}

/* A pixel that nothing foresaw. */
static ALWAYS_INLINE uint32_t code_literal(
	struct codec_ctx *c, struct coder k, const struct around *a, uint32_t pixel)
{
	int green_guess = predict(a, 8), red_guess = predict(a, 16), blue_guess = predict(a, 0);
	unsigned activity = activity_of(a);

	int green = wrap(channel(pixel, 8) - green_guess);
	green = code_residual(k, &c->odds.green[activity], green);
	int red = wrap(channel(pixel, 16) - red_guess - green);
	red = code_residual(k, &c->odds.red[spread_of(green, activity)], red);
	int blue = wrap(channel(pixel, 0) - blue_guess - green);
	blue = code_residual(k, &c->odds.blue[spread_of(red, activity)], blue);
	return (uint32_t)(uint8_t)(blue_guess + blue + green) |
	       (uint32_t)(uint8_t)(green_guess + green) << 8 |
	       (uint32_t)(uint8_t)(red_guess + red + green) << 16;
}

/* A pixel that is none of the guesses from the tables. */
static ALWAYS_INLINE uint32_t code_beyond(struct codec_ctx *c, struct coder k,
	const struct around *a, guess wide, guess narrow, uint32_t pixel)
{
	unsigned shape = shape_of(a);
	bool has_wide = guess_count(wide) > 0, has_narrow = guess_count(narrow) > 0;
	uint32_t wide_color = guess_color(wide), narrow_color = guess_color(narrow);

#define EXCLUDED(color)                                                                            \
	((has_wide && (color) == wide_color) || (has_narrow && (color) == narrow_color))
	if (!EXCLUDED(a->left) && code(k, &c->odds.left_right[shape], pixel == a->left))
		return a->left;
	if (a->up != a->left && !EXCLUDED(a->up) &&
		code(k, &c->odds.up_right[shape], pixel == a->up))
		return a->up;
	if (a->old != a->left && a->old != a->up && !EXCLUDED(a->old) &&
		code(k, &c->odds.old_right[shape], pixel == a->old))
		return a->old;
#undef EXCLUDED

	uint32_t *recent =
		&c->recent[((a->left * 0x9e3779b1U) ^ (a->up * 0x85ebca77U)) >> (32 - RECENT_BITS)];
	if (code(k, &c->odds.recent_right[shape], pixel == *recent))
		return *recent;
	*recent = code_literal(c, k, a, pixel);
	return *recent;
}

static ALWAYS_INLINE uint32_t code_pixel(
	struct codec_ctx *c, struct coder k, const struct around *a, uint32_t pixel)
{
	uint32_t near = near_hash(a), far = far_hash(a);
	guess *wide = &c->wide[far >> (32 - WIDE_BITS)],
	      *narrow = &c->narrow[near >> (32 - NARROW_BITS)];
	uint32_t wide_color = guess_color(*wide), narrow_color = guess_color(*narrow);
	unsigned wide_count = guess_count(*wide), narrow_count = guess_count(*narrow);
	bool found = false;
	uint32_t result = 0;

	if (wide_count > 0) {
		unsigned context = MIN(wide_count, 3U) | agreement(wide_color, a) << 2 |
				   (unsigned)(wide_color == narrow_color) << 5;
		found = code(k, &c->odds.wide_right[context << 2 | MIN(narrow_count, 3U)],
			pixel == wide_color);
		result = wide_color;
	}
	if (!found && narrow_count > 0 && !(wide_count > 0 && narrow_color == wide_color)) {
		unsigned context = MIN(narrow_count, 3U) | agreement(narrow_color, a) << 2;
		found = code(k, &c->odds.narrow_right[context | (unsigned)(wide_count > 0) << 5],
			pixel == narrow_color);
		result = narrow_color;
	}
	if (!found)
		result = code_beyond(c, k, a, *wide, *narrow, pixel);
	*wide = learn(*wide, result);
	*narrow = learn(*narrow, result);
	return result;
}

static ALWAYS_INLINE void fill(uint32_t *at, size_t count, uint32_t color)
{
	for (size_t i = 0; i < count; i++)
		at[i] = color;
}

/* A run of the colour to the left; returns its length, at most left_px. */
static ALWAYS_INLINE size_t code_run(
	struct codec_ctx *c, struct coder k, const uint32_t *source, size_t left_px, uint32_t color)
{
	size_t len = k.decoder ? 0 : c->simd->run_length(source, left_px, color);

	if (code(k, &c->odds.run_full, len == left_px))
		return left_px;
	len = code_number(k, &c->odds.run, (uint32_t)len);
	return MIN(len, left_px - 1);
}

/* source: the pixels to encode, NULL while decoding. */
static ALWAYS_INLINE void code_row(struct codec_ctx *c, struct coder k, const uint32_t *source,
	uint32_t *to, size_t stride_px, size_t width_px)
{
	for (size_t x = 0; x < width_px; x++) {
		struct around a = look_around(to + x, stride_px);
		if (is_flat(&a)) {
			size_t len =
				code_run(c, k, k.decoder ? NULL : source + x, width_px - x, a.left);
			fill(to + x, len, a.left);
			x += len;
			if (x == width_px)
				return;
			a = look_around(to + x, stride_px);
		}
		to[x] = code_pixel(c, k, &a, source ? source[x] : 0);
	}
}

/* Rectangles: another one?, then y, x, width and height; y and x as the difference to the one
 * before. */
static void code_rect(struct codec_ctx *c, struct coder k, struct codec_rect *rect)
{
	bool same = code(k, &c->odds.rect.y_same, rect->y_px == c->last_y);
	uint32_t y = same ? (uint32_t)c->last_y : code_number(k, &c->odds.rect.y, rect->y_px);
	bool back = code(k, &c->odds.rect.x_back, rect->x_px < c->last_x);
	int32_t x = (int32_t)code_number(k, &c->odds.rect.x, (uint32_t)abs(rect->x_px - c->last_x));
	x = c->last_x + (back ? -x : x);
	uint32_t width_px = code_number(k, &c->odds.rect.width, rect->width_px - 1U) + 1;
	uint32_t height_px = code_number(k, &c->odds.rect.height, rect->height_px - 1U) + 1;

	*rect = (struct codec_rect){ (uint16_t)x, (uint16_t)y, (uint16_t)width_px,
		(uint16_t)height_px };
	/* What does not fit 16 bits is no rectangle of any picture. */
	if (x != rect->x_px || y != rect->y_px || width_px != rect->width_px ||
		height_px != rect->height_px)
		*rect = (struct codec_rect){ 0 };
	c->last_x = x + (int32_t)width_px;
	c->last_y = (int32_t)y;
}

void codec_ctx_encode_begin(struct codec_ctx *c, uint8_t *out, size_t capacity)
{
	codec_range_encoder_init(&c->encoder, out, capacity);
	c->last_x = 0;
	c->last_y = 0;
}

void codec_ctx_encode_rect(struct codec_ctx *c, const struct codec_picture *captured,
	const struct codec_picture *shown, struct codec_rect rect)
{
	struct codec_range_encoder encoder = c->encoder; /* a copy, which stays in registers */
	struct coder k = { .encoder = &encoder };

	code(k, &c->odds.rect.more, true);
	code_rect(c, k, &rect);
	for (uint32_t y = rect.y_px; y < (uint32_t)rect.y_px + rect.height_px; y++)
		code_row(c, k, codec_picture_at(captured, rect.x_px, y),
			codec_picture_at(shown, rect.x_px, y), shown->width_px, rect.width_px);
	c->encoder = encoder;
}

size_t codec_ctx_encode_len(const struct codec_ctx *c)
{
	return (size_t)(c->encoder.at - c->encoder.start);
}

size_t codec_ctx_encode_end(struct codec_ctx *c)
{
	codec_range_encode(&c->encoder, &c->odds.rect.more, false);
	return codec_range_encoder_end(&c->encoder);
}

int codec_ctx_decode(struct codec_ctx *c, const struct codec_picture *picture, const uint8_t *bytes,
	size_t len, uint64_t *left_px, struct codec_rect *rects, size_t rect_max)
{
	struct codec_range_decoder decoder;
	struct coder k = { .decoder = &decoder };
	size_t count = 0;

	codec_range_decoder_init(&decoder, bytes, len);
	c->last_x = 0;
	c->last_y = 0;
	while (code(k, &c->odds.rect.more, false)) {
		struct codec_rect rect = { 0 };
		code_rect(c, k, &rect);
		uint32_t area_px = codec_rect_area(rect);
		if (count == rect_max || !codec_picture_holds(picture, rect) ||
			area_px > CODEC_CTX_RECT_MAX_PX || area_px > *left_px)
			return -EPROTO;
		*left_px -= area_px;
		rects[count++] = rect;
		for (uint32_t y = rect.y_px; y < (uint32_t)rect.y_px + rect.height_px; y++)
			code_row(c, k, NULL, codec_picture_at(picture, rect.x_px, y),
				picture->width_px, rect.width_px);
	}
	return codec_range_decoder_done(&decoder) ? (int)count : -EPROTO;
}
