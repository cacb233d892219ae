#include "client/link/decode.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/codec/changed.h"
#include "common/codec/rect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum item_kind { ITEM_SCREEN, ITEM_PIXELS, ITEM_SLICE, ITEM_FRAME_END, ITEM_CHECKSUM };

struct decode_item {
	struct decode_item *next;
	enum item_kind kind;
	struct codec_params params;
	uint32_t generation;
	struct ipc_memory pixels; /* owned */
	uint32_t stride_bytes;
	struct buffer slice; /* owned */
	struct decode_frame frame;
	uint32_t checksum_id;
	uint64_t checksum_remote;
	bool checksum_settled;
};

static void item_destroy(struct decode_item *item)
{
	if (item->kind == ITEM_PIXELS)
		ipc_memory_finish(&item->pixels);
	buffer_finish(&item->slice);
	free(item);
}

static void notify(struct decode *d)
{
	if (!d->inside)
		fd_event_tell(d->event_fd);
}

/* ---- work: by the thread, or by a caller that found it idle; without the lock ---- */

static int do_screen(struct decode *d, const struct codec_params *params, uint32_t generation)
{
	codec_decoder_destroy(d->decoder);
	d->decoder = NULL;
	ipc_memory_finish(&d->pixels);
	d->generation = generation;
	d->width_px = params->width_px;
	d->height_px = params->height_px;
	d->changed.count = 0;
	d->in_frame = false;
	d->unseen = false;
	d->frame_us = 0;
	return codec_decoder_create(&d->decoder, params);
}

/* Fresh memory has nothing of the picture yet. */
static void do_pixels(struct decode *d, struct decode_item *item)
{
	ipc_memory_finish(&d->pixels);
	d->pixels = item->pixels;
	item->pixels = (struct ipc_memory){ .fd = -1 };
	d->stride_bytes = item->stride_bytes;
	d->changed.count = 1;
	d->changed.rects[0] = (struct codec_rect){ 0, 0, d->width_px, d->height_px };
	pthread_mutex_lock(&d->lock);
	d->presenting = false;
	pthread_mutex_unlock(&d->lock);
}

static int do_slice(struct decode *d, const uint8_t *bytes, size_t len)
{
	struct codec_changed changed = { .count = 0 };
	uint64_t begin_us = clock_now_us();

	if (!d->decoder)
		return -EPROTO;
	int r = codec_decoder_decode(d->decoder, bytes, len, &changed);
	if (r < 0) {
		/* Unusable; what is still queued must not reach it. */
		codec_decoder_destroy(d->decoder);
		d->decoder = NULL;
		return r;
	}
	for (size_t i = 0; i < changed.count; i++)
		codec_changed_add(&d->changed, changed.rects[i]);
	d->in_frame = true;
	d->frame_us += (uint32_t)(clock_now_us() - begin_us);
	return 0;
}

static void do_frame_end(struct decode *d, const struct decode_frame *frame)
{
	d->in_frame = false;
	d->newest = *frame;
	d->newest.generation = d->generation;
	d->unseen = true;
	pthread_mutex_lock(&d->lock);
	samples_add(&d->frame_times_us, d->frame_us);
	d->last_frame_us = d->frame_us;
	pthread_mutex_unlock(&d->lock);
	d->frame_us = 0;
}

static void do_checksum(struct decode *d, const struct decode_item *item)
{
	uint64_t local = d->decoder ? codec_decoder_checksum(d->decoder) : 0;

	pthread_mutex_lock(&d->lock);
	d->event.checksum = true;
	d->event.checksum_generation = d->generation;
	d->event.checksum_id = item->checksum_id;
	d->event.checksum_remote = item->checksum_remote;
	d->event.checksum_local = local;
	d->event.checksum_settled = item->checksum_settled;
	pthread_mutex_unlock(&d->lock);
	notify(d);
}

static void copy_rect(struct decode *d, struct codec_rect rect)
{
	size_t from_stride = (size_t)d->width_px * 4;
	const uint8_t *from =
		codec_decoder_pixels(d->decoder) + rect.y_px * from_stride + (size_t)rect.x_px * 4;
	uint8_t *to = d->pixels.bytes + rect.y_px * (size_t)d->stride_bytes + (size_t)rect.x_px * 4;

	for (uint16_t y = 0; y < rect.height_px; y++) {
		memcpy(to, from, (size_t)rect.width_px * 4);
		from += from_stride;
		to += d->stride_bytes;
	}
}

