#include "common/wire/messages.h"

#include "common/wire/coders.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

static const struct wire_coder *const coders[] = {
	[WIRE_HELLO] = &wire_hello_coder,
	[WIRE_PROOF] = &wire_proof_coder,
	[WIRE_WELCOME] = &wire_welcome_coder,
	[WIRE_GOODBYE] = &wire_goodbye_coder,
	[WIRE_PING] = &wire_ping_coder,
	[WIRE_PONG] = &wire_pong_coder,
	[WIRE_CAPS] = &wire_caps_coder,
	[WIRE_CLOCK] = &wire_clock_coder,
	[WIRE_SCREEN] = &wire_screen_coder,
	[WIRE_FRAME] = &wire_frame_coder,
	[WIRE_FRAME_ACK] = &wire_frame_ack_coder,
	[WIRE_CURSOR] = &wire_cursor_coder,
	[WIRE_CURSOR_MOVE] = &wire_cursor_move_coder,
	[WIRE_LEDS] = &wire_leds_coder,
	[WIRE_CHECKSUM_ASK] = &wire_checksum_ask_coder,
	[WIRE_CHECKSUM] = &wire_checksum_coder,
	[WIRE_STATS] = &wire_stats_coder,
	[WIRE_CURSOR_AGAIN] = &wire_cursor_again_coder,
	[WIRE_KEY] = &wire_key_coder,
	[WIRE_TEXT] = &wire_text_coder,
	[WIRE_POINTER] = &wire_pointer_coder,
	[WIRE_BUTTON] = &wire_button_coder,
	[WIRE_WHEEL] = &wire_wheel_coder,
	[WIRE_POINTER_BY] = &wire_pointer_by_coder,
	[WIRE_RELEASE_ALL] = &wire_release_all_coder,
	[WIRE_VIEW] = &wire_view_coder,
	[WIRE_REFRESH] = &wire_refresh_coder,
	[WIRE_DPI] = &wire_dpi_coder,
	[WIRE_CLIPBOARD_OFFER] = &wire_clipboard_offer_coder,
	[WIRE_CLIPBOARD_WITHDRAW] = &wire_clipboard_withdraw_coder,
	[WIRE_CLIPBOARD_ASK] = &wire_clipboard_ask_coder,
	[WIRE_CLIPBOARD_DATA] = &wire_clipboard_data_coder,
	[WIRE_CLIPBOARD_MORE] = &wire_clipboard_more_coder,
	[WIRE_CLIPBOARD_STOP] = &wire_clipboard_stop_coder,
	[WIRE_SOUND_WANT] = &wire_sound_want_coder,
	[WIRE_SOUND_START] = &wire_sound_start_coder,
	[WIRE_SOUND] = &wire_sound_coder,
	[WIRE_SOUND_STOP] = &wire_sound_stop_coder,
	[WIRE_FILE_PUT] = &wire_file_put_coder,
	[WIRE_FILE_GET] = &wire_file_get_coder,
	[WIRE_FILE_SFTP] = &wire_file_sftp_coder,
	[WIRE_FILE_OPENED] = &wire_file_opened_coder,
	[WIRE_FILE_TOTAL] = &wire_file_total_coder,
	[WIRE_FILE_ENTRY] = &wire_file_entry_coder,
	[WIRE_FILE_DATA] = &wire_file_data_coder,
	[WIRE_FILE_SKIP] = &wire_file_skip_coder,
	[WIRE_FILE_END] = &wire_file_end_coder,
	[WIRE_FILE_LAST] = &wire_file_last_coder,
	[WIRE_FILE_HAVE] = &wire_file_have_coder,
	[WIRE_FILE_ACK] = &wire_file_ack_coder,
	[WIRE_FILE_FAULT] = &wire_file_fault_coder,
	[WIRE_FILE_CLOSE] = &wire_file_close_coder,
	[WIRE_FILE_STOP] = &wire_file_stop_coder,
	[WIRE_FILE_STREAM] = &wire_file_stream_coder,
	[WIRE_ENROLL] = &wire_enroll_coder,
	[WIRE_ENROLLED] = &wire_enrolled_coder,
	[WIRE_RENEW] = &wire_renew_coder,
	[WIRE_RENEWED] = &wire_renewed_coder,
};

static const struct wire_coder *coder_of(uint8_t type)
{
	return type < ARRAY_LEN(coders) ? coders[type] : NULL;
}

void wire_header_read(const uint8_t bytes[static WIRE_HEADER_BYTES], struct wire_header *out)
{
	struct wire_reader r;

	wire_reader_init(&r, bytes, WIRE_HEADER_BYTES);
	out->type = wire_read_u8(&r);
	out->flags = wire_read_u8(&r);
	out->len = wire_read_u16(&r);
}

