#include "common/ipc/records.h"

#include "common/base/buffer.h"
#include "common/base/fd.h"
#include "common/ipc/record_coders.h"

#include <errno.h>
#include <string.h>

/* RECORD_WIRE's type and the length of its message. */
#define WIRE_PREFIX_BYTES 3

static const char *const names[] = {
	[RECORD_WORKER_CONFIG] = "WORKER_CONFIG",
	[RECORD_ADMIT_REPLY] = "ADMIT_REPLY",
	[RECORD_KEEPER_ASK] = "KEEPER_ASK",
	[RECORD_KEPT] = "KEPT",
	[RECORD_GRANTED] = "GRANTED",
	[RECORD_DENIED] = "DENIED",
	[RECORD_SET_CAPS] = "SET_CAPS",
	[RECORD_END] = "END",
	[RECORD_CERT] = "CERT",
	[RECORD_AGENT] = "AGENT",
	[RECORD_STATS_ASK] = "STATS_ASK",
	[RECORD_FILES] = "FILES",
	[RECORD_SOUND] = "SOUND",
	[RECORD_ADMIT_QUERY] = "ADMIT_QUERY",
	[RECORD_PROOF] = "PROOF",
	[RECORD_ENROLL] = "ENROLL",
	[RECORD_RENEW] = "RENEW",
	[RECORD_HANDSHAKE] = "HANDSHAKE",
	[RECORD_ENDED] = "ENDED",
	[RECORD_STATS] = "STATS",
	[RECORD_PEER] = "PEER",
	[RECORD_CARRIED] = "CARRIED",
	[RECORD_LOG] = "LOG",
	[RECORD_FILES_ASK] = "FILES_ASK",
	[RECORD_SOUND_ASK] = "SOUND_ASK",
	[RECORD_AGENT_CONFIG] = "AGENT_CONFIG",
	[RECORD_ATTACH] = "ATTACH",
	[RECORD_DETACH] = "DETACH",
	[RECORD_AGENT_FILES] = "AGENT_FILES",
	[RECORD_AGENT_COPIED_ASK] = "AGENT_COPIED_ASK",
	[RECORD_AGENT_COPIED] = "AGENT_COPIED",
	[RECORD_AGENT_READY] = "AGENT_READY",
	[RECORD_AGENT_FAILED] = "AGENT_FAILED",
	[RECORD_VIOLATION] = "VIOLATION",
	[RECORD_SIGN] = "SIGN",
	[RECORD_SIGNED] = "SIGNED",
	[RECORD_FRAMEBUFFER] = "FRAMEBUFFER",
	[RECORD_FRAME_READY] = "FRAME_READY",
	[RECORD_CURSOR] = "CURSOR",
	[RECORD_FRAME_REQUEST] = "FRAME_REQUEST",
	[RECORD_FRAME_TAKEN] = "FRAME_TAKEN",
	[RECORD_LOOK] = "LOOK",
	[RECORD_LOOKED] = "LOOKED",
	[RECORD_LINK_CONFIG] = "LINK_CONFIG",
	[RECORD_PIXELS] = "PIXELS",
	[RECORD_PRESENTED] = "PRESENTED",
	[RECORD_LINK_CHECK] = "LINK_CHECK",
	[RECORD_LINK_WAY] = "LINK_WAY",
	[RECORD_LINK_FILES] = "LINK_FILES",
	[RECORD_LINK_SOUND] = "LINK_SOUND",
	[RECORD_LINK_STATE] = "LINK_STATE",
	[RECORD_LINK_STEP] = "LINK_STEP",
	[RECORD_LINK_FAILED] = "LINK_FAILED",
	[RECORD_UPDATE] = "UPDATE",
	[RECORD_LINK_CURSOR] = "LINK_CURSOR",
	[RECORD_TICKET] = "TICKET",
	[RECORD_CHAIN] = "CHAIN",
	[RECORD_LINK_CHECKSUM] = "LINK_CHECKSUM",
	[RECORD_LINK_STATS] = "LINK_STATS",
	[RECORD_LINK_UNSENT] = "LINK_UNSENT",
	[RECORD_WIRE] = "WIRE",
	[RECORD_TUNNEL_CONFIG] = "TUNNEL_CONFIG",
	[RECORD_TUNNEL_ANSWER] = "TUNNEL_ANSWER",
	[RECORD_TUNNEL_QUESTION] = "TUNNEL_QUESTION",
	[RECORD_TUNNEL_OPEN] = "TUNNEL_OPEN",
	[RECORD_TUNNEL_FAILED] = "TUNNEL_FAILED",
	[RECORD_TUNNEL_EXITED] = "TUNNEL_EXITED",
	[RECORD_TUNNEL_ACCEPTED] = "TUNNEL_ACCEPTED",
	[RECORD_FILES_CONFIG] = "FILES_CONFIG",
	[RECORD_FILES_PLACE] = "FILES_PLACE",
	[RECORD_FILES_GO] = "FILES_GO",
	[RECORD_FILES_CANCEL] = "FILES_CANCEL",
	[RECORD_FILES_PROGRESS] = "FILES_PROGRESS",
	[RECORD_FILES_FAULT] = "FILES_FAULT",
	[RECORD_FILES_RESULT] = "FILES_RESULT",
	[RECORD_FILES_ENTRY] = "FILES_ENTRY",
	[RECORD_FILES_MADE] = "FILES_MADE",
	[RECORD_FILES_COPIED_ASK] = "FILES_COPIED_ASK",
	[RECORD_FILES_COPIED] = "FILES_COPIED",
	[RECORD_SOUND_CONFIG] = "SOUND_CONFIG",
	[RECORD_SOUND_QUALITY] = "SOUND_QUALITY",
};