/* Writes the newest whole frame to the UI's memory, if the UI is not reading it. */
static void show(struct decode *d)
{
	if (!d->unseen || d->in_frame || !d->pixels.bytes || !d->decoder)
		return;
	pthread_mutex_lock(&d->lock);
	bool busy = d->presenting;
	d->presenting = true;
	pthread_mutex_unlock(&d->lock);
	if (busy)
		return;

	/* A frame that changed nothing is acknowledged like any other. */
	if (d->changed.count == 0) {
		d->changed.count = 1;
		d->changed.rects[0] = (struct codec_rect){ 0, 0, 1, 1 };
	}
	for (size_t i = 0; i < d->changed.count; i++)
		copy_rect(d, d->changed.rects[i]);
	d->unseen = false;

	pthread_mutex_lock(&d->lock);
	d->event.update = true;
	d->event.frame = d->newest;
	d->event.changed = d->changed;
	d->presented_frame = d->newest.frame;
	pthread_mutex_unlock(&d->lock);
	d->changed.count = 0;
	notify(d);
}

static void fail(struct decode *d, int error)
{
	pthread_mutex_lock(&d->lock);
	d->event.error = error;
	pthread_mutex_unlock(&d->lock);
	notify(d);
}

static void do_item(struct decode *d, struct decode_item *item)
{
	int r = 0;

	switch (item->kind) {
	case ITEM_SCREEN:
		r = do_screen(d, &item->params, item->generation);
		break;
	case ITEM_PIXELS:
		do_pixels(d, item);
		break;
	case ITEM_SLICE:
		r = do_slice(d, buffer_front(&item->slice), item->slice.len);
		break;
	case ITEM_FRAME_END:
		do_frame_end(d, &item->frame);
		break;
	case ITEM_CHECKSUM:
		do_checksum(d, item);
		break;
	}
	if (r < 0)
		fail(d, r);
	else
		show(d);
}

/* ---- the thread ---- */

static struct decode_item *take_first(struct decode *d)
{
	struct decode_item *item = d->first;

	if (!item)
		return NULL;
	d->first = item->next;
	if (!d->first)
		d->last = NULL;
	d->queued_bytes -= item->slice.len;
	d->queued_items--;
	return item;
}

static void *run(void *user)
{
	struct decode *d = user;

	pthread_mutex_lock(&d->lock);
	while (!d->quit) {
		if (d->working || (!d->first && !d->retry)) {
			pthread_cond_wait(&d->wake, &d->lock);
			continue;
		}
		struct decode_item *item = take_first(d);
		d->working = true;
		d->inside = false;
		d->retry = false;
		/* The caller stopped reading because the queue was full: it may go on. */
		bool relieved = d->stopped && d->queued_bytes < DECODE_QUEUE_MAX_BYTES / 2 &&
				d->queued_items < DECODE_QUEUE_MAX_ITEMS / 2;
		d->stopped = d->stopped && !relieved;
		pthread_mutex_unlock(&d->lock);
		if (item)
			do_item(d, item);
		else
			show(d);
		if (relieved)
			notify(d);
		if (item)
			item_destroy(item);
		pthread_mutex_lock(&d->lock);
		d->working = false;
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

int decode_init(struct decode *d)
{
	memset(d, 0, sizeof(*d));
	d->pixels.fd = -1;
	d->event_fd = -1;
	int r = fd_event_open(&d->event_fd);
	if (r < 0)
		return r;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->wake, NULL);
	r = -pthread_create(&d->thread, NULL, run, d);
	if (r < 0)
		fd_close(&d->event_fd);
	return r;
}

void decode_finish(struct decode *d)
{
	struct decode_item *item;

	if (d->event_fd < 0)
		return;
	pthread_mutex_lock(&d->lock);
	d->quit = true;
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->thread, NULL);
	while ((item = take_first(d)))
		item_destroy(item);
	codec_decoder_destroy(d->decoder);
	ipc_memory_finish(&d->pixels);
	pthread_cond_destroy(&d->wake);
	pthread_mutex_destroy(&d->lock);
	fd_close(&d->event_fd);
}

/* ---- callers: the main thread ---- */

static uint64_t changed_px(const struct decode *d)
{
	uint64_t area_px = 0;

	for (size_t i = 0; i < d->changed.count; i++)
		area_px += codec_rect_area(d->changed.rects[i]);
	return area_px;
}

/* With the lock, while nobody works: whether it takes less time than waking the thread. */
static bool is_small(const struct decode *d, const struct decode_item *item)
{
	if (item->kind == ITEM_SLICE)
		return item->slice.len <= DECODE_INLINE_MAX_BYTES;
	return item->kind == ITEM_FRAME_END && changed_px(d) <= DECODE_INLINE_MAX_PX;
}

/* With the lock: does it here if nobody works, nothing waits before it and it is small. */
static bool begin_inside(struct decode *d, bool small)
{
	if (d->working || d->first || !small)
		return false;
	d->working = true;
	d->inside = true;
	return true;
}

