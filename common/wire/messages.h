/*
 * The messages of farseat/1 and farseat-enroll/1 (PROTOCOL.md, section 8): a plain struct for each,
 * its encoder and its decoder. There is no I/O here. Views (const uint8_t *) point into the message
 * that was decoded and live as long as it does.
 *
 * On the wire: u8 type, u8 flags, u16 payload length, payload.
 */
#pragma once

#include "common/wire/files.h"
#include "common/wire/limits.h"
#include "common/wire/reader.h"
#include "common/wire/writer.h"

enum wire_type {
	WIRE_HELLO = 1,   /* both; the client speaks first */
	WIRE_PROOF = 2,   /* client: answer to the nonce in the server's HELLO */
	WIRE_WELCOME = 3, /* server: the session is granted */
	WIRE_GOODBYE = 4, /* both: the end and its reason */
	WIRE_PING = 5,    /* both */
	WIRE_PONG = 6,
	WIRE_CAPS = 7,  /* server: the administrator changed what this device may do */
	WIRE_CLOCK = 8, /* server, optional: what time it is there */

	WIRE_SCREEN = 16,       /* server: size; the picture begins anew */
	WIRE_FRAME = 17,        /* server: a part of a slice of a frame */
	WIRE_FRAME_ACK = 18,    /* client: the frame is on its screen */
	WIRE_CURSOR = 19,       /* server: shape of the cursor, in parts */
	WIRE_CURSOR_MOVE = 20,  /* server: somebody else moved the pointer */
	WIRE_LEDS = 21,         /* server: the lights of the lock keys */
	WIRE_CHECKSUM_ASK = 22, /* client */
	WIRE_CHECKSUM = 23,     /* server: of the frame that it sent last */
	WIRE_STATS = 24,        /* server, optional */
	WIRE_CURSOR_AGAIN = 25, /* server: a shape that the client has kept */

	WIRE_KEY = 32, /* client: all that follows is input */
	WIRE_TEXT = 33,
	WIRE_POINTER = 34,
	WIRE_BUTTON = 35,
	WIRE_WHEEL = 36,
	WIRE_POINTER_BY = 37,
	WIRE_RELEASE_ALL = 38,
	WIRE_VIEW = 39,    /* client: size of its window; paused or not */
	WIRE_REFRESH = 40, /* client: the picture is to begin anew */
	WIRE_DPI = 41,     /* client: how fine its display is */

	WIRE_CLIPBOARD_OFFER = 64,    /* both: something was copied there */
	WIRE_CLIPBOARD_WITHDRAW = 65, /* both: it is no more */
	WIRE_CLIPBOARD_ASK = 66,      /* both: somebody pastes it here */
	WIRE_CLIPBOARD_DATA = 67,     /* both: the answer, in parts */
	WIRE_CLIPBOARD_MORE = 68,     /* both: so much more of it may come */
	WIRE_CLIPBOARD_STOP = 69,     /* both: nobody wants the rest */

	/* 70-79 clipboard: reserved */

	WIRE_SOUND_WANT = 80,  /* client: whether it wants to hear the session */
	WIRE_SOUND_START = 81, /* server: something sounds there */
	WIRE_SOUND = 82,       /* server: the next frame of it */
	WIRE_SOUND_STOP = 83,  /* server: it is silent, or cannot be heard */

	/* 84-95 sound: reserved */

