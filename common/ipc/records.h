/*
 * The records between our own processes (ARCHITECTURE.md, D-RECORDS): what all ipc channels share.
 * Each channel has a set of records of its own: a struct with a union, and a coder for each record
 * (records_<channel>.h). A record of another channel is refused like an unknown one.
 *
 * Records are plain structs, written and read like network bytes, by the same bounded writer and
 * reader. Views point into the packet and live until the channel's next receive.
 *
 * What a client or server would have sent over the network crosses inside as the same wire message
 * (RECORD_WIRE): wire_decode decodes and checks it again on the other side.
 */
#pragma once

#include "common/ipc/channel.h"
#include "common/wire/messages.h"

/* One number for each record of all channels: the first byte of a packet. */
enum record_type {
	/* supervisor -> worker (records_worker.h) */
	RECORD_WORKER_CONFIG = 1,
	RECORD_ADMIT_REPLY = 2,
	RECORD_GRANTED = 3, /* with the agent's channel */
	RECORD_DENIED = 4,
	RECORD_SET_CAPS = 5, /* also supervisor -> agent */
	RECORD_END = 6,      /* also supervisor -> agent: say goodbye and exit */
	RECORD_CERT = 7,     /* the answer to ENROLL and RENEW */
	RECORD_AGENT = 8,    /* a new agent's channel: the old one is gone */
	RECORD_STATS_ASK = 9,
	RECORD_FILES = 10, /* the answer to FILES_ASK, perhaps with a channel */
	RECORD_KEPT = 11,  /* the answer to KEEPER_ASK */
	RECORD_SOUND = 12, /* the answer to SOUND_ASK, perhaps with a channel */

	/* worker -> supervisor */
	RECORD_ADMIT_QUERY = 16,
	RECORD_PROOF = 17,
	RECORD_ENROLL = 18,
	RECORD_RENEW = 19,
	RECORD_HANDSHAKE = 20, /* how the handshake went */
	RECORD_ENDED = 21,     /* why the connection ends; then the worker exits */
	RECORD_STATS = 22,
	RECORD_PEER = 23,       /* whom a gateway speaks for */
	RECORD_CARRIED = 26,    /* contents of the clipboard have crossed */
	RECORD_KEEPER_ASK = 27, /* what needs a secret of the server */

	/* any child -> its parent */
	RECORD_LOG = 24,

	/* worker -> supervisor */
	RECORD_FILES_ASK = 25, /* for a farseat-files */
	RECORD_SOUND_ASK = 28, /* for a farseat-sound */

	/* supervisor -> agent (records_agent.h) */
	RECORD_AGENT_CONFIG = 32,
	RECORD_ATTACH = 33, /* with a worker's channel */
	RECORD_DETACH = 34,
	RECORD_AGENT_FILES = 35, /* for the session's clipboard */
	RECORD_AGENT_COPIED_ASK = 36,

	/* agent -> supervisor */
	RECORD_AGENT_READY = 40,
	RECORD_AGENT_FAILED =
		41, /* it cannot capture, or the session ended; then the agent exits */
	RECORD_VIOLATION = 42,
	RECORD_AGENT_COPIED = 43, /* the answer to AGENT_COPIED_ASK */

	/* supervisor -> signer, and back (records_signer.h) */
	RECORD_SIGN = 48,
	RECORD_SIGNED = 49,

	/* agent -> worker (records_view.h) */
	RECORD_FRAMEBUFFER = 64, /* with the memory */
	RECORD_FRAME_READY = 65,
	RECORD_LOOKED = 68,
	RECORD_CURSOR = 66, /* with the memory, see struct record_cursor */

	/* worker -> agent */
	RECORD_FRAME_REQUEST = 72,
	RECORD_FRAME_TAKEN = 73,
	RECORD_LOOK = 74,

	/* UI -> link (records_link.h) */
	RECORD_LINK_CONFIG = 80,
	RECORD_PIXELS = 81, /* with memory to draw into: the answer to SCREEN */
	RECORD_PRESENTED = 82,
	RECORD_LINK_CHECK = 83, /* the network changed: does the other end still hear us? */
	RECORD_LINK_WAY = 84,   /* before LINK_CONFIG, where the way is not a direct one */
	RECORD_LINK_FILES = 85, /* with the channel of a farseat-files: a transfer begins */
	RECORD_LINK_SOUND = 86, /* with the ring that decoded sound is put into */

	/* link -> UI */
	RECORD_LINK_STATE = 96,
	RECORD_LINK_STEP = 97,   /* also tunnel -> parent */
	RECORD_LINK_FAILED = 98, /* then the link exits */
	RECORD_UPDATE = 99,
	RECORD_LINK_CURSOR = 100, /* with the memory, as CURSOR */
	RECORD_TICKET = 101,
	RECORD_CHAIN = 102,
	RECORD_LINK_CHECKSUM = 103,
	RECORD_LINK_STATS = 104,
	RECORD_LINK_UNSENT = 105, /* what was copied on the laptop could not go out */

	/* UI and link, agent and worker, both ways */
	RECORD_WIRE = 112,

	/* parent -> tunnel (records_tunnel.h) */
	RECORD_TUNNEL_CONFIG = 120, /* CONNECT and RUN: with the stream's end */
	RECORD_TUNNEL_ANSWER = 121,

