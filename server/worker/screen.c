#include "server/worker/screen.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/crypto/random.h"
#include "server/worker/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int screen_init(struct screen *s)
{
	memset(s, 0, sizeof(*s));
	s->memory.fd = -1;
	s->next_memory.fd = -1;
	pace_init(&s->pace, clock_now_ns());
	return encode_init(&s->encode);
}

void screen_finish(struct screen *s)
{
	encode_finish(&s->encode);
	ipc_memory_finish(&s->memory);
	ipc_memory_finish(&s->next_memory);
	free(s->cursor_bytes);
	s->cursor_bytes = NULL;
}

static bool may_see(const struct worker *w)
{
	return w->state == WORKER_OPEN && (w->caps & WIRE_CAP_SEE);
}

/* ---- what the agent says ---- */

void screen_framebuffer(struct worker *w, const struct record_framebuffer *framebuffer, int fd)
{
	struct screen *s = &w->screen;
	struct ipc_memory memory;
	size_t size = (size_t)framebuffer->width_px * framebuffer->height_px * 4;

	int r = ipc_memory_map(&memory, fd, size, false);
	if (r < 0) {
		worker_end(w, WIRE_BYE_INTERNAL, true, "the session's picture cannot be shared");
		return;
	}
	ipc_memory_finish(&s->next_memory);
	s->next_memory = memory;
	s->next_framebuffer = *framebuffer;
	s->renew = true;
	s->asked = false;
	s->ready = false;
}

void screen_agent_changed(struct worker *w)
{
	w->screen.asked = false;
	w->screen.ready = false;
}

void screen_frame_ready(struct worker *w, const struct record_frame_ready *ready)
{
	struct screen *s = &w->screen;

	s->asked = false;
	s->frame_ready = *ready;
	s->ready = true;
}

void screen_cursor(struct worker *w, const struct record_cursor *cursor, int fd)
{
	struct screen *s = &w->screen;
	struct ipc_memory memory = { .fd = -1 };
	size_t len = (size_t)cursor->width_px * cursor->height_px * 4;

	if (len > 0 && ipc_memory_map(&memory, fd, len, false) < 0) {
		log_warn("the agent's cursor cannot be shared");
		return;
	}
	if (len == 0)
		fd_close(&fd);
	bool same = s->cursor_known && s->cursor.width_px == cursor->width_px &&
		    s->cursor.height_px == cursor->height_px &&
		    s->cursor.hot_x_px == cursor->hot_x_px &&
		    s->cursor.hot_y_px == cursor->hot_y_px &&
		    (len == 0 || memcmp(s->cursor_bytes, memory.bytes, len) == 0);
	uint8_t *bytes = same || len == 0 ? NULL : malloc(len);
	if (bytes)
		memcpy(bytes, memory.bytes, len);
	ipc_memory_finish(&memory);
	if (same || (len > 0 && !bytes))
		return;

	free(s->cursor_bytes);
	s->cursor_bytes = bytes;
	s->cursor_len = len;
	s->cursor_sent = 0;
	s->cursor = (struct wire_cursor){
		.width_px = cursor->width_px,
		.height_px = cursor->height_px,
		.hot_x_px = cursor->hot_x_px,
		.hot_y_px = cursor->hot_y_px,
	};
	s->cursor_known = true;
	s->cursor_waits = true;
}

/* ---- what the client says ---- */

void screen_acked(struct worker *w, const struct wire_frame_ack *ack)
{
	if (pace_acked(&w->screen.pace, ack->frame, ack->present_us, clock_now_ns()) < 0)
		worker_end(w, WIRE_BYE_PROTOCOL, true, "acknowledged frame %u, which was not sent",
			ack->frame);
}

void screen_refresh(struct worker *w)
{
	w->screen.renew = true;
	w->screen.cursor_waits = w->screen.cursor_known;
	w->screen.cursor_sent = 0;
}

