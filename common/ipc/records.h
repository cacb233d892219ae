/*
 * The records between our own processes (design.md, section 2): plain structs, one encoder and
 * decoder for each, read with the same bounded reader as network bytes. Views point into the packet
 * and live until the channel's next receive.
 *
 * What a client or server would have sent over the network crosses inside as the same wire message
 * (RECORD_WIRE): it is decoded and checked again by wire_decode on the other side.
 */
#pragma once

#include "common/ipc/channel.h"
#include "common/wire/messages.h"

enum record_type {
	/* supervisor -> worker */
	RECORD_WORKER_CONFIG = 1,
	RECORD_ADMIT_REPLY = 2,
	RECORD_GRANTED = 3, /* with the agent's channel */
	RECORD_DENIED = 4,
	RECORD_SET_CAPS = 5, /* also supervisor -> agent */
	RECORD_END = 6,      /* say goodbye and exit */
	RECORD_CERT = 7,     /* answer to ENROLL and RENEW */
	RECORD_AGENT = 8,    /* a new agent's channel: the old one is gone */
	RECORD_STATS_ASK = 9,

	/* worker -> supervisor */
	RECORD_ADMIT_QUERY = 16,
	RECORD_PROOF = 17,
	RECORD_ENROLL = 18,
	RECORD_RENEW = 19,
	RECORD_HANDSHAKE = 20, /* how the handshake went */
	RECORD_ENDED = 21,     /* why the connection ends; then the worker exits */
	RECORD_STATS = 22,
	RECORD_PEER = 23, /* whom a gateway speaks for */

	/* any child -> supervisor, link -> UI */
	RECORD_LOG = 24,

	/* supervisor -> agent */
	RECORD_AGENT_CONFIG = 32,
	RECORD_ATTACH = 33, /* with a worker's channel */
	RECORD_DETACH = 34,

	/* agent -> supervisor */
	RECORD_AGENT_READY = 40,
	RECORD_AGENT_FAILED = 41, /* cannot capture, or the session ended; then the agent exits */
	RECORD_VIOLATION = 42,

	/* supervisor -> signer, and back */
	RECORD_SIGN = 48,
	RECORD_SIGNED = 49,

	/* agent -> worker */
	RECORD_FRAMEBUFFER = 64, /* with the memory */
	RECORD_FRAME_READY = 65,
	RECORD_CURSOR =
		66, /* with memory: width * height * 4 bytes, premultiplied BGRA; 0 x 0 without */
	/* also WIRE: CURSOR_MOVE, LEDS, GOODBYE */

	/* worker -> agent */
	RECORD_FRAME_REQUEST = 72,
	RECORD_FRAME_TAKEN = 73,
	/* also WIRE: KEY .. VIEW */

	/* UI -> link */
	RECORD_LINK_CONFIG = 80,
	RECORD_PIXELS = 81, /* with memory to draw into: answer to SCREEN */
	RECORD_PRESENTED = 82,
	RECORD_LINK_CHECK = 83, /* the network changed: does the other end still hear us? */
	RECORD_LINK_WAY = 84,   /* before LINK_CONFIG, where the way is not a direct one */
	/* also WIRE: input, VIEW, REFRESH, CHECKSUM_ASK, GOODBYE, RENEW */

	/* link -> UI */
	RECORD_LINK_STATE = 96,
	RECORD_LINK_STEP = 97,
	RECORD_LINK_FAILED = 98, /* then the link exits */
	RECORD_UPDATE = 99,
	RECORD_LINK_CURSOR = 100, /* with memory, as CURSOR */
	RECORD_TICKET = 101,
	RECORD_CHAIN = 102,
	RECORD_LINK_CHECKSUM = 103,
	RECORD_LINK_STATS = 104,
	/* also WIRE: WELCOME, SCREEN, CAPS, LEDS, CURSOR_MOVE, GOODBYE, ENROLLED, RENEWED, STATS */

	RECORD_WIRE = 112,

	/* parent (UI, supervisor, farseatctl) -> tunnel */
	RECORD_TUNNEL_CONFIG = 120, /* CONNECT and RUN: with the stream's end */
	RECORD_TUNNEL_ANSWER = 121,

