/* Coders of the records around farseat-files. */
#include "common/ipc/records_files.h"

#include "common/ipc/record_coders.h"

#include <string.h>

/* Bytes of a path or a name: anything but zero bytes; may be empty. */
static void get_name(struct wire_reader *r, struct record_blob *name)
{
	(void)record_get_blob(r, name, WIRE_FILE_PATH_MAX_BYTES);
	if (name->bytes && name->len > 0 && memchr(name->bytes, 0, name->len))
		r->failed = true;
}

static void encode_files_config(struct wire_writer *w, const void *body)
{
	const struct record_files_config *m = body;

	wire_write_u8(w, m->role);
	wire_write_u8(w, m->transfer);
	wire_write_bool(w, m->force);
	wire_write_bool(w, m->links);
	wire_write_u32(w, m->caps);
	record_put_blob(w, &m->rename);
	record_put_blob(w, &m->home);
}

static bool decode_files_config(struct wire_reader *r, void *body)
{
	struct record_files_config *m = body;

	m->role = wire_read_u8(r);
	m->transfer = wire_read_u8(r);
	m->force = wire_read_bool(r);
	m->links = wire_read_bool(r);
	m->caps = wire_read_u32(r);
	get_name(r, &m->rename);
	get_name(r, &m->home);
	return m->role <= RECORD_FILES_PASTE &&
	       !(m->caps & ~(uint32_t)(WIRE_CAP_FILES_IN | WIRE_CAP_FILES_OUT)) &&
	       m->rename.len <= WIRE_FILE_NAME_MAX_BYTES &&
	       !(m->rename.len && memchr(m->rename.bytes, '/', m->rename.len));
}

static void encode_files_place(struct wire_writer *w, const void *body)
{
	const struct record_files_place *m = body;

	record_put_blob(w, &m->name);
}

static bool decode_files_place(struct wire_reader *r, void *body)
{
	struct record_files_place *m = body;

	get_name(r, &m->name);
	return true;
}

static void encode_files_progress(struct wire_writer *w, const void *body)
{
	const struct record_files_progress *m = body;

	wire_write_u32(w, m->files);
	wire_write_u32(w, m->total_files);
	wire_write_u64(w, m->bytes);
	wire_write_u64(w, m->total_bytes);
	record_put_blob(w, &m->name);
}

static bool decode_files_progress(struct wire_reader *r, void *body)
{
	struct record_files_progress *m = body;

	m->files = wire_read_u32(r);
	m->total_files = wire_read_u32(r);
	m->bytes = wire_read_u64(r);
	m->total_bytes = wire_read_u64(r);
	get_name(r, &m->name);
	return true;
}

static void encode_files_fault(struct wire_writer *w, const void *body)
{
	const struct record_files_fault *m = body;

	wire_write_u8(w, m->fault);
	wire_write_bool(w, m->there);
	record_put_blob(w, &m->name);
}

static bool decode_files_fault(struct wire_reader *r, void *body)
{
	struct record_files_fault *m = body;

	m->fault = wire_read_u8(r);
	m->there = wire_read_bool(r);
	get_name(r, &m->name);
	return m->fault != WIRE_FILE_OK && m->fault < WIRE_FILE_FAULTS;
}

static void encode_files_entry(struct wire_writer *w, const void *body)
{
	const struct record_files_entry *m = body;

	wire_write_u8(w, m->kind);
	wire_write_u64(w, m->size_bytes);
	wire_write_i64(w, m->mtime_s);
	record_put_blob(w, &m->name);
}

static bool decode_files_entry(struct wire_reader *r, void *body)
{
	struct record_files_entry *m = body;

	m->kind = wire_read_u8(r);
	m->size_bytes = wire_read_u64(r);
	m->mtime_s = wire_read_i64(r);
	get_name(r, &m->name);
	return m->kind < WIRE_FILE_KINDS && m->name.bytes &&
	       wire_file_path_clean(m->name.bytes, m->name.len) &&
	       !memchr(m->name.bytes, '/', m->name.len);
}

static void encode_files_made(struct wire_writer *w, const void *body)
{
	const struct record_files_made *m = body;

	record_put_blob(w, &m->uris);
}

static bool decode_files_made(struct wire_reader *r, void *body)
{
	struct record_files_made *m = body;

	return record_get_uris(r, &m->uris);
}

static void encode_files_copied(struct wire_writer *w, const void *body)
{
	const struct record_files_copied *m = body;

	record_put_blob(w, &m->list);
}

static bool decode_files_copied(struct wire_reader *r, void *body)
{
	struct record_files_copied *m = body;

	(void)record_get_blob(r, &m->list, RECORD_URIS_MAX_BYTES);
	return true;
}

static void encode_files_result(struct wire_writer *w, const void *body)
{
	const struct record_files_result *m = body;

	wire_write_u8(w, m->fault);
	wire_write_bool(w, m->there);
	wire_write_bool(w, m->sent);
	wire_write_u32(w, m->files);
	wire_write_u32(w, m->faults);
	wire_write_u64(w, m->bytes);
	record_put_blob(w, &m->name);
}

static bool decode_files_result(struct wire_reader *r, void *body)
{
	struct record_files_result *m = body;

	m->fault = wire_read_u8(r);
	m->there = wire_read_bool(r);
	m->sent = wire_read_bool(r);
	m->files = wire_read_u32(r);
	m->faults = wire_read_u32(r);
	m->bytes = wire_read_u64(r);
	get_name(r, &m->name);
	return m->fault < WIRE_FILE_FAULTS;
}

static const struct record_coder coders[] = {
	RECORD_CODER(FILES_CONFIG, files_config),
	RECORD_CODER(FILES_PLACE, files_place),
	RECORD_EMPTY(FILES_GO),
	RECORD_EMPTY(FILES_CANCEL),
	RECORD_CODER(FILES_PROGRESS, files_progress),
	RECORD_CODER(FILES_FAULT, files_fault),
	RECORD_CODER(FILES_ENTRY, files_entry),
	RECORD_CODER(FILES_MADE, files_made),
	RECORD_EMPTY(FILES_COPIED_ASK),
	RECORD_CODER(FILES_COPIED, files_copied),
	RECORD_CODER(FILES_RESULT, files_result),
	RECORD_SHARED(LOG, log),
};

const struct record_set files_records = RECORD_SET(struct files_record, log, coders);

static const struct record_coder wire_coders[] = { RECORD_SHARED(WIRE, wire) };

const struct record_set files_wire_records =
	RECORD_SET(struct files_wire_record, wire, wire_coders);