	/* tunnel -> parent */
	RECORD_TUNNEL_QUESTION = 124,
	RECORD_TUNNEL_OPEN = 125,     /* authenticated, and the other end agreed */
	RECORD_TUNNEL_FAILED = 126,   /* then the tunnel exits */
	RECORD_TUNNEL_EXITED = 127,   /* RUN: the command has ended; then the tunnel exits */
	RECORD_TUNNEL_ACCEPTED = 128, /* LISTEN: with the stream of a connection */

	/* parent -> files (records_files.h) */
	RECORD_FILES_CONFIG = 136,
	RECORD_FILES_PLACE = 137, /* with a source or a folder */
	RECORD_FILES_GO = 138,
	RECORD_FILES_CANCEL = 139, /* the person wants no more of it */

	/* files -> parent */
	RECORD_FILES_PROGRESS = 140,
	RECORD_FILES_FAULT = 141,
	RECORD_FILES_RESULT = 142,     /* then it exits */
	RECORD_FILES_ENTRY = 143,      /* LIST: one name */
	RECORD_FILES_MADE = 148,       /* SERVE: what is to be in the session's clipboard */
	RECORD_FILES_COPIED_ASK = 149, /* SERVE: what files are copied in the session? */
	RECORD_FILES_COPIED = 150,     /* parent -> files: the answer */

	/* supervisor -> sound (records_sound.h) */
	RECORD_SOUND_CONFIG = 144,

	/* worker -> sound */
	RECORD_SOUND_QUALITY = 145,
};

#define RECORD_CERTS_MAX 4 /* in a chain, or CAs */
/* Of files that are put into a clipboard: a record has at most IPC_PACKET_MAX_BYTES, a blob 65535. */
#define RECORD_URIS_MAX_BYTES   60000
#define RECORD_KEY_MAX_BYTES    512
#define RECORD_RECTS_MAX        64
#define RECORD_PATH_MAX_BYTES   256
#define RECORD_LINE_MAX_BYTES   1024
#define RECORD_DETAIL_MAX_BYTES 256

/* ---- fields and records that several channels have ---- */

struct record_blob {
	const uint8_t *bytes; /* view; borrowed when encoding */
	size_t len;
};

struct record_rect {
	uint16_t x_px, y_px, width_px, height_px;
};

struct record_wire {
	struct record_blob message; /* header and payload, whole */
};

struct record_log {
	uint8_t level;
	/* Clean text of up to RECORD_LINE_MAX_BYTES - 1 bytes; not terminated. */
	struct record_blob line;
};

struct record_set_caps {
	uint32_t worker;
	uint32_t caps;
};

/* DENIED, END, ENDED */
struct record_end {
	uint16_t code; /* enum wire_goodbye_code */
	char reason[RECORD_DETAIL_MAX_BYTES - 1];
};

struct record_link_step {
	char step[64];
	uint32_t at_us;
	char detail[RECORD_DETAIL_MAX_BYTES - 1];
};

/* CURSOR, LINK_CURSOR: width * height * 4 bytes of premultiplied BGRA; 0 x 0 without memory. */
struct record_cursor {
	uint16_t width_px, height_px; /* <= WIRE_CURSOR_SIDE_MAX_PX */
	uint16_t hot_x_px, hot_y_px;
};

/* ---- sets ---- */

struct record_coder; /* record_coders.h */

/* The records of one channel. Its struct begins with an enum record_type; a union follows. */
struct record_set {
	const struct record_coder *coders;
	size_t coder_count;
	size_t record_bytes; /* size of the struct */
	size_t body_offset;  /* where the union stands in it */
};

bool record_is_of(const struct record_set *set, unsigned type);

/* The functions below take a set and a struct of that set. Each records_<channel>.h has a typed
 * pair of record_send and record_receive. */

/* Decodes a packet; every value is range-checked. The type and that record's body are written, no
 * more of *out. -EPROTO: malformed, or a record of another set. */
int record_decode(
	const struct record_set *set, const uint8_t *packet, size_t len, void *out) MUST_CHECK;

/* Encodes to out of IPC_PACKET_MAX_BYTES; the length, or -EINVAL. */
int record_encode(const struct record_set *set, const void *record,
	uint8_t out[static IPC_PACKET_MAX_BYTES]) MUST_CHECK;

/* Encodes and sends. fd and errors as ipc_send. A packet that held secrets is wiped. */
int record_send(
	struct ipc_channel *c, const struct record_set *set, const void *record, int fd) MUST_CHECK;

/* Receives and decodes: 1, -EAGAIN, -EPIPE, -EPROTO; *fd as ipc_receive (closed on -EPROTO). */
int record_receive(
	struct ipc_channel *c, const struct record_set *set, void *out, int *fd) MUST_CHECK;

/* Sends a wire message as RECORD_WIRE, on a channel whose set has that. */
int record_send_wire(struct ipc_channel *c, const struct wire_message *message) MUST_CHECK;

/* Decodes the message inside a RECORD_WIRE. 0, -EPROTO (optional unknown ones too). */
int record_wire_message(const struct record_wire *in, struct wire_message *out) MUST_CHECK;

/* "GRANTED"; "?" where no record has that number. */
const char *record_type_name(uint8_t type);