	/* tunnel -> parent; also LOG, LINK_STEP */
	RECORD_TUNNEL_QUESTION = 124,
	RECORD_TUNNEL_OPEN = 125,     /* authenticated, and the other end agreed */
	RECORD_TUNNEL_FAILED = 126,   /* then the tunnel exits */
	RECORD_TUNNEL_EXITED = 127,   /* RUN: the command has ended; then the tunnel exits */
	RECORD_TUNNEL_ACCEPTED = 128, /* LISTEN: with the stream of a connection */
};

#define RECORD_CERTS_MAX         4  /* in a chain, or CAs */
#define RECORD_INVITATIONS_MAX   64 /* pending at once */
#define RECORD_TICKET_KEY_BYTES  48
#define RECORD_KEY_MAX_BYTES     512
#define RECORD_SESSION_MAX_BYTES 8192
#define RECORD_RECTS_MAX         64
#define RECORD_PATH_MAX_BYTES    256
#define RECORD_LINE_MAX_BYTES    1024
#define RECORD_DETAIL_MAX_BYTES  256
#define RECORD_IDENTITIES_MAX    8 /* key files that a tunnel tries; ssh has six by default */
#define RECORD_KNOWN_HOSTS_MAX   4 /* two of the person, two of the system */
#define RECORD_PROMPTS_MAX       4 /* in one question of a SSH server */
#define RECORD_ANSWER_MAX_BYTES  256

struct record_blob {
	const uint8_t *bytes; /* view; borrowed when encoding */
	size_t len;
};

struct record_worker_config {
	uint32_t worker;
	char server_id[WIRE_NAME_MAX_BYTES];
	char peer[WIRE_NAME_MAX_BYTES]; /* address, for the log */
	uint8_t nonce[WIRE_NONCE_BYTES];
	struct record_blob chain[RECORD_CERTS_MAX]; /* DER: leaf, CA */
	size_t chain_len;
	struct record_blob key; /* DER; secret */
	struct record_blob trusted[RECORD_CERTS_MAX];
	size_t trusted_len;
	struct record_blob invitations[RECORD_INVITATIONS_MAX]; /* certificates of pending ones */
	size_t invitations_len;
	uint8_t ticket_keys[2][RECORD_TICKET_KEY_BYTES];
	uint32_t ticket_lifetime_s; /* 0: no resumption */
	bool allow_tls12, allow_tls13;
	uint32_t codec_features;
	bool gateway; /* a PROXY header comes before TLS */
};
struct record_peer {
	uint8_t family;      /* 4, 6; 0: the gateway itself */
	uint8_t address[16]; /* 4 or 16 bytes of it, zeros behind */
	uint16_t port;
};
struct record_admit_query {
	bool invitation; /* by ALPN: device, or invitation */
	uint8_t fingerprint[WIRE_FINGERPRINT_BYTES];
};
struct record_admit_reply {
	uint8_t fault; /* enum crypto_fault as number; 0 admits */
};
struct record_proof {
	uint8_t fingerprint[WIRE_FINGERPRINT_BYTES];
	struct record_blob signature;
	char software[WIRE_NAME_MAX_BYTES];
};
struct record_granted { /* everything of WELCOME; and which worker is spoken of when it goes to the
			   agent */
	struct wire_welcome welcome;
};
struct record_denied {
	uint16_t code; /* enum wire_goodbye_code */
	char reason[RECORD_DETAIL_MAX_BYTES - 1];
};
struct record_set_caps {
	uint32_t worker;
	uint32_t caps;
};
struct record_end {
	uint16_t code;
	char reason[RECORD_DETAIL_MAX_BYTES - 1];
};
struct record_enroll {
	uint8_t fingerprint[WIRE_FINGERPRINT_BYTES]; /* of the invitation's certificate */
	struct record_blob csr;
	char label[WIRE_NAME_MAX_BYTES];
};
struct record_renew {
	struct record_blob csr;
};
struct record_cert {
	struct record_blob cert, ca;
	char device[WIRE_NAME_MAX_BYTES];
	char workstation[WIRE_NAME_MAX_BYTES];
};
struct record_handshake {
	uint8_t fault; /* enum crypto_fault; 0 done */
	char detail[RECORD_DETAIL_MAX_BYTES - 1];
	char version[32], suite[64], alpn[32];
	bool resumed;
	uint8_t fingerprint[WIRE_FINGERPRINT_BYTES]; /* zeros unknown */
	uint32_t took_us;
};
struct record_ended {
	uint16_t code; /* enum wire_goodbye_code */
	char reason[RECORD_DETAIL_MAX_BYTES - 1];
};
struct record_stats { /* of a worker, since its start */
	uint64_t bytes_in, bytes_out, frames, picture_bytes;
	uint32_t rtt_us, base_rtt_us, link_bytes_per_ms, encode_us_p50, queue_bytes, input_events;
	bool exact;
	uint64_t pixels[6], bytes[6]; /* copy, cache, ctx, medz, video, other */
};
struct record_log {
	uint8_t level;
	char line[RECORD_LINE_MAX_BYTES];
};