void screen_paused(struct worker *w, bool paused)
{
	w->screen.paused = paused;
}

void screen_checksum_ask(struct worker *w, uint32_t id)
{
	w->screen.checksum_asked = true;
	w->screen.checksum_id = id;
	w->screen.checksum_deadline_ms = clock_now_ms() + SCREEN_CHECKSUM_MS;
}

/* ---- the encoder ---- */

/* Something of the picture waits to be sent. */
static bool has_part(const struct screen *s)
{
	return s->encode.first || (s->finished && (s->open || s->due));
}

/* No job runs, and all that was made of it is with the kernel. */
static bool is_idle(const struct screen *s)
{
	return !s->encode.busy && !has_part(s);
}

static void job_done(struct worker *w, const struct encode_event *event)
{
	struct screen *s = &w->screen;

	if (event->result < 0) {
		worker_end(w, WIRE_BYE_INTERNAL, true, "the picture cannot be coded: %s",
			strerror(-event->result));
		return;
	}
	s->finished = true;
	s->exact = !encode_pending(&s->encode) && !encode_inexact(&s->encode);
	s->coded_ms = clock_now_ms();
	s->prepared = false;
	if (event->result > 0)
		samples_add(&s->encode_us, event->took_us);
}

void screen_collect(struct worker *w)
{
	struct screen *s = &w->screen;
	struct encode_event event;

	encode_collect(&s->encode, &event);
	/* One that came while a job ran that began without it is not in that job's picture. */
	if (event.taken && s->ready && s->job_has_ready) {
		s->ready = false;
		s->job_has_ready = false;
		worker_agent_tell(w, RECORD_FRAME_TAKEN);
	}
	if (event.done)
		job_done(w, &event);
	if (has_part(s))
		peer_source_ready(&w->peer, PEER_SCREEN);
}

static void start_job(struct worker *w, uint64_t now_ns)
{
	struct screen *s = &w->screen;
	struct encode_job job = { 0 };

	if (s->whole || s->ready) {
		job.pixels = s->memory.bytes;
		job.stride_bytes = (size_t)s->framebuffer.width_px * 4;
	}
	if (s->whole) {
		job.rects[0].width_px = s->framebuffer.width_px;
		job.rects[0].height_px = s->framebuffer.height_px;
		job.rect_count = 1;
	} else if (s->ready) {
		job.rect_count = MIN(s->frame_ready.rect_count, (size_t)CODEC_RECTS_MAX);
		for (size_t i = 0; i < job.rect_count; i++) {
			const struct record_rect *from = &s->frame_ready.rects[i];
			job.rects[i] = (struct codec_rect){ from->x_px, from->y_px, from->width_px,
				from->height_px };
		}
	}
	if (s->ready) {
		/* That input was applied is told even where it changed no pixel. */
		s->due |= s->input_serial != s->frame_ready.input_serial;
		s->input_serial = s->frame_ready.input_serial;
	}
	job.budget.bytes_max = (uint32_t)pace_frame_bytes(&s->pace, now_ns);
	job.budget.link_bytes_per_ms =
		(uint32_t)MIN(pace_link_bytes_per_s(&s->pace, now_ns) / 1000, UINT32_MAX);
	s->due |= s->whole;
	s->job_has_ready = s->ready;
	s->whole = false;
	s->finished = false;
	encode_start(&s->encode, &job);
	screen_collect(w);
}

