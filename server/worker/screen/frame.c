#include "server/worker/screen/frame.h"

#include "common/base/clock.h"
#include "common/crypto/random.h"

#include <string.h>

int frame_init(struct frame *f, const struct worker_host *host)
{
	memset(f, 0, sizeof(*f));
	f->host = host;
	f->source.memory.fd = -1;
	f->next_source.memory.fd = -1;
	pace_init(&f->pace, clock_now_ns());
	return encode_init(&f->encode);
}

static void finish(void *self)
{
	struct frame *f = self;

	encode_finish(&f->encode);
	ipc_memory_finish(&f->source.memory);
	ipc_memory_finish(&f->next_source.memory);
}

bool frame_is_idle(const struct frame *f)
{
	return f->encode.encoder && f->state == FRAME_IDLE;
}

bool frame_is_settled(const struct frame *f)
{
	return f->request == FRAME_ASKED && f->look == FRAME_LOOK_CHANGES &&
	       !encode_pending(&f->encode) && !encode_inexact(&f->encode) && f->looked;
}

void frame_look_again(struct frame *f)
{
	f->looked = false;
	f->host->tell_agent(f->host->worker, RECORD_LOOK);
}

void frame_checksum(const struct frame *f, uint32_t *number, uint64_t *checksum)
{
	*number = f->number;
	*checksum = codec_encoder_checksum(f->encode.encoder);
}

/* ---- what the agent and the client say ---- */

static int take_framebuffer(void *self, const void *body, int *fd)
{
	const struct record_framebuffer *framebuffer = body;
	struct frame *f = self;
	struct ipc_memory memory;
	size_t size = (size_t)framebuffer->width_px * framebuffer->height_px * 4;

	int r = ipc_memory_map(&memory, *fd, size, false);
	*fd = -1;
	if (r < 0) {
		f->host->fail(f->host->worker, WIRE_BYE_INTERNAL,
			"the session's picture cannot be shared");
		return 0;
	}
	ipc_memory_finish(&f->next_source.memory);
	f->next_source = (struct frame_source){ memory, *framebuffer };
	f->look = FRAME_LOOK_RENEW;
	f->request = FRAME_NOT_ASKED;
	f->looked = false;
	return 0;
}

/* The smallest rectangle around both. */
static struct record_rect around(struct record_rect a, struct record_rect b)
{
	uint16_t x = MIN(a.x_px, b.x_px), y = MIN(a.y_px, b.y_px);
	int right = MAX(a.x_px + a.width_px, b.x_px + b.width_px);
	int bottom = MAX(a.y_px + a.height_px, b.y_px + b.height_px);

	return (struct record_rect){ x, y, (uint16_t)(right - x), (uint16_t)(bottom - y) };
}

/* Adds the rectangles of an announcement that still waits: no job has looked at them. */
static void keep_waiting(struct record_frame_ready *ready, const struct record_frame_ready *waiting)
{
	for (size_t i = 0; i < waiting->rect_count; i++)
		if (ready->rect_count < ARRAY_LEN(ready->rects))
			ready->rects[ready->rect_count++] = waiting->rects[i];
		else
			ready->rects[0] = around(ready->rects[0], waiting->rects[i]);
}

/*
 * A request that crossed a FRAMEBUFFER is asked twice, and answered twice when the agent has waited
 * long enough for FRAME_TAKEN: the second answer then finds the first one still here.
 */
static int take_ready(void *self, const void *body, int *fd)
{
	struct frame *f = self;
	struct record_frame_ready ready = *(const struct record_frame_ready *)body;

	(void)fd;
	if (f->request == FRAME_READY && f->ready.generation == ready.generation)
		keep_waiting(&ready, &f->ready);
	f->ready = ready;
	f->request = FRAME_READY;
	f->looked = false;
	return 0;
}

static int take_looked(void *self, const void *body, int *fd)
{
	struct frame *f = self;

	(void)body;
	(void)fd;
	if (f->request == FRAME_ASKED)
		f->looked = true;
	return 0;
}

static void agent_changed(void *self)
{
	struct frame *f = self;

	f->request = FRAME_NOT_ASKED;
	f->looked = false;
}

static void refresh(void *self)
{
	struct frame *f = self;

	f->look = FRAME_LOOK_RENEW;
}