	WIRE_FILE_PUT = 96,     /* client: files are to go to the workstation */
	WIRE_FILE_GET = 97,     /* client: files are to come from there */
	WIRE_FILE_SFTP = 98,    /* client: an SFTP server there, spoken to by STREAM */
	WIRE_FILE_OPENED = 99,  /* server: the order is accepted */
	WIRE_FILE_TOTAL = 100,  /* sending end: how much it will be; for show */
	WIRE_FILE_ENTRY = 101,  /* sending end: the next file, folder or link */
	WIRE_FILE_DATA = 102,   /* sending end: the file's next bytes */
	WIRE_FILE_SKIP = 103,   /* sending end: bytes that need not cross */
	WIRE_FILE_END = 104,    /* sending end: the file is whole */
	WIRE_FILE_LAST = 105,   /* sending end: there is nothing more */
	WIRE_FILE_HAVE = 106,   /* receiving end: blocks that it has of a file */
	WIRE_FILE_ACK = 107,    /* receiving end: how much was taken */
	WIRE_FILE_FAULT = 108,  /* both: one file was not copied */
	WIRE_FILE_CLOSE = 109,  /* receiving end, after LAST: everything is on the disk */
	WIRE_FILE_STOP = 110,   /* both: the transfer ends here */
	WIRE_FILE_STREAM = 111, /* both: bytes of SFTP */

	WIRE_ENROLL = 112,   /* client, farseat-enroll/1 */
	WIRE_ENROLLED = 113, /* server */
	WIRE_RENEW = 114,    /* client, farseat/1: CSR with a new key */
	WIRE_RENEWED = 115,  /* server */
};

#define WIRE_FLAG_OPTIONAL 0x01 /* a receiver that does not know the type skips it */

/* Why a side says goodbye. */
enum wire_goodbye_code {
	WIRE_BYE_CLOSED = 1,       /* the person or program ended it */
	WIRE_BYE_DISCONNECTED = 2, /* the administrator ended this session */
	WIRE_BYE_REVOKED = 3,
	WIRE_BYE_REFUSED = 4,       /* second proof, registry */
	WIRE_BYE_NOT_ALLOWED = 5,   /* a message beyond the device's capabilities */
	WIRE_BYE_PROTOCOL = 6,      /* the peer broke the protocol */
	WIRE_BYE_VERSION = 7,       /* no common version */
	WIRE_BYE_SESSION_ENDED = 8, /* the workstation's session is gone */
	WIRE_BYE_SHUTDOWN = 9,      /* the daemon stops */
	WIRE_BYE_BUSY = 10,         /* limits; try later */
	WIRE_BYE_INVITATION = 11,   /* the invitation was spent, withdrawn or has expired */
	WIRE_BYE_INTERNAL = 12,
	WIRE_BYE_EXPIRED = 13, /* the certificate expired meanwhile */
};

/* Capabilities of a device; roles are presets over them (PROTOCOL.md, section 9). */
enum wire_cap {
	WIRE_CAP_SEE = 1 << 0,
	WIRE_CAP_INPUT = 1 << 1,
	WIRE_CAP_CLIPBOARD_IN = 1 << 2, /* laptop to workstation */
	WIRE_CAP_CLIPBOARD_OUT = 1 << 3,
	WIRE_CAP_SOUND = 1 << 4,
	WIRE_CAP_FILES_IN = 1 << 5,
	WIRE_CAP_FILES_OUT = 1 << 6,
	WIRE_CAP_RESIZE = 1 << 7,
};
#define WIRE_CAPS_ALL     0xffU
#define WIRE_CAPS_VIEW    (WIRE_CAP_SEE | WIRE_CAP_SOUND)
#define WIRE_CAPS_CONTROL WIRE_CAPS_ALL

struct wire_header {
	uint8_t type; /* as it came: may be unknown */
	uint8_t flags;
	uint16_t len;
};
/* Without a look at the values. */
void wire_header_read(const uint8_t bytes[static WIRE_HEADER_BYTES], struct wire_header *out);
/* -EPROTO: len over WIRE_PAYLOAD_MAX_BYTES, or unknown flags. */
int wire_header_decode(
	const uint8_t bytes[static WIRE_HEADER_BYTES], struct wire_header *out) MUST_CHECK;

#define WIRE_NONCE_BYTES         32
#define WIRE_BINDING_BYTES       32 /* what TLS exports for the second proof */
#define WIRE_FINGERPRINT_BYTES   32
#define WIRE_SIGNATURE_MAX_BYTES 144