struct record_agent_config {
	bool virtual_session;
	char display[64]; /* ":0" to attach to; empty for a virtual one: it finds a free one */
	char xauthority[RECORD_PATH_MAX_BYTES - 1]; /* may be empty */
	uint16_t width_px, height_px;               /* of a virtual one */
	char command[RECORD_PATH_MAX_BYTES -
		     1]; /* session command of a virtual one; empty: the desktop's own */
	char runtime_dir[RECORD_PATH_MAX_BYTES - 1]; /* where it may keep an Xauthority file */
};
struct record_agent_ready {
	char display[64];
	uint16_t width_px, height_px;
	bool resizable;
};
struct record_agent_failed {
	char reason[RECORD_DETAIL_MAX_BYTES - 1];
};
struct record_attach {
	uint32_t worker;
	uint32_t caps;
};
struct record_detach {
	uint32_t worker;
};
struct record_violation {
	uint32_t worker;
	uint8_t wire_type; /* what it sent without the capability */
};

enum record_sign_kind { RECORD_SIGN_ENROLL = 0, RECORD_SIGN_RENEW = 1 };
struct record_sign {
	uint32_t request; /* echoed */
	uint8_t kind;
	uint8_t fingerprint[WIRE_FINGERPRINT_BYTES]; /* of the invitation (ENROLL) or of the
							device's present certificate (RENEW) */
	struct record_blob csr;
	char label[WIRE_NAME_MAX_BYTES];
};
struct record_signed {
	uint32_t request;
	uint16_t code; /* 0, or why not: enum wire_goodbye_code */
	char reason[RECORD_DETAIL_MAX_BYTES - 1];
	struct record_blob cert, ca;
	char device[WIRE_NAME_MAX_BYTES];
};

