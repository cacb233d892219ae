/*
 * Records between the supervisor and the agent.
 *
 * supervisor -> agent: AGENT_CONFIG, then ATTACH (with a worker's channel), SET_CAPS, AGENT_FILES,
 * AGENT_COPIED_ASK, DETACH, END.
 * agent -> supervisor: AGENT_READY, AGENT_FAILED, AGENT_COPIED, VIOLATION, LOG.
 */
#pragma once

#include "common/ipc/records.h"

/* An X display's name, or a Wayland socket's, which may be a path (sockaddr_un.sun_path). */
#define RECORD_DISPLAY_MAX_BYTES 108

struct record_agent_config {
	bool virtual_session;
	/* ":0" or "wayland-1", to attach to; empty for a virtual session, which takes a free one. */
	char display[RECORD_DISPLAY_MAX_BYTES];
	char xauthority[RECORD_PATH_MAX_BYTES - 1]; /* may be empty */
	/* Of a virtual session. Its command is not here: the starter has it from the
	 * configuration, and gives it to the agent. */
	uint16_t width_px, height_px;
	char runtime_dir[RECORD_PATH_MAX_BYTES - 1]; /* for an Xauthority file of the agent's */
	/* A virtual session's command is started when the first viewer has told its DPI, instead of
	 * at once. */
	bool await_dpi;
	bool clipboard_history; /* clipboard managers may keep what was copied on a laptop */
};

/* Sent again when the size changes. */
struct record_agent_ready {
	char display[RECORD_DISPLAY_MAX_BYTES];
	uint16_t width_px, height_px;
	bool resizable;
};

struct record_agent_failed {
	char reason[RECORD_DETAIL_MAX_BYTES - 1]; /* a sentence */
};

struct record_attach {
	uint32_t worker;
	uint32_t caps;
};

struct record_detach {
	uint32_t worker;
};

/* What a transfer of that worker's device has brought: the clipboard has it as files. */
struct record_agent_files {
	uint32_t worker;
	struct record_blob uris; /* as struct record_files_made */
};

/* What files are copied in the session, for that worker's device? */
struct record_agent_copied_ask {
	uint32_t worker;
};

struct record_agent_copied {
	uint32_t worker;
	struct record_blob list; /* as struct record_files_copied */
};

struct record_violation {
	uint32_t worker;
	uint8_t wire_type; /* the message that it sent without the capability */
};

struct agent_record {
	enum record_type type;
	union {
		struct record_agent_config agent_config;
		struct record_agent_ready agent_ready;
		struct record_agent_failed agent_failed;
		struct record_attach attach;
		struct record_detach detach;
		struct record_agent_files agent_files;
		struct record_agent_copied_ask agent_copied_ask;
		struct record_agent_copied agent_copied;
		struct record_violation violation;
		struct record_set_caps set_caps;
		struct record_end end;
		struct record_log log;
	};
};

extern const struct record_set agent_records;

/* As record_send and record_receive. */
static inline MUST_CHECK int agent_record_send(
	struct ipc_channel *c, const struct agent_record *record, int fd)
{
	return record_send(c, &agent_records, record, fd);
}

static inline MUST_CHECK int agent_record_receive(
	struct ipc_channel *c, struct agent_record *out, int *fd)
{
	return record_receive(c, &agent_records, out, fd);
}
