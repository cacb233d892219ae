/* The input is a packet of a channel between our own processes: what is decoded is encoded again
 * and must be the same bytes. */
#include "common/ipc/records.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[IPC_PACKET_MAX_BYTES];
	static struct record record;
	struct wire_message message;

	if (size == 0 || size > IPC_PACKET_MAX_BYTES)
		return 0;
	if (record_decode(data, size, &record) < 0)
		return 0;
	int len = record_encode(&record, again);
	if (len != (int)size || memcmp(again, data, size) != 0)
		abort();
	if (record.type == RECORD_WIRE)
		(void)!record_wire_message(&record.wire, &message);
	return 0;
}