/* A new picture for the client: another framebuffer, or because it asked. Only while idle. */
static void renew(struct worker *w)
{
	struct screen *s = &w->screen;

	if (s->next_memory.bytes) {
		ipc_memory_finish(&s->memory);
		s->memory = s->next_memory;
		s->next_memory = (struct ipc_memory){ .fd = -1 };
		s->framebuffer = s->next_framebuffer;
	}
	s->renew = false;
	if (!s->memory.bytes)
		return;
	struct codec_params params = {
		.width_px = s->framebuffer.width_px,
		.height_px = s->framebuffer.height_px,
		.features = w->codec_features,
	};
	int r = crypto_random(&params.seed, sizeof(params.seed));
	if (r == 0)
		r = encode_reset(&s->encode, &params);
	if (r < 0) {
		worker_end(
			w, WIRE_BYE_INTERNAL, true, "no encoder for this screen: %s", strerror(-r));
		return;
	}
	s->whole = true;
	struct wire_message m = { .type = WIRE_SCREEN };
	m.screen.generation = ++s->generation;
	m.screen.width_px = s->framebuffer.width_px;
	m.screen.height_px = s->framebuffer.height_px;
	m.screen.resizable = s->framebuffer.resizable;
	worker_send_on(w, PEER_SCREEN, &m);
}

/* The rectangles of another framebuffer than the one we have mean nothing. */
static void drop_stale_ready(struct worker *w)
{
	struct screen *s = &w->screen;

	if (!s->ready || s->frame_ready.generation == s->framebuffer.generation)
		return;
	s->ready = false;
	worker_agent_tell(w, RECORD_FRAME_TAKEN);
}

static void answer_checksum(struct worker *w)
{
	struct screen *s = &w->screen;
	bool settled = s->asked && !s->ready && !s->whole && !encode_pending(&s->encode) &&
		       !encode_inexact(&s->encode);

	if (!s->checksum_asked || !s->encode.encoder || !is_idle(s) ||
		(!settled && clock_now_ms() < s->checksum_deadline_ms))
		return;
	s->checksum_asked = false;
	struct wire_message m = { .type = WIRE_CHECKSUM };
	m.checksum.id = s->checksum_id;
	m.checksum.frame = s->frame;
	m.checksum.checksum = codec_encoder_checksum(s->encode.encoder);
	m.checksum.settled = settled;
	worker_send_on(w, PEER_SCREEN, &m);
}

static bool refine_due(const struct screen *s)
{
	/* While the window was closed nobody looked whether film goes on. */
	uint64_t rested_ms = MAX(s->coded_ms, s->asked_ms);

	return encode_inexact(&s->encode) && clock_now_ms() >= rested_ms + SCREEN_REFINE_MS;
}

bool screen_step(struct worker *w)
{
	struct screen *s = &w->screen;

	if (!may_see(w))
		return false;
	if (s->cursor_waits)
		peer_source_ready(&w->peer, PEER_CURSOR);
	if (is_idle(s) && s->renew)
		renew(w);
	if (!s->encode.encoder || w->state == WORKER_ENDED || !is_idle(s))
		return false;
	drop_stale_ready(w);
	answer_checksum(w);
	uint64_t now_ns = clock_now_ns();
	if (s->paused || pace_free_bytes(&s->pace, now_ns) == 0)
		return false;
	if (!s->asked && !s->ready && w->agent.fd >= 0) {
		s->asked = true;
		s->asked_ms = clock_now_ms();
		worker_agent_tell(w, RECORD_FRAME_REQUEST);
	}
	if (!s->ready && !s->whole && !encode_pending(&s->encode) && !refine_due(s))
		return false;
	start_job(w, now_ns);
	return true;
}

/* How long until what comes next may be prepared; -1: it is. A picture in motion would only cover
 * again what was prepared for it. */
static int prepare_due_ms(const struct worker *w, uint64_t now_ms)
{
	const struct screen *s = &w->screen;
	uint64_t due_ms = s->coded_ms + SCREEN_REST_MS;

	if (!may_see(w) || !s->encode.encoder || !is_idle(s) || s->prepared)
		return -1;
	return now_ms < due_ms ? (int)(due_ms - now_ms) : 0;
}

bool screen_prepare(struct worker *w)
{
	if (prepare_due_ms(w, clock_now_ms()) != 0)
		return false;
	w->screen.prepared = !codec_encoder_prepare(w->screen.encode.encoder);
	return !w->screen.prepared;
}

