/* Writes seeds for fuzz_wire and fuzz_records: the samples of the unit tests, each alone, and
 * streams of several messages. make_message_corpus FOLDER (tests/data/fuzz) */
#include "tests/unit/ipc/record_samples.h"
#include "tests/unit/wire/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_file(const char *folder, const char *name, const uint8_t *bytes, size_t len)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(bytes, 1, len, f) != len || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

static void write_messages(const char *folder)
{
	static uint8_t stream[ARRAY_LEN(samples) * WIRE_MESSAGE_MAX_BYTES + 16];
	uint8_t one[WIRE_MESSAGE_MAX_BYTES];
	size_t total = 0;
	char into[4096];

	snprintf(into, sizeof(into), "%s/wire", folder);
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		int len = wire_encode(&samples[i].message, one);
		if (len < 0)
			exit(1);
		write_file(
			into, wire_type_name((uint8_t)samples[i].message.type), one, (size_t)len);
		memcpy(stream + total, one, (size_t)len);
		total += (size_t)len;
	}
	write_file(into, "stream", stream, total);
	/* An unknown message that may be skipped, between two that are known. */
	memmove(stream + 8, stream, total);
	memcpy(stream, "\xc8\1\0\4skip", 8);
	write_file(into, "stream-optional", stream, total + 8);
	write_file(into, "stream-cut", stream, total);
	write_file(into, "header-too-long", (const uint8_t *)"\x11\0\xff\xff", 4);
	write_file(into, "header-unknown-flag", (const uint8_t *)"\x11\2\0\1x", 5);
}

static void write_records(const char *folder)
{
	static uint8_t packet[IPC_PACKET_MAX_BYTES];
	char into[4096], name[64];

	snprintf(into, sizeof(into), "%s/records", folder);
	for (size_t i = 0; i < ARRAY_LEN(record_samples); i++) {
		int len = record_encode(record_samples[i].set, &record_samples[i].record, packet);
		if (len < 0)
			exit(1);
		snprintf(name, sizeof(name), "%02x-%s", record_samples[i].record.type,
			record_type_name((uint8_t)record_samples[i].record.type));
		write_file(into, name, packet, (size_t)len);
	}
	/* Messages of the network inside, as they cross to the agent. */
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		uint8_t one[WIRE_MESSAGE_MAX_BYTES];
		struct link_record r = { .type = RECORD_WIRE };
		r.wire.message =
			(struct record_blob){ one, (size_t)wire_encode(&samples[i].message, one) };
		int len = record_encode(&link_records, &r, packet);
		snprintf(name, sizeof(name), "70-%s",
			wire_type_name((uint8_t)samples[i].message.type));
		write_file(into, name, packet, (size_t)len);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	write_messages(argv[1]);
	write_records(argv[1]);
	return 0;
}
