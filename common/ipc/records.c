#include "common/ipc/records.h"

#include "common/base/fd.h"
#include "common/ipc/record_coders.h"

#include <errno.h>
#include <string.h>

static const struct record_coder frame_request_coder = { .name = "FRAME_REQUEST" };
static const struct record_coder frame_taken_coder = { .name = "FRAME_TAKEN" };
static const struct record_coder stats_ask_coder = { .name = "STATS_ASK" };
static const struct record_coder agent_coder = { .name = "AGENT" };
static const struct record_coder tunnel_accepted_coder = { .name = "TUNNEL_ACCEPTED" };

static const struct record_coder *const coders[] = {
	[RECORD_WORKER_CONFIG] = &record_worker_config_coder,
	[RECORD_ADMIT_REPLY] = &record_admit_reply_coder,
	[RECORD_GRANTED] = &record_granted_coder,
	[RECORD_DENIED] = &record_denied_coder,
	[RECORD_SET_CAPS] = &record_set_caps_coder,
	[RECORD_END] = &record_end_coder,
	[RECORD_CERT] = &record_cert_coder,
	[RECORD_AGENT] = &agent_coder,
	[RECORD_STATS_ASK] = &stats_ask_coder,
	[RECORD_ADMIT_QUERY] = &record_admit_query_coder,
	[RECORD_PROOF] = &record_proof_coder,
	[RECORD_ENROLL] = &record_enroll_coder,
	[RECORD_RENEW] = &record_renew_coder,
	[RECORD_HANDSHAKE] = &record_handshake_coder,
	[RECORD_ENDED] = &record_ended_coder,
	[RECORD_STATS] = &record_stats_coder,
	[RECORD_PEER] = &record_peer_coder,
	[RECORD_LOG] = &record_log_coder,
	[RECORD_AGENT_CONFIG] = &record_agent_config_coder,
	[RECORD_ATTACH] = &record_attach_coder,
	[RECORD_DETACH] = &record_detach_coder,
	[RECORD_AGENT_READY] = &record_agent_ready_coder,
	[RECORD_AGENT_FAILED] = &record_agent_failed_coder,
	[RECORD_VIOLATION] = &record_violation_coder,
	[RECORD_SIGN] = &record_sign_coder,
	[RECORD_SIGNED] = &record_signed_coder,
	[RECORD_FRAMEBUFFER] = &record_framebuffer_coder,
	[RECORD_FRAME_READY] = &record_frame_ready_coder,
	[RECORD_CURSOR] = &record_cursor_coder,
	[RECORD_FRAME_REQUEST] = &frame_request_coder,
	[RECORD_FRAME_TAKEN] = &frame_taken_coder,
	[RECORD_LINK_CONFIG] = &record_link_config_coder,
	[RECORD_LINK_WAY] = &record_link_way_coder,
	[RECORD_PIXELS] = &record_pixels_coder,
	[RECORD_PRESENTED] = &record_presented_coder,
	[RECORD_LINK_CHECK] = &record_link_check_coder,
	[RECORD_LINK_STATE] = &record_link_state_coder,
	[RECORD_LINK_STEP] = &record_link_step_coder,
	[RECORD_LINK_FAILED] = &record_link_failed_coder,
	[RECORD_UPDATE] = &record_update_coder,
	[RECORD_LINK_CURSOR] = &record_cursor_coder,
	[RECORD_TICKET] = &record_ticket_coder,
	[RECORD_CHAIN] = &record_chain_coder,
	[RECORD_LINK_CHECKSUM] = &record_link_checksum_coder,
	[RECORD_LINK_STATS] = &record_link_stats_coder,
	[RECORD_WIRE] = &record_wire_coder,
	[RECORD_TUNNEL_CONFIG] = &record_tunnel_config_coder,
	[RECORD_TUNNEL_ANSWER] = &record_tunnel_answer_coder,
	[RECORD_TUNNEL_QUESTION] = &record_tunnel_question_coder,
	[RECORD_TUNNEL_OPEN] = &record_tunnel_open_coder,
	[RECORD_TUNNEL_FAILED] = &record_tunnel_failed_coder,
	[RECORD_TUNNEL_EXITED] = &record_tunnel_exited_coder,
	[RECORD_TUNNEL_ACCEPTED] = &tunnel_accepted_coder,
};

static const struct record_coder *coder_of(unsigned type)
{
	return type < ARRAY_LEN(coders) ? coders[type] : NULL;
}

int record_decode(const uint8_t *packet, size_t len, struct record *out)
{
	struct wire_reader r;

	wire_reader_init(&r, packet, len);
	uint8_t type = wire_read_u8(&r);
	const struct record_coder *coder = coder_of(type);
	if (!coder)
		return -EPROTO;
	memset(out, 0, sizeof(*out));
	out->type = (enum record_type)type;
	bool in_range = !coder->decode || coder->decode(&r, out);
	return in_range && wire_reader_done(&r) ? 0 : -EPROTO;
}

