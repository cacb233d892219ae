/*
 * A bench for farseat-worker and farseat-link as they are: the test is the supervisor and the agent
 * of the one and the UI of the other, and what stands between them. One thread; rig_run turns until
 * a condition holds or time is over.
 */
#pragma once

#include "common/crypto/cert.h"
#include "common/crypto/tls.h"
#include "common/ipc/memory.h"
#include "common/ipc/records_link.h"
#include "common/ipc/records_view.h"
#include "common/ipc/records_worker.h"

#include <sys/types.h>

#define RIG_SERVER_ID "office-7"
#define RIG_WIRE_LOG  64

/* A CA with a server and a device. */
struct rig_identity {
	struct crypto_key *ca_key, *server_key, *device_key;
	struct crypto_der ca, server, device;
	uint8_t server_key_der[CRYPTO_KEY_DER_MAX_BYTES], device_key_der[CRYPTO_KEY_DER_MAX_BYTES];
	size_t server_key_len, device_key_len;
	uint8_t device_fingerprint[CRYPTO_FINGERPRINT_BYTES];
	uint8_t device_spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	size_t device_spki_len;
};
void rig_identity_create(struct rig_identity *id);
void rig_identity_destroy(struct rig_identity *id);

/* A connected pair of TCP sockets on loopback. */
void rig_tcp_pair(int fds[static 2]);

/* What the programs are: paths of the two binaries. */
struct rig_programs {
	const char *worker, *link;
};

/* Bytes on their way; direction 0: from the client. Returns how many to pass on (may change them);
 * 0 keeps the connection but drops. */
typedef size_t (*rig_wire_fn)(void *user, int direction, uint8_t *bytes, size_t len);

struct rig {
	const struct rig_programs *programs;
	const struct rig_identity *id;

	/* farseat-worker, its supervisor and its agent */
	pid_t worker_pid; /* 0 none */
	struct ipc_channel supervisor, agent;
	uint8_t nonce[WIRE_NONCE_BYTES];
	enum crypto_fault admit_fault; /* what the supervisor answers */
	bool admit_silent, deny, only_tls12;
	bool unbound;                        /* the worker is from before the bound proof */
	const struct crypto_der *invitation; /* borrowed: pending; NULL none */
	uint32_t caps;
	uint16_t width_px, height_px;
	struct ipc_memory framebuffer;
	uint32_t framebuffer_generation;
	bool requested, holding; /* holding: as the real agent, no more until FRAME_TAKEN */
	struct record_frame_ready damage; /* waits for a request */
	uint64_t ready_us;                /* when FRAME_READY went out last */
	unsigned ready_count, admit_count;
	uint32_t input_serial;
	struct record_handshake handshake;
	bool handshake_seen, ended_seen, granted, proof_good, proof_bound, stats_seen;
	struct record_end ended;
	struct record_stats stats;
	struct wire_message inputs[RIG_WIRE_LOG]; /* that reached the agent; views are void */
	size_t input_count;

	/* farseat-link and its UI */
	pid_t link_pid;
	struct ipc_channel ui;
	bool hold_present; /* do not answer UPDATE */
	struct ipc_memory pixels;
	struct wire_screen screen;
	unsigned update_count, present_owed;
	unsigned stale_count; /* updates that crossed the SCREEN of the next screen */
	struct record_update update;
	uint64_t update_us;
	bool failed_seen, welcome_seen, checksum_seen, cursor_seen, enrolled_seen, open_seen,
		silent_seen;
	struct record_link_failed failed;
	struct wire_welcome welcome;
	struct record_link_checksum checksum;
	struct record_cursor cursor;
	uint8_t cursor_bytes[WIRE_CURSOR_SIDE_MAX_PX * WIRE_CURSOR_SIDE_MAX_PX * 4];
	struct record_link_state state;
	struct record_link_stats link_stats;
	uint32_t caps_seen;
	uint8_t session[RECORD_SESSION_MAX_BYTES];
	size_t session_len;
	struct crypto_der chain[RECORD_CERTS_MAX];
	size_t chain_len;
	struct crypto_der enrolled;

	/* between them, where the test relays */
	int relay[2]; /* towards the client, towards the worker; -1: they are connected directly */
	rig_wire_fn on_wire;
	void *on_wire_user;
	bool relay_stopped;
	uint64_t relay_bytes[2];
};

/* Everything zero, nothing started: an agent with a screen of that size. */
void rig_init(struct rig *r, const struct rig_programs *programs, const struct rig_identity *id,
	uint16_t width_px, uint16_t height_px);
/* Ends the programs by their ids. */
void rig_finish(struct rig *r);

/* fd: the connected socket; taken over. invitation: pending (may be NULL); borrowed by the rig. */
void rig_start_worker(struct rig *r, int fd, const struct crypto_der *invitation);
void rig_start_link(struct rig *r, int fd, const struct record_link_config *config);
/* A session's configuration for this identity; views point into id. */
struct record_link_config rig_session_config(const struct rig_identity *id);

/* Both, connected by TCP; with relayed the test stands in between. */
void rig_start(struct rig *r, bool relayed);

/* Handles what comes until done(r) or timeout_ms; whether done. done NULL: just time. */
typedef bool (*rig_done_fn)(const struct rig *r);
bool rig_run(struct rig *r, rig_done_fn done, int timeout_ms);

/* Something was drawn: the agent tells the worker as soon as it asks. */
void rig_damage(struct rig *r, uint16_t x_px, uint16_t y_px, uint16_t width_px, uint16_t height_px);
void rig_new_framebuffer(struct rig *r, uint16_t width_px, uint16_t height_px);
void rig_send_cursor(struct rig *r, uint16_t width_px, uint16_t height_px, const uint8_t *bytes);

/* From UI to link. */
void rig_ui_wire(struct rig *r, const struct wire_message *m);
void rig_present(struct rig *r);

/* Whether the UI's memory is the framebuffer, pixel for pixel. */
bool rig_equal(const struct rig *r);

/* Waits for one more update; false when none comes in time. */
bool rig_next_update(struct rig *r, int timeout_ms);

/* Conditions. */
bool rig_is_open(const struct rig *r);
bool rig_is_equal(const struct rig *r); /* every damage was told, and the memories are equal */
bool rig_has_failed(const struct rig *r);
bool rig_has_ended(const struct rig *r);

/* Whether the process has ended by itself; its wait status. */
bool rig_exited(pid_t *pid, int *status, int timeout_ms);
long rig_rss_kib(pid_t pid);