int wire_header_decode(const uint8_t bytes[static WIRE_HEADER_BYTES], struct wire_header *out)
{
	struct wire_header h;

	wire_header_read(bytes, &h);
	if (h.len > WIRE_PAYLOAD_MAX_BYTES || (h.flags & ~WIRE_FLAG_OPTIONAL))
		return -EPROTO;
	*out = h;
	return 0;
}

int wire_decode(const struct wire_header *header, const uint8_t *payload, struct wire_message *out)
{
	const struct wire_coder *coder = coder_of(header->type);
	struct wire_message m = { .type = (enum wire_type)header->type };
	struct wire_reader r;

	if (!coder)
		return header->flags & WIRE_FLAG_OPTIONAL ? 1 : -EPROTO;
	wire_reader_init(&r, payload, header->len);
	bool in_range = coder->decode(&r, &m);
	if (!in_range || !wire_reader_done(&r))
		return -EPROTO;
	*out = m;
	return 0;
}

/* What the other end need not know. */
static uint8_t flags_of(enum wire_type type)
{
	return type == WIRE_STATS || type == WIRE_CLOCK ? WIRE_FLAG_OPTIONAL : 0;
}

int wire_encode(const struct wire_message *message, uint8_t out[static WIRE_MESSAGE_MAX_BYTES])
{
	const struct wire_coder *coder = coder_of((uint8_t)message->type);
	struct wire_writer header, payload;
	struct wire_message check;

	if (!coder)
		return -EINVAL;
	wire_writer_init(&payload, out + WIRE_HEADER_BYTES, WIRE_PAYLOAD_MAX_BYTES);
	coder->encode(&payload, message);
	if (!wire_writer_ok(&payload))
		return -EINVAL;

	const struct wire_header h = {
		.type = (uint8_t)message->type,
		.flags = flags_of(message->type),
		.len = (uint16_t)payload.len,
	};
	/*
	 * What the other end would refuse is our own bug and is caught here, where it can be found.
	 */
	if (wire_decode(&h, payload.bytes, &check) != 0)
		return -EINVAL;
	wire_writer_init(&header, out, WIRE_HEADER_BYTES);
	wire_write_u8(&header, h.type);
	wire_write_u8(&header, h.flags);
	wire_write_u16(&header, h.len);
	return (int)(WIRE_HEADER_BYTES + payload.len);
}

/* What stands in the reader after a decoder that was not content. */
static void explain_payload(
	const struct wire_reader *r, size_t at, size_t len, const char *name, char *out)
{
	const size_t size = WIRE_FAULT_TEXT_BYTES;

	if (r->failed)
		snprintf(
			out, size, "%s is malformed: wrong from byte %zu of %zu on", name, at, len);
	else if (r->out_of_range)
		snprintf(out, size, "%s is malformed: %s is out of range", name, r->out_of_range);
	else
		snprintf(out, size, "%s is malformed: too long by %zu", name, len - at);
}

void wire_explain(const struct wire_header *header, const uint8_t *payload,
	char out[static WIRE_FAULT_TEXT_BYTES])
{
	const struct wire_coder *coder = coder_of(header->type);
	const size_t size = WIRE_FAULT_TEXT_BYTES;
	struct wire_message m;
	struct wire_reader r;
	char name[16];

	if (coder)
		snprintf(name, sizeof(name), "%s", coder->name);
	else
		snprintf(name, sizeof(name), "of type %u", header->type);
	if (header->len > WIRE_PAYLOAD_MAX_BYTES) {
		snprintf(out, size, "%s is too long: %u bytes", name, header->len);
	} else if (header->flags & ~WIRE_FLAG_OPTIONAL) {
		snprintf(out, size, "%s has unknown flags: 0x%02x", name, header->flags);
	} else if (!coder) {
		snprintf(out, size, "%s is unknown", name);
	} else {
		wire_reader_init(&r, payload, header->len);
		(void)coder->decode(&r, &m);
		explain_payload(&r, (size_t)(r.at - payload), header->len, name, out);
	}
}

const char *wire_type_name(uint8_t type)
{
	const struct wire_coder *coder = coder_of(type);

	return coder ? coder->name : "?";
}

bool wire_allowed(uint8_t type, enum wire_phase phase, bool from_client)
{
	const struct wire_coder *coder = coder_of(type);

	if (!coder)
		return true; /* wire_decode decides about what we do not know */
	return (from_client ? coder->client_phases : coder->server_phases) >> phase & 1U;
}

uint32_t wire_cap_needed(uint8_t type)
{
	const struct wire_coder *coder = coder_of(type);

	return coder ? coder->cap : 0;
}
