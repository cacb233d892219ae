#include "client/window/scaler.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Weights of one output pixel add up to this, so that flat areas keep their value. */
#define WEIGHT_ONE 256

/* Which input pixels make one output pixel: first, count, and their weights in a common array. */
struct tap {
	int first, count;
	size_t weights;
};

struct axis {
	int from, to;      /* sizes the table is made for */
	struct tap *taps;  /* owned; to of them */
	uint16_t *weights; /* owned */
};

struct scaler {
	struct axis x, y;
	uint16_t *row; /* owned; one row, vertically scaled: 8.8 fixed point, 4 values a pixel */
	size_t row_pixels;
};

int scaler_create(struct scaler **out)
{
	struct scaler *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*out = s;
	return 0;
}

static void axis_finish(struct axis *a)
{
	free(a->taps);
	free(a->weights);
	*a = (struct axis){ 0 };
}

void scaler_destroy(struct scaler *s)
{
	if (!s)
		return;
	axis_finish(&s->x);
	axis_finish(&s->y);
	free(s->row);
	free(s);
}

/* How much of input pixel i output pixel o shows: overlap of areas when shrinking, distance of
 * centres when growing. */
static double share(int from, int to, int o, int i)
{
	double ratio = (double)from / to;

	if (to < from) {
		double left = MAX((double)i, o * ratio);
		double right = MIN((double)i + 1, (o + 1) * ratio);
		return MAX(right - left, 0.0) / ratio;
	}
	return MAX(1.0 - fabs((o + 0.5) * ratio - 0.5 - i), 0.0);
}

static void fill_tap(struct axis *a, struct tap *t, int o)
{
	double ratio = (double)a->from / a->to;
	double low = a->to < a->from ? o * ratio : (o + 0.5) * ratio - 0.5;
	double high = a->to < a->from ? (o + 1) * ratio : low + 1;
	int sum = 0, largest = 0;
	uint16_t *w = a->weights + t->weights;

	t->first = MAX((int)floor(low), 0);
	int last = MIN((int)ceil(high) - (a->to < a->from ? 1 : 0), a->from - 1);
	t->count = MAX(last - t->first + 1, 1);
	for (int i = 0; i < t->count; i++) {
		w[i] = (uint16_t)lround(share(a->from, a->to, o, t->first + i) * WEIGHT_ONE);
		sum += w[i];
		if (w[i] > w[largest])
			largest = i;
	}
	w[largest] = (uint16_t)(w[largest] + WEIGHT_ONE - sum); /* rounding, and the edges */
}

static int axis_prepare(struct axis *a, int from, int to)
{
	if (a->from == from && a->to == to)
		return 0;
	axis_finish(a);
	size_t most = (size_t)(from / to) + 3; /* inputs an output can touch */
	a->taps = calloc((size_t)to, sizeof(*a->taps));
	a->weights = calloc((size_t)to * most, sizeof(*a->weights));
	if (!a->taps || !a->weights) {
		axis_finish(a);
		return -ENOMEM;
	}
	a->from = from;
	a->to = to;
	for (int o = 0; o < to; o++) {
		a->taps[o].weights = (size_t)o * most;
		fill_tap(a, &a->taps[o], o);
	}
	return 0;
}

/* Adds the input rows of one output row into s->row, for the columns [left, right). */
static void blend_rows(struct scaler *s, const struct scaler_picture *from, const struct tap *t,
	int left, int right)
{
	const uint16_t *weights = s->y.weights + t->weights;
	size_t values = (size_t)(right - left) * 4;
	uint16_t *restrict row = s->row;

	memset(row, 0, values * sizeof(*row));
	for (int i = 0; i < t->count; i++) {
		const uint8_t *restrict in = from->pixels +
					     (size_t)(t->first + i) * from->stride_bytes +
					     (size_t)left * 4;
		uint16_t w = weights[i];
		for (size_t v = 0; v < values; v++)
			row[v] = (uint16_t)(row[v] + in[v] * w); /* at most 255 * WEIGHT_ONE */
	}
}