int record_encode(const struct record *record, uint8_t out[static IPC_PACKET_MAX_BYTES])
{
	const struct record_coder *coder = coder_of(record->type);
	struct wire_writer w;

	if (!coder)
		return -EINVAL;
	wire_writer_init(&w, out, IPC_PACKET_MAX_BYTES);
	wire_write_u8(&w, (uint8_t)record->type);
	if (coder->encode)
		coder->encode(&w, record);
	return wire_writer_ok(&w) ? (int)w.len : -EINVAL;
}

static bool holds_secret(enum record_type type)
{
	return type == RECORD_WORKER_CONFIG || type == RECORD_LINK_CONFIG ||
	       type == RECORD_LINK_WAY || type == RECORD_TICKET || type == RECORD_TUNNEL_ANSWER;
}

int record_send(struct ipc_channel *c, const struct record *record, int fd)
{
	uint8_t packet[IPC_PACKET_MAX_BYTES];
	int len = record_encode(record, packet);
	int r = len < 0 ? len : ipc_send(c, packet, (size_t)len, fd);

	if (holds_secret(record->type) && len > 0)
		secure_wipe(packet, (size_t)len);
	return r;
}

int record_send_wire(struct ipc_channel *c, const struct wire_message *message)
{
	uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	struct record record = { .type = RECORD_WIRE };
	int len = wire_encode(message, bytes);

	if (len < 0)
		return len;
	record.wire.message = (struct record_blob){ .bytes = bytes, .len = (size_t)len };
	return record_send(c, &record, -1);
}

int record_receive(struct ipc_channel *c, struct record *out, int *fd)
{
	const uint8_t *packet;
	size_t len;
	int r = ipc_receive(c, &packet, &len, fd);

	if (r != 1)
		return r;
	r = record_decode(packet, len, out);
	if (r < 0) {
		fd_close(fd);
		return r;
	}
	return 1;
}

int record_wire_message(const struct record_wire *in, struct wire_message *out)
{
	struct wire_header header;

	if (in->message.len < WIRE_HEADER_BYTES ||
		wire_header_decode(in->message.bytes, &header) < 0 ||
		header.len != in->message.len - WIRE_HEADER_BYTES)
		return -EPROTO;
	return wire_decode(&header, in->message.bytes + WIRE_HEADER_BYTES, out) == 0 ? 0 : -EPROTO;
}

const char *record_type_name(uint8_t type)
{
	const struct record_coder *coder = coder_of(type);

	return coder ? coder->name : "?";
}

void record_put_blob(struct wire_writer *w, const struct record_blob *blob)
{
	wire_write_blob(w, blob->bytes, blob->len);
}

bool record_get_blob(struct wire_reader *r, struct record_blob *blob, size_t max)
{
	blob->bytes = wire_read_blob(r, max, &blob->len);
	return blob->len > 0;
}

void record_put_blobs(
	struct wire_writer *w, const struct record_blob *blobs, size_t count, size_t max)
{
	if (count > max)
		w->failed = true;
	wire_write_u8(w, (uint8_t)count);
	for (size_t i = 0; i < count && !w->failed; i++)
		record_put_blob(w, &blobs[i]);
}

bool record_get_blobs(struct wire_reader *r, struct record_blob *blobs, size_t *count, size_t max,
	size_t item_max)
{
	size_t n = wire_read_u8(r);

	*count = 0;
	if (n > max)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!record_get_blob(r, &blobs[i], item_max))
			return false;
	*count = n;
	return true;
}

void record_put_rects(struct wire_writer *w, const struct record_rect *rects, size_t count)
{
	if (count > RECORD_RECTS_MAX)
		w->failed = true;
	wire_write_u8(w, (uint8_t)count);
	for (size_t i = 0; i < count && !w->failed; i++) {
		wire_write_u16(w, rects[i].x_px);
		wire_write_u16(w, rects[i].y_px);
		wire_write_u16(w, rects[i].width_px);
		wire_write_u16(w, rects[i].height_px);
	}
}

bool record_get_rects(struct wire_reader *r, struct record_rect *rects, size_t *count)
{
	size_t n = wire_read_u8(r);

	*count = 0;
	if (n < 1 || n > RECORD_RECTS_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		rects[i].x_px = wire_read_u16(r);
		rects[i].y_px = wire_read_u16(r);
		rects[i].width_px = wire_read_u16(r);
		rects[i].height_px = wire_read_u16(r);
		if (rects[i].width_px == 0 || rects[i].height_px == 0 ||
			rects[i].x_px + rects[i].width_px > WIRE_SIDE_MAX_PX ||
			rects[i].y_px + rects[i].height_px > WIRE_SIDE_MAX_PX)
			return false;
	}
	*count = n;
	return true;
}

void record_put_line(struct wire_writer *w, const char *text, size_t max)
{
	wire_write_blob(w, text, strnlen(text, max - 1));
}

void record_get_line(struct wire_reader *r, char *out, size_t size)
{
	size_t len;
	const uint8_t *p = wire_read_blob(r, size - 1, &len);

	out[0] = '\0';
	if (!p)
		return;
	if (!wire_text_clean(p, len)) {
		r->failed = true;
		return;
	}
	memcpy(out, p, len);
	out[len] = '\0';
}