struct record_rect {
	uint16_t x_px, y_px, width_px, height_px;
};
struct record_framebuffer { /* stride = width_px * 4, BGRX */
	uint32_t generation;
	uint16_t width_px, height_px;
	bool resizable;
};
struct record_frame_ready {
	uint32_t generation;
	uint32_t input_serial; /* newest input of this worker applied before the capture */
	uint64_t captured_ns;  /* CLOCK_MONOTONIC */
	struct record_rect rects[RECORD_RECTS_MAX];
	size_t rect_count; /* 1 .. */
};
struct record_cursor {
	uint16_t width_px, height_px; /* <= WIRE_CURSOR_SIDE_MAX_PX */
	uint16_t hot_x_px, hot_y_px;
};
/* FRAME_REQUEST, FRAME_TAKEN and STATS_ASK are empty. */

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
	uint32_t patience_ms; /* that may pass, beyond a direct way's, before anything answers */
	uint8_t proxy_kind;   /* the transport ends at such a proxy, which is to be asked first */
	char host[RECORD_HOST_MAX_BYTES]; /* of the workstation, for the proxy; and port */
	uint16_t port;
	char proxy_user[RECORD_PROXY_TEXT_MAX_BYTES];     /* "" none */
	char proxy_password[RECORD_PROXY_TEXT_MAX_BYTES]; /* secret */
};
struct record_pixels { /* the memory has stride_bytes * height_px bytes */
	uint32_t generation;
	uint32_t stride_bytes;
};
struct record_presented {
	uint32_t frame;
	uint32_t present_us; /* from UPDATE received to pixels given to the window system */
};
struct record_link_check {
	bool went; /* the address that the connection stands on is gone */
};
enum record_link_phase {
	RECORD_LINK_HANDSHAKE = 0,
	RECORD_LINK_PROVING = 1, /* TLS done, HELLO sent */
	RECORD_LINK_OPEN = 2,
	RECORD_LINK_SILENT = 3, /* nothing heard for a while; back to OPEN when something is */
};
struct record_link_state {
	uint8_t phase;
	char version[32], suite[64]; /* once known */
	bool resumed;
	uint32_t silent_ms;
};
struct record_link_step {
	char step[64];
	uint32_t at_us;
	char detail[RECORD_DETAIL_MAX_BYTES - 1];
};
struct record_link_failed {
	uint8_t fault; /* enum crypto_fault, 0: not a matter of TLS */
	uint16_t code; /* enum wire_goodbye_code of the other end, 0 none */
	bool retry;    /* worth another try by itself: the link broke, nobody refused */
	bool renews;   /* nothing broke: a new connection is due, for new keys */
	char reason[RECORD_DETAIL_MAX_BYTES - 1]; /* a sentence */
};
struct record_update {
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
struct record_link_checksum { /* both ends' */
	uint32_t id;
	uint64_t local, remote;
	bool settled;
};
struct record_link_stats { /* once a second while open */
	uint64_t bytes_in, bytes_out, frames;
	uint32_t rtt_us, decode_us_p50, decode_us_p95;
	uint64_t picture_bytes;
	/* The kernel's figures of the way (common/base/net_path.h); 0 where it is no TCP
	 * connection. */
	uint32_t path_rtt_us, path_sent, path_again, path_got, path_out_of_order;
};
struct record_wire {
	struct record_blob message; /* header and payload, whole */
};

enum record_tunnel_mode {
	RECORD_TUNNEL_CONNECT = 0, /* direct-tcpip to target, pumped to and from the stream */
	RECORD_TUNNEL_RUN = 1,     /* command there, its input and output on the stream */
	RECORD_TUNNEL_LISTEN = 2,  /* remote forward: each connection is a stream of its own */
};
struct record_tunnel_config {
	uint8_t mode;
	bool dial; /* no transport was given (descriptor 4): connect to address and port */
	bool ask;  /* questions may be asked; else what would need one is refused */
	bool identities_only; /* of the agent's keys, only those that identities name */
	char host[256];       /* as known_hosts calls it */
	char address[256];    /* of DIAL: name or number */
	uint16_t port;
	char user[64];
	char target[256]; /* CONNECT: host as the SSH server sees it; LISTEN: where it listens */
	uint16_t target_port;
	char command[256];                 /* RUN */
	char agent[RECORD_PATH_MAX_BYTES]; /* its socket; empty: none */
	char identities[RECORD_IDENTITIES_MAX][RECORD_PATH_MAX_BYTES];
	size_t identity_count;
	char known_hosts[RECORD_KNOWN_HOSTS_MAX][RECORD_PATH_MAX_BYTES];
	size_t known_hosts_count;
};
enum record_tunnel_question_kind {
	RECORD_ASK_HOST_KEY = 0,   /* the answer's first text is "yes", or it is not given */
	RECORD_ASK_PASSPHRASE = 1, /* of the file that about names */
	RECORD_ASK_PASSWORD = 2,
	RECORD_ASK_SERVER = 3, /* keyboard-interactive: the words are the SSH server's */
};
struct record_prompt {
	char text[256];
	bool echo;
};
struct record_tunnel_question {
	uint8_t kind;
	char about[256];       /* host, file, or the server's own heading */
	char instruction[256]; /* of the server */
	struct record_prompt prompts[RECORD_PROMPTS_MAX];
	size_t prompt_count;
	/* HOST_KEY: for known_hosts, and to be shown */
	char key_type[64];
	char key[RECORD_LINE_MAX_BYTES]; /* base64 */
	char fingerprint[64];            /* SHA256:... */
};
struct record_tunnel_answer { /* secret */
	bool given;
	char texts[RECORD_PROMPTS_MAX][RECORD_ANSWER_MAX_BYTES];
	size_t count;
};
struct record_tunnel_open {
	char fingerprint[64]; /* of the SSH server's key */
	char method[32];      /* how we authenticated */
	char suite[128];      /* key exchange and cipher */
	uint16_t port;        /* LISTEN: where it listens */
};
enum record_tunnel_fault {
	RECORD_TUNNEL_NETWORK = 1,      /* no connection, or it was lost */
	RECORD_TUNNEL_HOST_UNKNOWN = 2, /* not in known_hosts, and nobody said yes */
	RECORD_TUNNEL_HOST_CHANGED = 3,
	RECORD_TUNNEL_HOST_REVOKED = 4,
	RECORD_TUNNEL_AUTH = 5,     /* the SSH server does not let us in */
	RECORD_TUNNEL_TARGET = 6,   /* it does, but not to the target */
	RECORD_TUNNEL_PROTOCOL = 7, /* the two cannot talk */
	RECORD_TUNNEL_INTERNAL = 8,
	RECORD_TUNNEL_FORBIDDEN = 9, /* it does, but its rules forbid to forward there */
};
struct record_tunnel_failed {
	uint8_t fault;
	bool retry; /* worth another try by itself */
	char reason[RECORD_DETAIL_MAX_BYTES - 1];
};
struct record_tunnel_exited {
	uint8_t status;
	char talk[RECORD_LINE_MAX_BYTES]; /* the last of its standard error, escaped */
};
/* TUNNEL_ACCEPTED is empty. */

struct record {
	enum record_type type;
	union {
		struct record_worker_config worker_config;
		struct record_admit_query admit_query;
		struct record_admit_reply admit_reply;
		struct record_proof proof;
		struct record_granted granted;
		struct record_denied denied;
		struct record_set_caps set_caps;
		struct record_end end;
		struct record_enroll enroll;
		struct record_renew renew;
		struct record_cert cert;
		struct record_handshake handshake;
		struct record_ended ended;
		struct record_stats stats;
		struct record_peer peer;
		struct record_log log;
		struct record_agent_config agent_config;
		struct record_agent_ready agent_ready;
		struct record_agent_failed agent_failed;
		struct record_attach attach;
		struct record_detach detach;
		struct record_violation violation;
		struct record_sign sign;
		struct record_signed signed_reply;
		struct record_framebuffer framebuffer;
		struct record_frame_ready frame_ready;
		struct record_cursor cursor; /* CURSOR, LINK_CURSOR */
		struct record_link_config link_config;
		struct record_link_way link_way;
		struct record_pixels pixels;
		struct record_presented presented;
		struct record_link_check link_check;
		struct record_link_state link_state;
		struct record_link_step link_step;
		struct record_link_failed link_failed;
		struct record_update update;
		struct record_ticket ticket;
		struct record_chain chain;
		struct record_link_checksum link_checksum;
		struct record_link_stats link_stats;
		struct record_wire wire;
		struct record_tunnel_config tunnel_config;
		struct record_tunnel_question tunnel_question;
		struct record_tunnel_answer tunnel_answer;
		struct record_tunnel_open tunnel_open;
		struct record_tunnel_failed tunnel_failed;
		struct record_tunnel_exited tunnel_exited;
	};
};

/* Decodes a packet; every value is range-checked. -EPROTO. */
int record_decode(const uint8_t *packet, size_t len, struct record *out) MUST_CHECK;

/* Encodes to out of IPC_PACKET_MAX_BYTES; the length, or -EINVAL. */
int record_encode(const struct record *record, uint8_t out[static IPC_PACKET_MAX_BYTES]) MUST_CHECK;

/* Encodes and sends. fd as ipc_send. A packet that held secrets is wiped. */
int record_send(struct ipc_channel *c, const struct record *record, int fd) MUST_CHECK;

/* Wraps a wire message as RECORD_WIRE and sends it. */
int record_send_wire(struct ipc_channel *c, const struct wire_message *message) MUST_CHECK;

/* Receives and decodes: 1, -EAGAIN, -EPIPE, -EPROTO; *fd as ipc_receive (closed on -EPROTO). */
int record_receive(struct ipc_channel *c, struct record *out, int *fd) MUST_CHECK;

/* Decodes the message inside a RECORD_WIRE. 0, -EPROTO (optional unknown ones too). */
int record_wire_message(const struct record_wire *in, struct wire_message *out) MUST_CHECK;

const char *record_type_name(uint8_t type);