struct wire_hello {
	uint8_t version_min, version_max;
	uint32_t codec_features;             /* of common/codec: what this end can */
	char software[WIRE_NAME_MAX_BYTES];  /* "farseat 0.1.0" */
	char server_id[WIRE_NAME_MAX_BYTES]; /* server's; empty in the client's */
	/* server's, for the second proof; zeros in the client's */
	uint8_t nonce[WIRE_NONCE_BYTES];
	uint16_t width_px, height_px; /* client's window, 0 unknown; 0 in the server's */
};
struct wire_proof {
	const uint8_t *signature; /* view */
	size_t signature_len;     /* 1 .. WIRE_SIGNATURE_MAX_BYTES */
};
struct wire_welcome {
	uint32_t session;
	uint32_t caps;
	uint32_t codec_features;               /* what both can, in force from here on */
	char device[WIRE_NAME_MAX_BYTES];      /* the name the administrator gave it */
	char workstation[WIRE_NAME_MAX_BYTES]; /* host name */
	int64_t last_seen_s; /* when this device's previous session began; 0 never */
	char last_device[WIRE_NAME_MAX_BYTES]; /* of the last session of all; may be empty */
	int64_t last_device_s;
	uint32_t refused;         /* connections refused since this device's last session */
	int64_t cert_not_after_s; /* when to renew */
};
struct wire_goodbye {
	uint16_t code; /* enum wire_goodbye_code; unknown ones are shown by their text */
	char reason[WIRE_REASON_MAX_BYTES - 1]; /* u8 length on the wire */
};
struct wire_ping { /* PONG is the same, echoed */
	uint32_t id;
	uint64_t sent_us; /* sender's clock, opaque to the other */
};
struct wire_caps {
	uint32_t caps;
};

struct wire_clock {
	int64_t now_s; /* seconds since 1970 */
};

struct wire_screen {
	uint32_t generation;
	uint16_t width_px, height_px; /* 1 .. WIRE_SIDE_MAX_PX, area <= WIRE_AREA_MAX_PX */
	bool resizable;               /* a virtual session that follows VIEW */
};
#define WIRE_FRAME_SLICE_END 0x01 /* last part of a slice */
/* The frame ends. With SLICE_END; or alone and without bytes, when the sender learns only
 * afterwards that a slice was the last (no slice waits for the next one). */
#define WIRE_FRAME_END 0x02
/* With FRAME_END: the client need not acknowledge this frame; the next one that it does acknowledge
 * covers it. */
#define WIRE_FRAME_NO_ACK 0x04
struct wire_frame {
	uint32_t frame;        /* counts up by one a frame */
	uint32_t input_serial; /* newest input that the agent had applied before the capture */
	uint8_t flags;
	/* counts with FRAME_END: nothing that is shown is an approximation */
	bool exact;
	/* view: 1 .. WIRE_SLICE_PART_MAX_BYTES; none with FRAME_END alone */
	const uint8_t *bytes;
	size_t len;
};
struct wire_frame_ack {
	uint32_t frame;
	uint32_t decode_us;  /* spent decoding */
	uint32_t present_us; /* from the arrival of its last byte to its pixels on the screen */
};
struct wire_cursor { /* premultiplied BGRA rows, width_px * 4 bytes each, in parts from offset on */
	uint16_t width_px, height_px; /* 0 x 0: invisible, no bytes */
	uint16_t hot_x_px, hot_y_px;
	uint32_t offset;
	const uint8_t *bytes; /* view */
	size_t len;
};
struct wire_cursor_move {
	uint16_t x_px, y_px;
};
struct wire_cursor_again {
	uint8_t slot; /* below WIRE_CURSOR_SLOTS */
};
#define WIRE_LED_CAPS   0x01
#define WIRE_LED_NUM    0x02
#define WIRE_LED_SCROLL 0x04
struct wire_leds {
	uint8_t leds;
};
struct wire_checksum_ask {
	uint32_t id;
};
struct wire_checksum {
	uint32_t id;
	uint32_t frame;    /* the last one sent before it was computed */
	uint64_t checksum; /* codec_encoder_checksum */
	bool settled;      /* nothing was pending or inexact */
};
struct wire_stats {
	uint32_t frames, encode_us_p50, queue_bytes, link_bytes_per_ms;
};