void frame_pause(struct frame *f, bool paused)
{
	if (f->paused && !paused)
		f->resumed_ns = clock_now_ns();
	f->paused = paused;
}

/* ---- the encoder ---- */

static void job_done(struct frame *f, const struct encode_event *event)
{
	if (event->result < 0) {
		f->host->fail(f->host->worker, WIRE_BYE_INTERNAL, "the picture cannot be coded: %s",
			strerror(-event->result));
		return;
	}
	f->state = f->encode.first || f->begun || f->due ? FRAME_CODED : FRAME_IDLE;
	f->exact = !encode_pending(&f->encode) && !encode_inexact(&f->encode);
	f->coded_ms = clock_now_ms();
	f->prepared = false;
	if (event->result > 0)
		samples_add(&f->encode_us, event->took_us);
}

void frame_collect(struct frame *f)
{
	struct encode_event event;

	encode_collect(&f->encode, &event);
	/* A FRAME_READY that came while a job ran is not in that job's picture. */
	if (event.taken && f->request == FRAME_TAKING) {
		f->request = FRAME_NOT_ASKED;
		f->host->tell_agent(f->host->worker, RECORD_FRAME_TAKEN);
	}
	if (event.done)
		job_done(f, &event);
	if (frame_has_part(f))
		peer_source_ready(f->host->peer, PEER_SCREEN);
}

/* What the job looks at: the whole picture, what FRAME_READY announced, or nothing new. */
static void choose_pixels(const struct frame *f, struct encode_job *job)
{
	const struct record_framebuffer *info = &f->source.info;
	bool whole = f->look == FRAME_LOOK_WHOLE;

	if (!whole && f->request != FRAME_READY)
		return;
	job->pixels = f->source.memory.bytes;
	job->stride_bytes = (size_t)info->width_px * 4;
	if (whole) {
		job->rects[0] = (struct codec_rect){ 0, 0, info->width_px, info->height_px };
		job->rect_count = 1;
		return;
	}
	job->rect_count = MIN(f->ready.rect_count, (size_t)CODEC_RECTS_MAX);
	for (size_t i = 0; i < job->rect_count; i++) {
		const struct record_rect *from = &f->ready.rects[i];
		job->rects[i] = (struct codec_rect){ from->x_px, from->y_px, from->width_px,
			from->height_px };
	}
}

static void start_job(struct frame *f, uint64_t now_ns)
{
	struct encode_job job = { 0 };

	choose_pixels(f, &job);
	if (f->request == FRAME_READY) {
		/* That input was applied is told even where it changed no pixel. */
		f->due |= f->input_serial != f->ready.input_serial;
		f->input_serial = f->ready.input_serial;
		f->request = FRAME_TAKING;
	}
	f->due |= f->look == FRAME_LOOK_WHOLE;
	f->look = FRAME_LOOK_CHANGES;
	job.budget.bytes_max = (uint32_t)pace_frame_bytes(&f->pace, now_ns);
	job.budget.link_bytes_per_ms =
		(uint32_t)MIN(pace_link_bytes_per_s(&f->pace, now_ns) / 1000, UINT32_MAX);
	f->state = FRAME_CODING;
	encode_start(&f->encode, &job);
	frame_collect(f);
}

static void send_screen(struct frame *f)
{
	const struct record_framebuffer *info = &f->source.info;
	struct wire_message m = { .type = WIRE_SCREEN };

	m.screen.generation = ++f->generation;
	m.screen.width_px = info->width_px;
	m.screen.height_px = info->height_px;
	m.screen.resizable = info->resizable;
	worker_host_send(f->host, PEER_SCREEN, &m);
}

/* A new picture for the client: another framebuffer, or because it asked. Only while idle. */
static void renew(struct frame *f)
{
	if (f->next_source.memory.bytes) {
		ipc_memory_finish(&f->source.memory);
		f->source = f->next_source;
		f->next_source = (struct frame_source){ .memory.fd = -1 };
	}
	f->look = FRAME_LOOK_CHANGES;
	if (!f->source.memory.bytes)
		return;
	struct codec_params params = {
		.width_px = f->source.info.width_px,
		.height_px = f->source.info.height_px,
		.features = f->codec_features,
	};
	int r = crypto_random(&params.seed, sizeof(params.seed));
	if (r == 0)
		r = encode_reset(&f->encode, &params);
	if (r < 0) {
		f->host->fail(f->host->worker, WIRE_BYE_INTERNAL, "no encoder for this screen: %s",
			strerror(-r));
		return;
	}
	f->look = FRAME_LOOK_WHOLE;
	send_screen(f);
}

