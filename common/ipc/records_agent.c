/* Coders of the records between the supervisor and the agent. */
#include "common/ipc/records_agent.h"

#include "common/ipc/record_coders.h"
#include "common/wire/plain_text.h"

static void encode_agent_config(struct wire_writer *w, const void *body)
{
	const struct record_agent_config *m = body;

	wire_write_bool(w, m->virtual_session);
	wire_write_text(w, m->display);
	wire_write_text(w, m->xauthority);
	wire_write_u16(w, m->width_px);
	wire_write_u16(w, m->height_px);
	wire_write_text(w, m->runtime_dir);
	wire_write_bool(w, m->clipboard_history);
	wire_write_bool(w, m->await_dpi);
}

static bool decode_agent_config(struct wire_reader *r, void *body)
{
	struct record_agent_config *m = body;

	m->virtual_session = wire_read_bool(r);
	wire_read_text(r, m->display, sizeof(m->display));
	wire_read_text(r, m->xauthority, sizeof(m->xauthority));
	m->width_px = wire_read_u16(r);
	m->height_px = wire_read_u16(r);
	wire_read_text(r, m->runtime_dir, sizeof(m->runtime_dir));
	m->clipboard_history = wire_read_bool(r);
	m->await_dpi = wire_read_bool(r);
	return true;
}

static void encode_attach(struct wire_writer *w, const void *body)
{
	const struct record_attach *m = body;

	wire_write_u32(w, m->worker);
	wire_write_u32(w, m->caps);
}

static bool decode_attach(struct wire_reader *r, void *body)
{
	struct record_attach *m = body;

	m->worker = wire_read_u32(r);
	m->caps = wire_read_u32(r);
	return true;
}

static void encode_detach(struct wire_writer *w, const void *body)
{
	const struct record_detach *m = body;

	wire_write_u32(w, m->worker);
}

static bool decode_detach(struct wire_reader *r, void *body)
{
	struct record_detach *m = body;

	m->worker = wire_read_u32(r);
	return true;
}

static void encode_agent_files(struct wire_writer *w, const void *body)
{
	const struct record_agent_files *m = body;

	wire_write_u32(w, m->worker);
	record_put_blob(w, &m->uris);
}

static bool decode_agent_files(struct wire_reader *r, void *body)
{
	struct record_agent_files *m = body;

	m->worker = wire_read_u32(r);
	return record_get_uris(r, &m->uris);
}

static void encode_agent_copied_ask(struct wire_writer *w, const void *body)
{
	const struct record_agent_copied_ask *m = body;

	wire_write_u32(w, m->worker);
}

static bool decode_agent_copied_ask(struct wire_reader *r, void *body)
{
	struct record_agent_copied_ask *m = body;

	m->worker = wire_read_u32(r);
	return true;
}

static void encode_agent_copied(struct wire_writer *w, const void *body)
{
	const struct record_agent_copied *m = body;

	wire_write_u32(w, m->worker);
	record_put_blob(w, &m->list);
}

static bool decode_agent_copied(struct wire_reader *r, void *body)
{
	struct record_agent_copied *m = body;

	m->worker = wire_read_u32(r);
	(void)record_get_blob(r, &m->list, RECORD_URIS_MAX_BYTES);
	return true;
}

static void encode_agent_ready(struct wire_writer *w, const void *body)
{
	const struct record_agent_ready *m = body;

	wire_write_text(w, m->display);
	wire_write_u16(w, m->width_px);
	wire_write_u16(w, m->height_px);
	wire_write_bool(w, m->resizable);
}

static bool decode_agent_ready(struct wire_reader *r, void *body)
{
	struct record_agent_ready *m = body;

	wire_read_text(r, m->display, sizeof(m->display));
	m->width_px = wire_read_u16(r);
	m->height_px = wire_read_u16(r);
	m->resizable = wire_read_bool(r);
	return wire_screen_size_valid(m->width_px, m->height_px);
}

static void encode_agent_failed(struct wire_writer *w, const void *body)
{
	const struct record_agent_failed *m = body;

	wire_write_text(w, m->reason);
}

static bool decode_agent_failed(struct wire_reader *r, void *body)
{
	struct record_agent_failed *m = body;

	plain_text_read(r, m->reason, sizeof(m->reason));
	return true;
}

static void encode_violation(struct wire_writer *w, const void *body)
{
	const struct record_violation *m = body;

	wire_write_u32(w, m->worker);
	wire_write_u8(w, m->wire_type);
}

static bool decode_violation(struct wire_reader *r, void *body)
{
	struct record_violation *m = body;

	m->worker = wire_read_u32(r);
	m->wire_type = wire_read_u8(r);
	return true;
}

static const struct record_coder coders[] = {
	RECORD_CODER(AGENT_CONFIG, agent_config),
	RECORD_CODER(AGENT_READY, agent_ready),
	RECORD_CODER(AGENT_FAILED, agent_failed),
	RECORD_CODER(ATTACH, attach),
	RECORD_CODER(DETACH, detach),
	RECORD_CODER(AGENT_FILES, agent_files),
	RECORD_CODER(AGENT_COPIED_ASK, agent_copied_ask),
	RECORD_CODER(AGENT_COPIED, agent_copied),
	RECORD_CODER(VIOLATION, violation),
	RECORD_SHARED(SET_CAPS, set_caps),
	RECORD_SHARED(END, end),
	RECORD_SHARED(LOG, log),
};

const struct record_set agent_records = RECORD_SET(struct agent_record, agent_config, coders);