struct wire_key {
	uint32_t serial;
	uint16_t evdev;  /* physical key: linux/input-event-codes.h, 0 none */
	uint32_t keysym; /* X keysym that the client's layout made of it, 0 none */
	bool down;
	bool physical; /* --keys physical: use evdev, not keysym */
};
struct wire_text { /* from an input method: no key of its own */
	uint32_t serial;
	const uint8_t *utf8; /* view: clean text, 1 .. WIRE_TEXT_INPUT_MAX_BYTES */
	size_t len;
};
struct wire_pointer {
	uint32_t serial;
	uint16_t x_px, y_px; /* clipped to the screen by the receiver */
};
struct wire_button {
	uint32_t serial;
	uint8_t button; /* 1 left, 2 middle, 3 right, 8 back, 9 forward (X11 numbers, no wheel) */
	bool down;
};
struct wire_wheel {
	uint32_t serial;
	int16_t dx, dy; /* 120 a notch; up and left negative */
};
struct wire_pointer_by {
	uint32_t serial;
	int16_t dx_px, dy_px;
};
struct wire_release_all {
	uint32_t serial;
};
struct wire_view {
	uint16_t width_px, height_px;
	bool paused; /* hidden or minimised: send no frames */
};
/* WIRE_REFRESH has an empty payload. */
/* codec_features: the end binds the second proof to the connection. */
#define WIRE_FEATURE_BOUND (1U << 11)
/* codec_features: the end knows DPI. With it the client sends one at the session's beginning. */
#define WIRE_FEATURE_DPI (1U << 9)
#define WIRE_DPI_MIN     48
#define WIRE_DPI_MAX     960 /* ten times what a scale of 1 is */
struct wire_dpi {
	uint16_t dpi; /* 96 is a scale of 1; 0: it shows nothing, or does not know */
};

/* Which of a machine's two selections, and what of it; kinds as a set have the bit 1 << kind. */
enum wire_clipboard_selection {
	WIRE_CLIPBOARD_CLIPBOARD,
	WIRE_CLIPBOARD_PRIMARY,
	WIRE_CLIPBOARD_SELECTIONS,
};
enum wire_clipboard_kind {
	WIRE_CLIPBOARD_TEXT, /* UTF-8 */
	WIRE_CLIPBOARD_HTML, /* UTF-8 */
	WIRE_CLIPBOARD_PNG,
	WIRE_CLIPBOARD_RTF,
	WIRE_CLIPBOARD_KINDS,
	/* In the server's OFFER alone, with WIRE_FEATURE_LENDING: never asked for by ASK. */
	WIRE_CLIPBOARD_FILES = WIRE_CLIPBOARD_KINDS,
};
/* codec_features: the end knows these messages. Without it at both ends none is sent. */
#define WIRE_FEATURE_CLIPBOARD (1U << 6)

