/* Coders of the records around farseat-sound. */
#include "common/ipc/records_sound.h"

#include "common/ipc/record_coders.h"

/* The least that Opus has (RFC 6716, section 2.1.1). */
#define KBIT_MIN 6

static void encode_sound_config(struct wire_writer *w, const void *body)
{
	const struct record_sound_config *m = body;

	wire_write_text(w, m->server);
}

static bool decode_sound_config(struct wire_reader *r, void *body)
{
	struct record_sound_config *m = body;

	wire_read_text(r, m->server, sizeof(m->server));
	return true;
}

static void encode_sound_quality(struct wire_writer *w, const void *body)
{
	const struct record_sound_quality *m = body;

	wire_write_u16(w, m->kbit_per_s);
	wire_write_u32(w, m->frame_us);
}

static bool decode_sound_quality(struct wire_reader *r, void *body)
{
	struct record_sound_quality *m = body;

	m->kbit_per_s = wire_read_u16(r);
	m->frame_us = wire_read_u32(r);
	return m->kbit_per_s >= KBIT_MIN && m->kbit_per_s <= RECORD_SOUND_KBIT_MAX &&
	       wire_sound_frame_us_valid(m->frame_us);
}

static const struct record_coder coders[] = {
	RECORD_CODER(SOUND_CONFIG, sound_config),
	RECORD_SHARED(LOG, log),
};

const struct record_set sound_records = RECORD_SET(struct sound_record, log, coders);

static const struct record_coder wire_coders[] = {
	RECORD_SHARED(WIRE, wire),
	RECORD_CODER(SOUND_QUALITY, sound_quality),
};

const struct record_set sound_wire_records =
	RECORD_SET(struct sound_wire_record, wire, wire_coders);
