/* Inside common/ipc: the table of records; coders stand beside each other in records_*.c. */
#pragma once

#include "common/ipc/records.h"

typedef void (*record_encode_fn)(struct wire_writer *w, const struct record *record);
/* false: a value is out of its range. The caller tests that the reader is done. */
typedef bool (*record_decode_fn)(struct wire_reader *r, struct record *record);

struct record_coder {
	const char *name;
	record_encode_fn encode; /* NULL: an empty body */
	record_decode_fn decode;
};

extern const struct record_coder record_worker_config_coder, record_admit_query_coder,
	record_admit_reply_coder, record_granted_coder, record_denied_coder, record_set_caps_coder,
	record_end_coder, record_cert_coder, record_proof_coder, record_enroll_coder,
	record_renew_coder, record_handshake_coder, record_ended_coder, record_stats_coder,
	record_log_coder, record_peer_coder, record_sign_coder, record_signed_coder;
extern const struct record_coder record_agent_config_coder, record_attach_coder,
	record_detach_coder, record_agent_ready_coder, record_agent_failed_coder,
	record_violation_coder, record_framebuffer_coder, record_frame_ready_coder,
	record_cursor_coder;
extern const struct record_coder record_link_config_coder, record_link_way_coder,
	record_pixels_coder, record_presented_coder, record_link_state_coder,
	record_link_step_coder, record_link_failed_coder, record_update_coder, record_ticket_coder,
	record_chain_coder, record_link_check_coder, record_link_checksum_coder,
	record_link_stats_coder, record_wire_coder;
extern const struct record_coder record_tunnel_config_coder, record_tunnel_answer_coder,
	record_tunnel_question_coder, record_tunnel_open_coder, record_tunnel_failed_coder,
	record_tunnel_exited_coder;

/* Fields that several records have. */
void record_put_blob(struct wire_writer *w, const struct record_blob *blob);
bool record_get_blob(struct wire_reader *r, struct record_blob *blob, size_t max);

/* u8 count, then blobs of 1 .. item_max bytes each. */
void record_put_blobs(
	struct wire_writer *w, const struct record_blob *blobs, size_t count, size_t max);
bool record_get_blobs(struct wire_reader *r, struct record_blob *blobs, size_t *count, size_t max,
	size_t item_max);

/* u8 count (1 .. RECORD_RECTS_MAX), then rectangles: none empty, none over the largest screen's
 * edge. */
void record_put_rects(struct wire_writer *w, const struct record_rect *rects, size_t count);
bool record_get_rects(struct wire_reader *r, struct record_rect *rects, size_t *count);

/* u16 length and text, for lines longer than 255 bytes. Escaped text of our own: clean. */
void record_put_line(struct wire_writer *w, const char *text, size_t max);
void record_get_line(struct wire_reader *r, char *out, size_t size);
