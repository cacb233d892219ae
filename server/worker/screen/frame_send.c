/* The parts of a frame on their way to the client, and what it says of them. */
#include "server/worker/screen/frame.h"

#include "common/base/clock.h"

bool frame_has_part(const struct frame *f)
{
	return f->encode.first || f->state == FRAME_CODED;
}

static void begin(struct frame *f, uint64_t now_ns)
{
	f->begun = true;
	f->due = false;
	f->blocked_ns = peer_blocked_ns(f->host->peer, now_ns);
	pace_begin(&f->pace, ++f->number, now_ns);
}

static void end(struct frame *f, bool needs_ack, uint64_t now_ns)
{
	uint64_t blocked_ns = peer_blocked_ns(f->host->peer, now_ns) - f->blocked_ns;

	f->begun = false;
	f->state = FRAME_IDLE;
	f->frames++;
	pace_end(&f->pace, blocked_ns, needs_ack, now_ns);
}

/* The next part of the picture, or the end of a frame whose last slice was already sent. */
static int make_part(struct frame *f, uint8_t out[static WIRE_MESSAGE_MAX_BYTES])
{
	struct wire_message m = { .type = WIRE_FRAME };
	struct encode_slice *slice = f->encode.first;
	uint64_t now_ns = clock_now_ns();

	if (!f->begun)
		begin(f, now_ns);
	m.frame.frame = f->number;
	m.frame.input_serial = f->input_serial;
	if (slice) {
		m.frame.bytes = slice->bytes + slice->sent;
		m.frame.len = MIN(slice->len - slice->sent, (size_t)WIRE_SLICE_PART_MAX_BYTES);
		slice->sent += m.frame.len;
	}
	bool slice_end = slice && slice->sent == slice->len;
	bool frame_end = !slice || (slice_end && f->state == FRAME_CODED && !slice->next);
	bool needs_ack = pace_needs_ack(&f->pace, m.frame.len, now_ns);
	m.frame.flags = (uint8_t)((slice_end ? WIRE_FRAME_SLICE_END : 0) |
				  (frame_end ? WIRE_FRAME_END : 0) |
				  (frame_end && !needs_ack ? WIRE_FRAME_NO_ACK : 0));
	m.frame.exact = frame_end && f->exact && f->looked;
	if (frame_end)
		f->exact_told = m.frame.exact;

	int len = wire_encode(&m, out);
	if (slice_end)
		encode_drop_first(&f->encode);
	pace_wrote(&f->pace, len > 0 ? (size_t)len : 0);
	f->picture_bytes += len > 0 ? (size_t)len : 0;
	if (frame_end)
		end(f, needs_ack, now_ns);
	return len;
}

/* peer_source_fn */
int frame_next_part(void *self, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	struct frame *f = self;
	int len = frame_has_part(f) ? make_part(f, out) : 0;

	*more = frame_has_part(f);
	return len;
}

void frame_acked(void *self, const struct wire_message *m)
{
	const struct wire_frame_ack *ack = &m->frame_ack;
	struct frame *f = self;

	if (pace_acked(&f->pace, ack->frame, ack->present_us, clock_now_ns()) < 0)
		f->host->fail(f->host->worker, WIRE_BYE_PROTOCOL,
			"acknowledged frame %u, which was not sent", ack->frame);
}

void frame_check_acks(struct frame *f)
{
	uint64_t now_ns = clock_now_ns();
	uint64_t since_ns = pace_unacked_since_ns(&f->pace);

	if (since_ns == 0 || f->paused)
		return;
	/* It has not got the frame yet where the answer to a later PING is not there. */
	bool arrived = f->host->peer->answered_us * 1000 >= since_ns;
	since_ns = MAX(since_ns, f->resumed_ns);
	if (arrived && now_ns - since_ns >= FRAME_ACK_TIMEOUT_MS * 1000000ULL)
		f->host->fail(f->host->worker, WIRE_BYE_BUSY,
			"the client acknowledged no picture for %d s", FRAME_ACK_TIMEOUT_MS / 1000);
}