#define WIRE_CLIPBOARD_KINDS_ALL ((1U << WIRE_CLIPBOARD_KINDS) - 1)
#define WIRE_CLIPBOARD_OFFER_ALL (WIRE_CLIPBOARD_KINDS_ALL | 1U << WIRE_CLIPBOARD_FILES)
#define WIRE_CLIPBOARD_SECRET    0x01U /* flags: a password; no history is to be kept */
struct wire_clipboard_offer {
	uint32_t
		offer; /* the sender's number for it, not 0; it replaces the selection's last one */
	uint8_t selection;
	uint8_t kinds; /* not 0 */
	uint8_t flags;
	uint64_t
		origin; /* the end at which it was copied first, not 0; so that nothing goes round */
};
struct wire_clipboard_withdraw {
	uint32_t offer;
};
struct wire_clipboard_ask {
	uint32_t ask; /* the asking end's number, not 0 */
	uint32_t offer;
	uint8_t kind;
	uint32_t window_bytes; /* so much may be sent: 1 .. WIRE_CLIPBOARD_WINDOW_MAX_BYTES */
};
enum wire_clipboard_status {
	WIRE_CLIPBOARD_PART, /* these bytes, and others follow */
	WIRE_CLIPBOARD_END,  /* the last ones; all that follow are ends without bytes */
	WIRE_CLIPBOARD_REFUSED,
	WIRE_CLIPBOARD_TOO_LARGE,
	WIRE_CLIPBOARD_GONE,     /* the offer is not the newest one, or its owner vanished */
	WIRE_CLIPBOARD_LATE,     /* its owner did not answer */
	WIRE_CLIPBOARD_UNUSABLE, /* it is not what its kind says */
	WIRE_CLIPBOARD_STATUSES,
};
struct wire_clipboard_data {
	uint32_t ask;
	uint8_t status;
	const uint8_t *bytes; /* view: at most WIRE_CLIPBOARD_PART_MAX_BYTES */
	size_t len;
};
struct wire_clipboard_more {
	uint32_t ask;
	uint32_t window_bytes; /* beyond what was allowed before */
};
struct wire_clipboard_stop {
	uint32_t ask;
};

/* codec_features: the end knows these messages. Without it at both ends none is sent. */
#define WIRE_FEATURE_SOUND (1U << 8)
struct wire_sound_want {
	bool on;
};
struct wire_sound_start {  /* Opus, WIRE_SOUND_RATE_HZ */
	uint8_t channels;  /* 1 or 2 */
	uint32_t frame_us; /* how much one SOUND is: 2500, 5000, 10000, 20000, 40000 or 60000 */
};
struct wire_sound {
	uint32_t
		seq; /* counts up by one a frame, from 0 at START; one that is missing was dropped */
	uint32_t time_ms; /* the sender's clock when its last sample was there; only to measure */
	const uint8_t *packet; /* view: one packet of Opus */
	size_t len;            /* 1 .. WIRE_SOUND_PACKET_MAX_BYTES */
};
enum wire_sound_stop_reason {
	WIRE_SOUND_SILENT,      /* START comes when something sounds */
	WIRE_SOUND_NONE,        /* the session has no sound, for now */
	WIRE_SOUND_NOT_ALLOWED, /* to this device, or by the configuration */
	WIRE_SOUND_STOP_REASONS,
};
struct wire_sound_stop {
	uint8_t reason; /* enum wire_sound_stop_reason */
};

struct wire_enroll {
	const uint8_t *csr; /* view: DER */
	size_t csr_len;
	char label[WIRE_NAME_MAX_BYTES]; /* the laptop's host name: for the log */
};
struct wire_enrolled {
	const uint8_t *cert; /* view: DER of the device's certificate */
	size_t cert_len;
	const uint8_t *ca;
	size_t ca_len;
	char device[WIRE_NAME_MAX_BYTES];
	/* host name: the laptop calls it so unless it is told otherwise */
	char workstation[WIRE_NAME_MAX_BYTES];
};
struct wire_renew {
	const uint8_t *csr;
	size_t csr_len;
};
struct wire_renewed {
	const uint8_t *cert;
	size_t cert_len;
};

