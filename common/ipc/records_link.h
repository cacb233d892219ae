/*
 * Records between the client's UI and its link.
 *
 * UI -> link: LINK_WAY (where the way is not a direct one), then LINK_CONFIG; PIXELS (with memory,
 * the answer to SCREEN), PRESENTED, LINK_CHECK, LINK_FILES (with the channel of a farseat-files),
 * LINK_SOUND (with the ring for decoded sound), WIRE (input, VIEW, REFRESH, CHECKSUM_ASK, CLIPBOARD_*, FILE_PUT,
 * FILE_GET, FILE_SFTP, SOUND_WANT, GOODBYE, RENEW).
 * link -> UI: LINK_STATE, LINK_STEP, UPDATE, LINK_CURSOR (with memory, as CURSOR), TICKET, CHAIN,
 * LINK_CHECKSUM, LINK_STATS, LINK_UNSENT, LOG, WIRE (WELCOME, SCREEN, CAPS, LEDS, CURSOR_MOVE,
 * CLIPBOARD_*, SOUND_START, SOUND_STOP, GOODBYE, ENROLLED, RENEWED, STATS); at last LINK_FAILED.
 */
#pragma once

#include "common/ipc/records.h"

#define RECORD_SESSION_MAX_BYTES 8192

enum record_link_mode {
	RECORD_LINK_SESSION = 0,
	RECORD_LINK_ENROLL = 1, /* handshake with farseat-enroll/1, ENROLL, wait for ENROLLED */
	RECORD_LINK_PROBE = 2,  /* fetch the chain, answer CHAIN, exit */
};

struct record_link_config {
	uint8_t mode;
	bool steps; /* report handshake steps (doctor) */
	char server_name[WIRE_NAME_MAX_BYTES];
	char server_id[WIRE_NAME_MAX_BYTES];
	struct record_blob chain[RECORD_CERTS_MAX];
	size_t chain_len;
	struct record_blob key; /* secret */
	struct record_blob trusted[RECORD_CERTS_MAX];
	size_t trusted_len;
	struct record_blob session; /* to resume; may be empty. Secret */
	struct record_blob csr;     /* ENROLL */
	char label[WIRE_NAME_MAX_BYTES];
	uint16_t width_px, height_px; /* of the window, 0 unknown */
	uint32_t codec_features;      /* mask: 0xffffffff all this build can */
};

enum record_proxy_kind {
	RECORD_PROXY_NONE = 0,
	RECORD_PROXY_HTTP = 1,
	RECORD_PROXY_SOCKS5 = 2,
};

#define RECORD_HOST_MAX_BYTES       256
#define RECORD_PROXY_TEXT_MAX_BYTES 256
#define RECORD_PATIENCE_MAX_MS      600000

/* How the transport leads to the workstation. */
struct record_link_way {
	uint32_t patience_ms; /* the way may take so much longer than a direct one */
	uint8_t proxy_kind;   /* of the proxy at the transport's end, which is asked first */
	char host[RECORD_HOST_MAX_BYTES]; /* of the workstation, for the proxy */
	uint16_t port;
	char proxy_user[RECORD_PROXY_TEXT_MAX_BYTES];     /* "" none */
	char proxy_password[RECORD_PROXY_TEXT_MAX_BYTES]; /* secret */
};

/* The memory has stride_bytes * height_px bytes. */
struct record_pixels {
	uint32_t generation;
	uint32_t stride_bytes;
};

struct record_presented {
	uint32_t frame;
	uint32_t present_us; /* from UPDATE to the pixels' being with the window system */
};

struct record_link_check {
	bool went; /* the address that the connection stands on is gone */
};

/* A transfer that the UI's next FILE_PUT, FILE_GET or FILE_SFTP of that number begins. */
struct record_link_files {
	uint8_t transfer;
};

enum record_link_phase {
	RECORD_LINK_HANDSHAKE = 0,
	RECORD_LINK_PROVING = 1, /* TLS done, HELLO sent */
	RECORD_LINK_OPEN = 2,
	RECORD_LINK_SILENT = 3, /* nothing was heard for a while; back to OPEN when something is */
};

struct record_link_state {
	uint8_t phase;
	char version[32], suite[64]; /* once known */
	bool resumed;
	uint32_t silent_ms;
};

struct record_link_failed {
	uint8_t fault; /* enum crypto_fault, 0: not a matter of TLS */
	uint16_t code; /* enum wire_goodbye_code of the other end, 0 none */
	bool retry;    /* worth another try by itself: the link broke, nobody refused */
	bool renews;   /* nothing broke: a new connection with new keys is due */
	char reason[RECORD_DETAIL_MAX_BYTES - 1]; /* a sentence */
};

/* Of the picture in the memory that PIXELS gave for this generation of SCREEN. */
struct record_update {
	uint32_t generation;
	uint32_t frame;
	uint32_t input_serial;
	bool exact;
	struct record_rect rects[RECORD_RECTS_MAX];
	size_t rect_count;
};

struct record_ticket {
	struct record_blob session;
};

struct record_chain {
	struct record_blob certs[RECORD_CERTS_MAX];
	size_t count;
};

/* Of both ends' pictures. */
struct record_link_checksum {
	uint32_t generation; /* of the SCREEN whose picture was summed */
	uint32_t id;
	uint64_t local, remote;
	bool settled;
};

/* Once a second while the session is open. */
struct record_link_stats {
	uint64_t bytes_in, bytes_out, frames;
	uint32_t rtt_us, decode_us_p50, decode_us_p95;
	uint64_t picture_bytes;
	/* The kernel's figures of the transport (common/base/net_path.h); 0 where it is not TCP. */
	uint32_t path_rtt_us, path_sent, path_again, path_got, path_out_of_order;
};

/* Contents of the laptop's clipboard that the link itself has refused. */
struct record_link_unsent {
	uint8_t kind;   /* enum wire_clipboard_kind */
	uint8_t status; /* enum wire_clipboard_status: TOO_LARGE or UNUSABLE */
};

struct link_record {
	enum record_type type;
	union {
		struct record_link_config link_config;
		struct record_link_way link_way;
		struct record_pixels pixels;
		struct record_presented presented;
		struct record_link_check link_check;
		struct record_link_files link_files;
		struct record_link_state link_state;
		struct record_link_step link_step;
		struct record_link_failed link_failed;
		struct record_update update;
		struct record_cursor cursor; /* LINK_CURSOR */
		struct record_ticket ticket;
		struct record_chain chain;
		struct record_link_checksum link_checksum;
		struct record_link_stats link_stats;
		struct record_link_unsent link_unsent;
		struct record_log log;
		struct record_wire wire;
	};
};

extern const struct record_set link_records;

/* As record_send and record_receive. */
static inline MUST_CHECK int link_record_send(
	struct ipc_channel *c, const struct link_record *record, int fd)
{
	return record_send(c, &link_records, record, fd);
}

static inline MUST_CHECK int link_record_receive(
	struct ipc_channel *c, struct link_record *out, int *fd)
{
	return record_receive(c, &link_records, out, fd);
}