/* -1: never. */
static int sooner(int a_ms, int b_ms)
{
	return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;
}

int screen_timeout_ms(const struct worker *w, uint64_t now_ms)
{
	const struct screen *s = &w->screen;
	int timeout_ms = prepare_due_ms(w, now_ms);

	if (!may_see(w) || s->encode.busy)
		return -1;
	if (s->checksum_asked)
		timeout_ms = sooner(timeout_ms, now_ms < s->checksum_deadline_ms
							? (int)(s->checksum_deadline_ms - now_ms)
							: 0);
	if (encode_inexact(&s->encode))
		timeout_ms = sooner(timeout_ms, SCREEN_REFINE_MS);
	return timeout_ms;
}

/* ---- to the peer ---- */

static int cursor_part(struct screen *s, uint8_t out[static WIRE_MESSAGE_MAX_BYTES])
{
	struct wire_message m = { .type = WIRE_CURSOR, .cursor = s->cursor };

	m.cursor.offset = (uint32_t)s->cursor_sent;
	m.cursor.len = MIN(s->cursor_len - s->cursor_sent, (size_t)WIRE_SLICE_PART_MAX_BYTES);
	m.cursor.bytes = m.cursor.len ? s->cursor_bytes + s->cursor_sent : NULL;
	s->cursor_sent += m.cursor.len;
	s->cursor_waits = s->cursor_sent < s->cursor_len;
	return wire_encode(&m, out);
}

/* The next part of the picture, or the end of a frame whose last slice was already sent. */
static int frame_part(struct worker *w, uint8_t out[static WIRE_MESSAGE_MAX_BYTES])
{
	struct screen *s = &w->screen;
	struct wire_message m = { .type = WIRE_FRAME };
	struct encode_slice *slice = s->encode.first;
	uint64_t now_ns = clock_now_ns();

	if (!s->open) {
		s->open = true;
		s->due = false;
		s->blocked_ns = peer_blocked_ns(&w->peer, now_ns);
		pace_begin(&s->pace, ++s->frame, now_ns);
	}
	m.frame.frame = s->frame;
	m.frame.input_serial = s->input_serial;
	if (slice) {
		m.frame.bytes = slice->bytes + slice->sent;
		m.frame.len = MIN(slice->len - slice->sent, (size_t)WIRE_SLICE_PART_MAX_BYTES);
		slice->sent += m.frame.len;
	}
	bool slice_end = slice && slice->sent == slice->len;
	bool end = !slice || (slice_end && s->finished && !slice->next);
	m.frame.flags =
		(uint8_t)((slice_end ? WIRE_FRAME_SLICE_END : 0) | (end ? WIRE_FRAME_END : 0));
	m.frame.exact = end && s->exact;
	bool needs_ack = pace_needs_ack(&s->pace, m.frame.len, now_ns);
	if (end && !needs_ack)
		m.frame.flags |= WIRE_FRAME_NO_ACK;

	int len = wire_encode(&m, out);
	if (slice_end)
		encode_drop_first(&s->encode);
	pace_wrote(&s->pace, len > 0 ? (size_t)len : 0);
	s->picture_bytes += len > 0 ? (size_t)len : 0;
	if (end) {
		s->open = false;
		s->frames++;
		pace_end(&s->pace, peer_blocked_ns(&w->peer, now_ns) - s->blocked_ns, needs_ack,
			now_ns);
	}
	return len;
}

int screen_cursor_source(void *user, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	struct worker *w = user;

	int len = w->screen.cursor_waits ? cursor_part(&w->screen, out) : 0;
	*more = w->screen.cursor_waits;
	return len;
}

int screen_source(void *user, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	struct worker *w = user;

	int len = has_part(&w->screen) ? frame_part(w, out) : 0;
	*more = has_part(&w->screen);
	return len;
}
