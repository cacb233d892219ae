/*
 * Records around farseat-sound (ARCHITECTURE.md, D-SOUND).
 *
 * supervisor -> sound: SOUND_CONFIG, once. sound -> supervisor: LOG.
 * worker -> sound, by a channel of their own: SOUND_QUALITY. sound -> worker: WIRE (SOUND_START, SOUND,
 * SOUND_STOP).
 */
#pragma once

#include "common/ipc/records.h"

/* Beyond this a frame of stereo does not sound better to anybody (Opus' own recommendation). */
#define RECORD_SOUND_KBIT_MAX 256

/* In the runtime folder: a virtual session's own sound server, which farseat-agent starts. */
#define RECORD_SOUND_SOCKET "sound"

struct record_sound_config {
	/* The socket of the sound server whose sink is heard; empty: the user's own server. */
	char server[RECORD_PATH_MAX_BYTES - 1];
};

/* By what the link carries. */
struct record_sound_quality {
	uint16_t kbit_per_s; /* 6 .. RECORD_SOUND_KBIT_MAX */
	uint32_t frame_us;   /* as in SOUND_START */
};

struct sound_record {
	enum record_type type;
	union {
		struct record_sound_config sound_config;
		struct record_log log;
	};
};

extern const struct record_set sound_records;

/* As record_send. */
static inline MUST_CHECK int sound_record_send(
	struct ipc_channel *c, const struct sound_record *record, int fd)
{
	return record_send(c, &sound_records, record, fd);
}

/* Between farseat-sound and farseat-worker. */
struct sound_wire_record {
	enum record_type type;
	union {
		struct record_wire wire;
		struct record_sound_quality sound_quality;
	};
};

extern const struct record_set sound_wire_records;

static inline MUST_CHECK int sound_wire_record_send(
	struct ipc_channel *c, const struct sound_wire_record *record, int fd)
{
	return record_send(c, &sound_wire_records, record, fd);
}
