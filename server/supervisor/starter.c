#include "server/supervisor/starter.h"

#include "common/base/fd.h"
#include "common/wire/reader.h"
#include "common/wire/writer.h"

#include <errno.h>

#define PACKET_BYTES 6

int starter_send(struct ipc_channel *c, const struct starter_packet *packet, int fd)
{
	uint8_t bytes[PACKET_BYTES];
	struct wire_writer w;

	wire_writer_init(&w, bytes, sizeof(bytes));
	wire_write_u8(&w, (uint8_t)packet->op);
	wire_write_u8(&w, (uint8_t)packet->kind);
	wire_write_i32(&w, packet->status);
	return ipc_send(c, bytes, w.len, fd);
}

int starter_receive(struct ipc_channel *c, struct starter_packet *out, int *fd)
{
	const uint8_t *bytes;
	size_t len;
	struct wire_reader r;

	*fd = -1;
	int result = ipc_receive(c, &bytes, &len, fd);
	if (result != 1)
		return result;
	wire_reader_init(&r, bytes, len);
	unsigned op = wire_read_u8(&r), kind = wire_read_u8(&r);
	int32_t status = wire_read_i32(&r);
	bool has_fd = *fd >= 0;
	if (!wire_reader_done(&r) || op < STARTER_START || op > STARTER_EXTRA ||
		kind >= STARTER_KINDS || has_fd != (op == STARTER_START || op == STARTER_EXTRA)) {
		fd_close(fd);
		return -EPROTO;
	}
	*out = (struct starter_packet){
		.op = (enum starter_op)op, .kind = (enum starter_kind)kind, .status = status
	};
	return 1;
}
