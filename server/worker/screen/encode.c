#include "server/worker/screen/encode.h"

#include "common/base/clock.h"
#include "common/base/fd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void notify(struct encode *e)
{
	const uint64_t one = 1;

	if (!e->inside)
		(void)!write(e->event_fd, &one, sizeof(one));
}

/* codec_sink_fn. Lock is not held. */
static int keep_slice(void *user, const uint8_t *bytes, size_t len)
{
	struct encode *e = user;
	struct encode_slice *s = malloc(sizeof(*s) + len);

	if (!s)
		return -ENOMEM;
	*s = (struct encode_slice){ .len = len };
	memcpy(s->bytes, bytes, len);

	pthread_mutex_lock(&e->lock);
	while (!e->inside && !e->quit && e->waiting_bytes > ENCODE_QUEUE_MAX_BYTES)
		pthread_cond_wait(&e->space, &e->lock);
	if (e->made_last)
		e->made_last->next = s;
	else
		e->made_first = s;
	e->made_last = s;
	e->waiting_bytes += len;
	bool quit = e->quit;
	pthread_mutex_unlock(&e->lock);
	/* The end of the job follows the last slice at once: then both go out together. */
	if (!codec_encoder_ending(e->encoder))
		notify(e);
	return quit ? -ECANCELED : 0;
}

static void work(struct encode *e)
{
	const struct encode_job *job = &e->job;
	uint64_t begin_us = clock_now_us();

	if (job->pixels) {
		codec_encoder_update(
			e->encoder, job->pixels, job->stride_bytes, job->rects, job->rect_count);
		pthread_mutex_lock(&e->lock);
		e->taken = true;
		pthread_mutex_unlock(&e->lock);
		notify(e);
	}
	int r = codec_encoder_encode(e->encoder, &job->budget, keep_slice, e);
	bool pending = r >= 0 && codec_encoder_pending(e->encoder);
	bool inexact = r >= 0 && codec_encoder_inexact(e->encoder);

	pthread_mutex_lock(&e->lock);
	e->result = r;
	e->pending = pending;
	e->inexact = inexact;
	e->took_us = (uint32_t)(clock_now_us() - begin_us);
	e->done = true;
	pthread_mutex_unlock(&e->lock);
	notify(e);
}

static void *run(void *user)
{
	struct encode *e = user;

	pthread_mutex_lock(&e->lock);
	for (;;) {
		while (!e->queued && !e->quit)
			pthread_cond_wait(&e->wake, &e->lock);
		if (e->quit)
			break;
		e->queued = false;
		pthread_mutex_unlock(&e->lock);
		work(e);
		pthread_mutex_lock(&e->lock);
	}
	pthread_mutex_unlock(&e->lock);
	return NULL;
}

int encode_init(struct encode *e)
{
	memset(e, 0, sizeof(*e));
	e->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (e->event_fd < 0)
		return -errno;
	pthread_mutex_init(&e->lock, NULL);
	pthread_cond_init(&e->wake, NULL);
	pthread_cond_init(&e->space, NULL);
	int r = -pthread_create(&e->thread, NULL, run, e);
	if (r < 0)
		fd_close(&e->event_fd);
	return r;
}

static void drop_list(struct encode_slice **first, struct encode_slice **last)
{
	while (*first) {
		struct encode_slice *s = *first;
		*first = s->next;
		free(s);
	}
	*last = NULL;
}

void encode_finish(struct encode *e)
{
	if (e->event_fd < 0)
		return;
	pthread_mutex_lock(&e->lock);
	e->quit = true;
	pthread_cond_signal(&e->wake);
	pthread_cond_signal(&e->space);
	pthread_mutex_unlock(&e->lock);
	pthread_join(e->thread, NULL);
	drop_list(&e->made_first, &e->made_last);
	drop_list(&e->first, &e->last);
	codec_encoder_destroy(e->encoder);
	e->encoder = NULL;
	pthread_cond_destroy(&e->space);
	pthread_cond_destroy(&e->wake);
	pthread_mutex_destroy(&e->lock);
	fd_close(&e->event_fd);
}

int encode_reset(struct encode *e, const struct codec_params *params)
{
	codec_encoder_destroy(e->encoder);
	e->encoder = NULL;
	drop_list(&e->first, &e->last);
	e->waiting_bytes = 0;
	e->pending = false;
	e->inexact = false;
	return codec_encoder_create(&e->encoder, params);
}

/* Whether the whole job is small; what an earlier job left over is not known to be. */
static bool is_small(const struct encode *e)
{
	uint64_t area_px = 0;

	if (e->pending || e->inexact || !e->job.pixels)
		return false;
	for (size_t i = 0; i < e->job.rect_count; i++)
		area_px += (uint64_t)e->job.rects[i].width_px * e->job.rects[i].height_px;
	return area_px <= ENCODE_INLINE_MAX_PX;
}

void encode_start(struct encode *e, const struct encode_job *job)
{
	e->job = *job;
	e->busy = true;
	e->inside = is_small(e);
	if (e->inside) {
		work(e);
		return;
	}
	pthread_mutex_lock(&e->lock);
	e->queued = true;
	pthread_cond_signal(&e->wake);
	pthread_mutex_unlock(&e->lock);
}

void encode_clear_event(struct encode *e)
{
	uint64_t count;

	(void)!read(e->event_fd, &count, sizeof(count));
}

void encode_collect(struct encode *e, struct encode_event *out)
{
	pthread_mutex_lock(&e->lock);
	*out = (struct encode_event){
		.taken = e->taken,
		.done = e->done,
		.result = e->result,
		.took_us = e->took_us,
	};
	e->taken = false;
	e->done = false;
	if (e->made_first) {
		if (e->last)
			e->last->next = e->made_first;
		else
			e->first = e->made_first;
		e->last = e->made_last;
		e->made_first = e->made_last = NULL;
	}
	pthread_mutex_unlock(&e->lock);
	if (!out->done)
		return;
	e->busy = false;
	codec_encoder_stats(e->encoder, &e->stats);
}

void encode_drop_first(struct encode *e)
{
	struct encode_slice *s = e->first;

	if (!s)
		return;
	e->first = s->next;
	if (!e->first)
		e->last = NULL;
	pthread_mutex_lock(&e->lock);
	e->waiting_bytes -= s->len;
	pthread_cond_signal(&e->space);
	pthread_mutex_unlock(&e->lock);
	free(s);
}

bool encode_pending(const struct encode *e)
{
	return e->pending;
}

bool encode_inexact(const struct encode *e)
{
	return e->inexact;
}