/* The rectangles of another framebuffer than the one we have mean nothing. */
static void drop_stale_ready(struct frame *f)
{
	if (f->request != FRAME_READY || f->ready.generation == f->source.info.generation)
		return;
	f->request = FRAME_NOT_ASKED;
	f->host->tell_agent(f->host->worker, RECORD_FRAME_TAKEN);
}

static bool refine_due(const struct frame *f)
{
	/* While the window was closed the agent was not asked whether film goes on. */
	uint64_t rested_ms = MAX(f->coded_ms, f->asked_ms);

	return encode_inexact(&f->encode) && clock_now_ms() >= rested_ms + FRAME_REFINE_MS;
}

static void ask_agent(struct frame *f)
{
	if (f->request != FRAME_NOT_ASKED || !f->host->has_agent(f->host->worker))
		return;
	f->request = FRAME_ASKED;
	f->asked_ms = clock_now_ms();
	f->host->tell_agent(f->host->worker, RECORD_FRAME_REQUEST);
}

/* An empty frame says that what the client shows is exact, when that was known only after the last. */
static bool say_exact(struct frame *f)
{
	if (!f->exact || !f->looked || f->exact_told)
		return false;
	f->due = true;
	f->state = FRAME_CODED;
	peer_source_ready(f->host->peer, PEER_SCREEN);
	return true;
}

static bool step(void *self)
{
	struct frame *f = self;
	uint64_t now_ns = clock_now_ns();

	frame_check_acks(f);
	if (f->state == FRAME_IDLE && f->look == FRAME_LOOK_RENEW)
		renew(f);
	if (!frame_is_idle(f))
		return false;
	drop_stale_ready(f);
	if (f->paused || pace_free_bytes(&f->pace, now_ns) == 0)
		return false;
	ask_agent(f);
	if (f->request != FRAME_READY && f->look != FRAME_LOOK_WHOLE &&
		!encode_pending(&f->encode) && !refine_due(f))
		return say_exact(f);
	start_job(f, now_ns);
	return true;
}

/* How long until what comes next may be prepared; -1: it is. A picture in motion would only cover
 * again what was prepared for it. */
static int prepare_due_ms(const struct frame *f, uint64_t now_ms)
{
	uint64_t due_ms = f->coded_ms + FRAME_REST_MS;

	if (!frame_is_idle(f) || f->prepared)
		return -1;
	return now_ms < due_ms ? (int)(due_ms - now_ms) : 0;
}

bool frame_prepare(struct frame *f)
{
	if (prepare_due_ms(f, clock_now_ms()) != 0)
		return false;
	f->prepared = !codec_encoder_prepare(f->encode.encoder);
	return !f->prepared;
}

static int timeout_ms(const void *self, uint64_t now_ms)
{
	const struct frame *f = self;
	int prepare_ms = prepare_due_ms(f, now_ms);

	if (f->state == FRAME_CODING || !encode_inexact(&f->encode))
		return prepare_ms;
	return prepare_ms < 0 ? FRAME_REFINE_MS : MIN(prepare_ms, FRAME_REFINE_MS);
}

const struct worker_channel frame_channel = {
	.name = "screen",
	.caps = WIRE_CAP_SEE,
	.priority = PEER_SCREEN,
	.source = frame_next_part,
	.messages = { { WIRE_FRAME_ACK, frame_acked } },
	.records = { { RECORD_FRAMEBUFFER, DISPATCH_ALWAYS, take_framebuffer, 0 },
		{ RECORD_FRAME_READY, DISPATCH_ALWAYS, take_ready, 0 },
		{ RECORD_LOOKED, DISPATCH_ALWAYS, take_looked, 0 } },
	.agent_changed = agent_changed,
	.refresh = refresh,
	.step = step,
	.timeout_ms = timeout_ms,
	.finish = finish,
};