const char *record_type_name(uint8_t type)
{
	return type < ARRAY_LEN(names) && names[type] ? names[type] : "?";
}

static const struct record_coder *coder_of(const struct record_set *set, unsigned type)
{
	for (size_t i = 0; i < set->coder_count; i++)
		if ((unsigned)set->coders[i].type == type)
			return &set->coders[i];
	return NULL;
}

bool record_is_of(const struct record_set *set, unsigned type)
{
	return coder_of(set, type) != NULL;
}

/* Each set's struct begins with its type. */
static enum record_type type_of(const void *record)
{
	return *(const enum record_type *)record;
}

int record_decode(const struct record_set *set, const uint8_t *packet, size_t len, void *out)
{
	struct wire_reader r;

	wire_reader_init(&r, packet, len);
	const struct record_coder *coder = coder_of(set, wire_read_u8(&r));
	if (!coder)
		return -EPROTO;
	uint8_t *body = (uint8_t *)out + set->body_offset;
	memset(body, 0, coder->body_bytes);
	*(enum record_type *)out = coder->type;
	bool in_range = !coder->decode || coder->decode(&r, body);
	return in_range && wire_reader_done(&r) ? 0 : -EPROTO;
}

int record_encode(
	const struct record_set *set, const void *record, uint8_t out[static IPC_PACKET_MAX_BYTES])
{
	const struct record_coder *coder = coder_of(set, type_of(record));
	struct wire_writer w;

	if (!coder)
		return -EINVAL;
	wire_writer_init(&w, out, IPC_PACKET_MAX_BYTES);
	wire_write_u8(&w, (uint8_t)coder->type);
	if (coder->encode)
		coder->encode(&w, (const uint8_t *)record + set->body_offset);
	return wire_writer_ok(&w) ? (int)w.len : -EINVAL;
}

int record_send(struct ipc_channel *c, const struct record_set *set, const void *record, int fd)
{
	if (c->fd < 0)
		return -EPIPE;
	int len = record_encode(set, record, c->outgoing);
	if (len < 0)
		return len;
	int r = ipc_send(c, c->outgoing, (size_t)len, fd);
	if (coder_of(set, type_of(record))->secret)
		secure_wipe(c->outgoing, (size_t)len);
	return r;
}

int record_send_wire(struct ipc_channel *c, const struct wire_message *message)
{
	struct wire_writer w;

	if (c->fd < 0)
		return -EPIPE;
	int len = wire_encode(message, c->outgoing + WIRE_PREFIX_BYTES);
	if (len < 0)
		return len;
	wire_writer_init(&w, c->outgoing, WIRE_PREFIX_BYTES);
	wire_write_u8(&w, RECORD_WIRE);
	wire_write_u16(&w, (uint16_t)len);
	return ipc_send(c, c->outgoing, w.len + (size_t)len, -1);
}

int record_receive(struct ipc_channel *c, const struct record_set *set, void *out, int *fd)
{
	const uint8_t *packet;
	size_t len;
	int r = ipc_receive(c, &packet, &len, fd);

	if (r != 1)
		return r;
	r = record_decode(set, packet, len, out);
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
