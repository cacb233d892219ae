/* Internal to common/wire: what the table of messages holds. Each type has its encoder and its
 * decoder beside each other in messages_*.c. */
#pragma once

#include "common/wire/messages.h"

/*
 * Encoders write the payload; a value out of range fails the writer. Decoders read the payload and
 * range-check every value; the caller tests that the reader is done. false: a value is out of its
 * range.
 */
typedef void (*wire_encode_fn)(struct wire_writer *w, const struct wire_message *m);
typedef bool (*wire_decode_fn)(struct wire_reader *r, struct wire_message *m);

struct wire_coder {
	const char *name;
	wire_encode_fn encode;
	wire_decode_fn decode;
	/* In which that side may send it: bits 1 << enum wire_phase. */
	unsigned client_phases, server_phases;
	uint32_t cap; /* capability that a client needs for it */
};

extern const struct wire_coder wire_hello_coder, wire_proof_coder, wire_welcome_coder,
	wire_goodbye_coder, wire_ping_coder, wire_pong_coder, wire_caps_coder, wire_clock_coder;
extern const struct wire_coder wire_screen_coder, wire_frame_coder, wire_frame_ack_coder,
	wire_cursor_coder, wire_cursor_move_coder, wire_cursor_again_coder, wire_leds_coder,
	wire_checksum_ask_coder, wire_checksum_coder, wire_stats_coder;
extern const struct wire_coder wire_key_coder, wire_text_coder, wire_pointer_coder,
	wire_button_coder, wire_wheel_coder, wire_pointer_by_coder, wire_release_all_coder,
	wire_view_coder, wire_refresh_coder, wire_dpi_coder;
extern const struct wire_coder wire_clipboard_offer_coder, wire_clipboard_withdraw_coder,
	wire_clipboard_ask_coder, wire_clipboard_data_coder, wire_clipboard_more_coder,
	wire_clipboard_stop_coder;
extern const struct wire_coder wire_sound_want_coder, wire_sound_start_coder, wire_sound_coder,
	wire_sound_stop_coder;
extern const struct wire_coder wire_file_put_coder, wire_file_get_coder, wire_file_sftp_coder,
	wire_file_opened_coder, wire_file_total_coder, wire_file_entry_coder, wire_file_data_coder,
	wire_file_skip_coder, wire_file_end_coder, wire_file_last_coder, wire_file_have_coder,
	wire_file_ack_coder, wire_file_fault_coder, wire_file_close_coder, wire_file_stop_coder,
	wire_file_stream_coder;
extern const struct wire_coder wire_enroll_coder, wire_enrolled_coder, wire_renew_coder,
	wire_renewed_coder;

#define IN_HELLO  (1U << WIRE_PHASE_HELLO)
#define IN_PROOF  (1U << WIRE_PHASE_PROOF)
#define IN_OPEN   (1U << WIRE_PHASE_OPEN)
#define IN_ENROLL (1U << WIRE_PHASE_ENROLL)
#define IN_ANY    (IN_HELLO | IN_PROOF | IN_OPEN | IN_ENROLL)
