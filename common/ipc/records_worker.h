/*
 * Records between the supervisor and a worker.
 *
 * supervisor -> worker: WORKER_CONFIG, then ADMIT_REPLY to each ADMIT_QUERY, KEPT to each KEEPER_ASK; GRANTED or DENIED to
 * PROOF; CERT or DENIED to ENROLL and RENEW; FILES to FILES_ASK; SOUND to SOUND_ASK; AGENT, SET_CAPS, STATS_ASK and END
 * at any time.
 * worker -> supervisor: PEER, ADMIT_QUERY, KEEPER_ASK, HANDSHAKE, PROOF, ENROLL, RENEW, FILES_ASK, SOUND_ASK, STATS,
 * CARRIED, LOG, ENDED.
 */
#pragma once

#include "common/ipc/records.h"

/* What is signed, or goes into a ticket and comes out of it: a certificate and the library's session. */
#define RECORD_KEPT_MAX_BYTES 12288

/* What may cross of the clipboard, beside the capabilities. */
struct record_clipboard_rules {
	uint8_t kinds;                            /* bits 1 << enum wire_clipboard_kind */
	uint32_t max_bytes[WIRE_CLIPBOARD_KINDS]; /* at most those of the protocol */
};

struct record_worker_config {
	uint32_t worker;
	char server_id[WIRE_NAME_MAX_BYTES];
	char peer[WIRE_NAME_MAX_BYTES]; /* address, for the log */
	uint8_t nonce[WIRE_NONCE_BYTES];
	struct record_blob chain[RECORD_CERTS_MAX]; /* DER: leaf, CA */
	size_t chain_len;
	struct record_blob trusted[RECORD_CERTS_MAX];
	size_t trusted_len;
	uint32_t ticket_lifetime_s; /* 0: no resumption */
	bool allow_tls12, allow_tls13;
	uint32_t codec_features;
	bool gateway; /* a PROXY header comes before TLS */
	struct record_clipboard_rules clipboard;
};

struct record_peer {
	uint8_t family;      /* 4, 6; 0: the gateway speaks for itself (a health check) */
	uint8_t address[16]; /* its first 4 bytes or all; the rest are zeros */
	uint16_t port;
};

struct record_admit_query {
	bool invitation; /* the certificate is an invitation's, by ALPN; else a device's */
	uint8_t fingerprint[WIRE_FINGERPRINT_BYTES];
};

struct record_admit_reply {
	uint8_t fault; /* enum crypto_fault; CRYPTO_OK (0) admits */
};

/* The server's key and those of its tickets are the supervisor's: what needs them is asked for. */
enum record_keeper_wish {
	RECORD_KEEPER_SIGN, /* bytes is a hash */
	RECORD_KEEPER_SEAL,
	RECORD_KEEPER_OPEN,
	RECORD_KEEPER_WISHES,
};

struct record_keeper_ask {
	uint8_t wish; /* enum record_keeper_wish */
	struct record_blob bytes;
};

struct record_kept {
	struct record_blob bytes; /* empty: it was refused */
};

struct record_proof {
	uint8_t fingerprint[WIRE_FINGERPRINT_BYTES];
	struct record_blob signature;
	bool bound; /* to the connection, by: */
	uint8_t binding[WIRE_BINDING_BYTES];
	char software[WIRE_NAME_MAX_BYTES];
};

struct record_granted {
	struct wire_welcome welcome;
};

struct record_enroll {
	uint8_t fingerprint[WIRE_FINGERPRINT_BYTES]; /* of the invitation's certificate */
	struct record_blob csr;
	char label[WIRE_NAME_MAX_BYTES];
	struct record_blob proof; /* signature by the invitation's key */
};

struct record_renew {
	struct record_blob csr;
};

/* The client wants to copy files: caps is what its order needs, of WIRE_CAP_FILES_IN and _OUT. */
struct record_files_ask {
	uint8_t transfer;
	bool sftp; /* it is FILE_SFTP */
	uint32_t caps;
};

/* fault WIRE_FILE_OK: with the channel to the farseat-files of this transfer; else without. */
struct record_files {
	uint8_t transfer;
	uint8_t fault; /* enum wire_file_fault */
};

/* WIRE_SOUND_SILENT: with the channel to the session's farseat-sound; else without. */
struct record_sound {
	uint8_t reason; /* enum wire_sound_stop_reason */
};

struct record_cert {
	struct record_blob cert, ca;
	char device[WIRE_NAME_MAX_BYTES];
	char workstation[WIRE_NAME_MAX_BYTES];
};

struct record_handshake {
	uint8_t fault; /* enum crypto_fault; CRYPTO_OK (0): it is done */
	char detail[RECORD_DETAIL_MAX_BYTES - 1];
	char version[32], suite[64], alpn[32];
	bool resumed;
	uint8_t fingerprint[WIRE_FINGERPRINT_BYTES]; /* zeros: unknown */
	uint32_t took_us;
};

/* By what a picture was coded: the places of struct record_stats. */
enum record_section {
	RECORD_SECTION_COPY,
	RECORD_SECTION_CACHE,
	RECORD_SECTION_CTX,
	RECORD_SECTION_MEDZ,
	RECORD_SECTION_VIDEO,
	RECORD_SECTION_OTHER,
	RECORD_SECTIONS,
};
extern const char *const record_section_names[RECORD_SECTIONS]; /* "copy" */

/* Of a worker, since its start. */
struct record_stats {
	uint64_t bytes_in, bytes_out, frames, picture_bytes;
	uint32_t rtt_us, base_rtt_us, link_bytes_per_ms, encode_us_p50, queue_bytes, input_events;
	bool exact;
	uint64_t pixels[RECORD_SECTIONS], bytes[RECORD_SECTIONS];
};

/* Of the clipboard: never what, only how much. */
struct record_carried {
	bool out;          /* from this workstation */
	uint8_t selection; /* enum wire_clipboard_selection */
	uint8_t kind;      /* enum wire_clipboard_kind */
	uint8_t status;    /* enum wire_clipboard_status; WIRE_CLIPBOARD_PART: it was stopped */
	uint64_t bytes;
};

struct worker_record {
	enum record_type type;
	union {
		struct record_worker_config worker_config;
		struct record_admit_query admit_query;
		struct record_admit_reply admit_reply;
		struct record_keeper_ask keeper_ask;
		struct record_kept kept;
		struct record_proof proof;
		struct record_granted granted;
		struct record_end denied, end, ended;
		struct record_set_caps set_caps;
		struct record_enroll enroll;
		struct record_renew renew;
		struct record_files_ask files_ask;
		struct record_files files;
		struct record_sound sound;
		struct record_cert cert;
		struct record_handshake handshake;
		struct record_stats stats;
		struct record_peer peer;
		struct record_carried carried;
		struct record_log log;
	};
};

extern const struct record_set worker_records;

/* As record_send and record_receive. */
static inline MUST_CHECK int worker_record_send(
	struct ipc_channel *c, const struct worker_record *record, int fd)
{
	return record_send(c, &worker_records, record, fd);
}

static inline MUST_CHECK int worker_record_receive(
	struct ipc_channel *c, struct worker_record *out, int *fd)
{
	return record_receive(c, &worker_records, out, fd);
}