static void blend_columns(const struct scaler *s, uint8_t *out, int from_x, int to_x, int left)
{
	for (int x = from_x; x < to_x; x++, out += 4) {
		const struct tap *t = &s->x.taps[x];
		const uint16_t *weights = s->x.weights + t->weights;
		const uint16_t *in = s->row + (size_t)(t->first - left) * 4;
		uint32_t b = 0, g = 0, r = 0;
		for (int i = 0; i < t->count; i++, in += 4) {
			b += (uint32_t)in[0] * weights[i];
			g += (uint32_t)in[1] * weights[i];
			r += (uint32_t)in[2] * weights[i];
		}
		out[0] = (uint8_t)((b + 0x8000) >> 16);
		out[1] = (uint8_t)((g + 0x8000) >> 16);
		out[2] = (uint8_t)((r + 0x8000) >> 16);
		out[3] = 0;
	}
}

static int draw_filtered(struct scaler *s, const struct scaler_picture *from, uint8_t *to,
	size_t to_stride, struct area target, struct area clip)
{
	if (axis_prepare(&s->x, from->width_px, target.width) < 0 ||
		axis_prepare(&s->y, from->height_px, target.height) < 0)
		return -ENOMEM;
	if (s->row_pixels < (size_t)from->width_px) {
		free(s->row);
		s->row = calloc((size_t)from->width_px * 4, sizeof(*s->row));
		s->row_pixels = s->row ? (size_t)from->width_px : 0;
		if (!s->row)
			return -ENOMEM;
	}
	int x0 = clip.x - target.x;
	int x1 = x0 + clip.width;
	int left = s->x.taps[x0].first;
	int right = s->x.taps[x1 - 1].first + s->x.taps[x1 - 1].count;
	for (int y = clip.y; y < clip.y + clip.height; y++) {
		blend_rows(s, from, &s->y.taps[y - target.y], left, right);
		blend_columns(s, to + (size_t)y * to_stride + (size_t)clip.x * 4, x0, x1, left);
	}
	return 0;
}

static void draw_copy(const struct scaler_picture *from, uint8_t *to, size_t to_stride,
	struct area target, struct area clip)
{
	for (int y = clip.y; y < clip.y + clip.height; y++)
		memcpy(to + (size_t)y * to_stride + (size_t)clip.x * 4,
			from->pixels + (size_t)(y - target.y) * from->stride_bytes +
				(size_t)(clip.x - target.x) * 4,
			(size_t)clip.width * 4);
}

static void draw_repeated(const struct scaler_picture *from, uint8_t *to, size_t to_stride,
	struct area target, struct area clip, int factor)
{
	for (int y = clip.y; y < clip.y + clip.height; y++) {
		const uint8_t *in =
			from->pixels + (size_t)((y - target.y) / factor) * from->stride_bytes;
		uint8_t *out = to + (size_t)y * to_stride + (size_t)clip.x * 4;
		for (int x = clip.x - target.x; x < clip.x - target.x + clip.width; x++, out += 4)
			memcpy(out, in + (size_t)(x / factor) * 4, 4);
	}
}

int scaler_draw(struct scaler *s, const struct scaler_picture *from, uint8_t *to,
	size_t to_stride_bytes, struct area target, struct area clip)
{
	if (area_empty(clip) || area_empty(target))
		return 0;
	int factor = target.width / from->width_px;
	bool whole = factor > 0 && target.width == from->width_px * factor &&
		     target.height == from->height_px * factor;

	if (whole && factor == 1)
		draw_copy(from, to, to_stride_bytes, target, clip);
	else if (whole)
		draw_repeated(from, to, to_stride_bytes, target, clip, factor);
	else
		return draw_filtered(s, from, to, to_stride_bytes, target, clip);
	return 0;
}