/* A decoded message. */
struct wire_message {
	enum wire_type type;
	union {
		struct wire_hello hello;
		struct wire_proof proof;
		struct wire_welcome welcome;
		struct wire_goodbye goodbye;
		struct wire_ping ping; /* PING, PONG */
		struct wire_caps caps;
		struct wire_clock clock;
		struct wire_screen screen;
		struct wire_frame frame;
		struct wire_frame_ack frame_ack;
		struct wire_cursor cursor;
		struct wire_cursor_move cursor_move;
		struct wire_cursor_again cursor_again;
		struct wire_leds leds;
		struct wire_checksum_ask checksum_ask;
		struct wire_checksum checksum;
		struct wire_stats stats;
		struct wire_key key;
		struct wire_text text;
		struct wire_pointer pointer;
		struct wire_button button;
		struct wire_wheel wheel;
		struct wire_pointer_by pointer_by;
		struct wire_release_all release_all;
		struct wire_view view;
		struct wire_dpi dpi;
		struct wire_clipboard_offer clipboard_offer;
		struct wire_clipboard_withdraw clipboard_withdraw;
		struct wire_clipboard_ask clipboard_ask;
		struct wire_clipboard_data clipboard_data;
		struct wire_clipboard_more clipboard_more;
		struct wire_clipboard_stop clipboard_stop;
		struct wire_sound_want sound_want;
		struct wire_sound_start sound_start;
		struct wire_sound sound;
		struct wire_sound_stop sound_stop;
		struct wire_file_open file_open; /* PUT, GET */
		struct wire_file_of file_of;     /* SFTP, OPENED, LAST */
		struct wire_file_total file_total;
		struct wire_file_entry file_entry;
		struct wire_file_data file_data; /* DATA, STREAM */
		struct wire_file_skip file_skip;
		struct wire_file_end file_end;
		struct wire_file_have file_have;
		struct wire_file_ack file_ack;
		struct wire_file_fault_of file_fault;
		struct wire_file_close file_close;
		struct wire_file_stop file_stop;
		struct wire_enroll enroll;
		struct wire_enrolled enrolled;
		struct wire_renew renew;
		struct wire_renewed renewed;
	};
};

/*
 * Decodes the payload that belongs to header, and checks the range of every value. 0; -EPROTO when
 * it is malformed or of an unknown type; 1 for an unknown type with WIRE_FLAG_OPTIONAL, which is to
 * be skipped.
 */
int wire_decode(const struct wire_header *header, const uint8_t *payload,
	struct wire_message *out) MUST_CHECK;

/* Writes header and payload to out. Returns the length, or -EINVAL when a value is out of its
 * range, which is our own bug. */
int wire_encode(
	const struct wire_message *message, uint8_t out[static WIRE_MESSAGE_MAX_BYTES]) MUST_CHECK;

/* A type's name, such as "KEY"; "?" for a type that is not known. Static. */
const char *wire_type_name(uint8_t type);

/*
 * What is wrong with a message that wire_header_decode (payload NULL, header as it came) or
 * wire_decode refused, for the log: "POINTER is malformed: x_px is out of range".
 */
#define WIRE_FAULT_TEXT_BYTES 96
void wire_explain(const struct wire_header *header, const uint8_t *payload,
	char out[static WIRE_FAULT_TEXT_BYTES]);

/* The phases of a connection, for the state machines of both ends: who may send what, and when. */
enum wire_phase {
	WIRE_PHASE_HELLO,  /* nothing but HELLO and GOODBYE */
	WIRE_PHASE_PROOF,  /* client: PROOF; server: WELCOME */
	WIRE_PHASE_OPEN,   /* the session */
	WIRE_PHASE_ENROLL, /* farseat-enroll/1: ENROLL, ENROLLED, GOODBYE only */
};
bool wire_allowed(uint8_t type, enum wire_phase phase, bool from_client);

/* The fields of WELCOME, one after the other; reading checks none of their ranges. */
void wire_welcome_write(struct wire_writer *w, const struct wire_welcome *m);
void wire_welcome_read(struct wire_reader *r, struct wire_welcome *m);

/* Whether a screen may have that size: 1 to WIRE_SIDE_MAX_PX a side, WIRE_AREA_MAX_PX in all. */
bool wire_screen_size_valid(uint32_t width_px, uint32_t height_px);

/* Whether a frame of sound may be so long (RFC 6716, section 2.1.4). */
bool wire_sound_frame_us_valid(uint32_t frame_us);

/* The serial of an input message (KEY to RELEASE_ALL); 0 for others. */
uint32_t wire_input_serial(const struct wire_message *m);

/* The capability that a client's message needs; 0 none. */
uint32_t wire_cap_needed(uint8_t type);
