/* The input is a packet of a channel between our own processes, of each channel in turn: what is
 * decoded is encoded again and must be the same bytes. */
#include "tests/unit/ipc/record_sets.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_set(const struct record_set *set, const uint8_t *data, size_t size)
{
	static uint8_t again[IPC_PACKET_MAX_BYTES];
	union any_record record;
	struct wire_message message;

	if (record_decode(set, data, size, &record) < 0)
		return;
	int len = record_encode(set, &record, again);
	if (len != (int)size || memcmp(again, data, size) != 0)
		abort();
	if (record.type == RECORD_WIRE) {
		const struct record_wire *wire =
			set == &link_records ? &record.link.wire : &record.view.wire;
		(void)!record_wire_message(wire, &message);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > IPC_PACKET_MAX_BYTES)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(record_sets); i++)
		try_set(record_sets[i], data, size);
	return 0;
}