static void end_inside(struct decode *d)
{
	pthread_mutex_lock(&d->lock);
	d->working = false;
	if (d->first || d->retry)
		pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
}

/* Takes the item over. */
static void put(struct decode *d, struct decode_item *item)
{
	pthread_mutex_lock(&d->lock);
	/* is_small looks at fields of the one that works: only where nobody does. */
	bool inside = !d->working && begin_inside(d, is_small(d, item));
	if (!inside) {
		if (d->last)
			d->last->next = item;
		else
			d->first = item;
		d->last = item;
		d->queued_bytes += item->slice.len;
		d->queued_items++;
		pthread_cond_signal(&d->wake);
	}
	pthread_mutex_unlock(&d->lock);
	if (inside) {
		do_item(d, item);
		end_inside(d);
		item_destroy(item);
	}
}

static struct decode_item *item_create(enum item_kind kind)
{
	struct decode_item *item = calloc(1, sizeof(*item));

	if (item)
		item->kind = kind;
	return item;
}

int decode_screen(struct decode *d, const struct codec_params *params, uint32_t generation)
{
	struct decode_item *item = item_create(ITEM_SCREEN);

	if (!item)
		return -ENOMEM;
	item->params = *params;
	item->generation = generation;
	put(d, item);
	return 0;
}

int decode_pixels(struct decode *d, struct ipc_memory *pixels, uint32_t stride_bytes)
{
	struct decode_item *item = item_create(ITEM_PIXELS);

	if (!item) {
		ipc_memory_finish(pixels);
		return -ENOMEM;
	}
	item->pixels = *pixels;
	*pixels = (struct ipc_memory){ .fd = -1 };
	item->stride_bytes = stride_bytes;
	put(d, item);
	return 0;
}

int decode_slice(struct decode *d, struct buffer *slice)
{
	struct decode_item *item = item_create(ITEM_SLICE);

	if (!item)
		return -ENOMEM;
	item->slice = *slice;
	buffer_init(slice, slice->limit_bytes);
	put(d, item);
	return 0;
}

int decode_frame_end(struct decode *d, const struct decode_frame *frame)
{
	struct decode_item *item = item_create(ITEM_FRAME_END);

	if (!item)
		return -ENOMEM;
	item->frame = *frame;
	put(d, item);
	return 0;
}

int decode_checksum(struct decode *d, uint32_t id, uint64_t remote, bool settled)
{
	struct decode_item *item = item_create(ITEM_CHECKSUM);

	if (!item)
		return -ENOMEM;
	item->checksum_id = id;
	item->checksum_remote = remote;
	item->checksum_settled = settled;
	put(d, item);
	return 0;
}

bool decode_full(struct decode *d)
{
	pthread_mutex_lock(&d->lock);
	bool full = d->queued_bytes >= DECODE_QUEUE_MAX_BYTES ||
		    d->queued_items >= DECODE_QUEUE_MAX_ITEMS;
	d->stopped = full;
	pthread_mutex_unlock(&d->lock);
	return full;
}

void decode_presented(struct decode *d, uint32_t frame)
{
	bool inside = false;

	pthread_mutex_lock(&d->lock);
	if (d->presenting && frame == d->presented_frame && !d->event.update) {
		d->presenting = false;
		inside = !d->working && begin_inside(d, changed_px(d) <= DECODE_INLINE_MAX_PX);
		if (!inside) {
			d->retry = true;
			pthread_cond_signal(&d->wake);
		}
	}
	pthread_mutex_unlock(&d->lock);
	if (inside) {
		show(d);
		end_inside(d);
	}
}

bool decode_prepare(struct decode *d)
{
	pthread_mutex_lock(&d->lock);
	bool inside = !d->presenting && begin_inside(d, true);
	pthread_mutex_unlock(&d->lock);
	if (!inside)
		return false;
	bool more = d->decoder && codec_decoder_prepare(d->decoder);
	end_inside(d);
	return more;
}

void decode_clear_event(struct decode *d)
{
	fd_event_clear(d->event_fd);
}

void decode_collect(struct decode *d, struct decode_event *out)
{
	pthread_mutex_lock(&d->lock);
	*out = d->event;
	d->event.update = false;
	d->event.checksum = false;
	pthread_mutex_unlock(&d->lock);
}

void decode_times(struct decode *d, uint32_t *p50_us, uint32_t *p95_us, uint32_t *last_us)
{
	pthread_mutex_lock(&d->lock);
	*p50_us = samples_percentile(&d->frame_times_us, 50);
	*p95_us = samples_percentile(&d->frame_times_us, 95);
	*last_us = d->last_frame_us;
	pthread_mutex_unlock(&d->lock);
}
