/* Messages of files (PROTOCOL.md, section 8): orders of the client, what the sending end says, what
 * the receiving end says. */
#include "common/wire/coders.h"

#include <string.h>

const char *wire_file_fault_name(uint8_t fault)
{
	static const char *const names[WIRE_FILE_FAULTS] = { "done", "exists", "not found",
		"denied", "no space", "quota", "read-only", "bad name", "too deep",
		"a symbolic link", "neither file, folder nor link", "is a folder", "no such folder",
		"input or output error", "changed while it was read", "damaged", "too large",
		"busy", "outside of the folders", "stopped", "not allowed", "unavailable",
		"protocol", "internal" };

	return fault < WIRE_FILE_FAULTS ? names[fault] : "?";
}

static bool name_clean(const uint8_t *name, size_t len)
{
	bool dots = (len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.');

	return len >= 1 && len <= WIRE_FILE_NAME_MAX_BYTES && !dots && !memchr(name, 0, len);
}

bool wire_file_path_clean(const uint8_t *path, size_t len)
{
	if (len == 0 || len > WIRE_FILE_PATH_MAX_BYTES)
		return false;
	for (unsigned depth = 1; depth <= WIRE_FILE_DEPTH_MAX; depth++) {
		const uint8_t *slash = memchr(path, '/', len);
		size_t name_len = slash ? (size_t)(slash - path) : len;
		if (!name_clean(path, name_len))
			return false;
		if (!slash)
			return true;
		path += name_len + 1;
		len -= name_len + 1;
	}
	return false;
}

/* What a person wrote, or a message repeats. */
static const uint8_t *read_path(struct wire_reader *r, size_t *len)
{
	const uint8_t *path = wire_read_blob(r, WIRE_FILE_PATH_MAX_BYTES, len);

	wire_in_range(r, !path || *len == 0 || !memchr(path, 0, *len), "path");
	return path;
}

static void write_path(struct wire_writer *w, const uint8_t *path, size_t len)
{
	wire_write_blob(w, path, len);
}

static void encode_open(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->file_open.transfer);
	wire_write_u8(w, m->file_open.flags);
	write_path(w, m->file_open.path, m->file_open.path_len);
}

static void read_open(struct wire_reader *r, struct wire_file_open *o)
{
	o->transfer = wire_read_u8(r);
	o->flags = wire_read_u8(r);
	o->path = read_path(r, &o->path_len);
}

/* PUT has three flags, GET five: two for what the session's clipboard holds. */
static bool decode_put(struct wire_reader *r, struct wire_message *m)
{
	read_open(r, &m->file_open);
	return wire_in_range(r, m->file_open.flags <= 7, "flags") && !r->out_of_range;
}

static bool decode_get(struct wire_reader *r, struct wire_message *m)
{
	struct wire_file_open *o = &m->file_open;

	read_open(r, o);
	bool copied = o->flags & WIRE_FILE_COPIED, names = o->flags & WIRE_FILE_NAMES;
	bool lent = o->flags & WIRE_FILE_LENT,
	     alone = o->flags == (WIRE_FILE_COPIED | WIRE_FILE_LENT);
	return wire_in_range(
		       r, o->flags <= 31 && !(copied && names) && (!lent || alone), "flags") &&
	       wire_in_range(r, !copied || o->path_len == 0, "path") && !r->out_of_range;
}

const struct wire_coder wire_file_put_coder = {
	.name = "FILE_PUT",
	.encode = encode_open,
	.decode = decode_put,
	.client_phases = IN_OPEN,
	.cap = WIRE_CAP_FILES_IN,
};

const struct wire_coder wire_file_get_coder = {
	.name = "FILE_GET",
	.encode = encode_open,
	.decode = decode_get,
	.client_phases = IN_OPEN,
	.cap = WIRE_CAP_FILES_OUT,
};

static void encode_of(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->file_of.transfer);
}

static bool decode_of(struct wire_reader *r, struct wire_message *m)
{
	m->file_of.transfer = wire_read_u8(r);
	return true;
}

const struct wire_coder wire_file_sftp_coder = {
	.name = "FILE_SFTP",
	.encode = encode_of,
	.decode = decode_of,
	.client_phases = IN_OPEN,
	.cap = WIRE_CAP_FILES_OUT,
};

const struct wire_coder wire_file_opened_coder = {
	.name = "FILE_OPENED",
	.encode = encode_of,
	.decode = decode_of,
	.server_phases = IN_OPEN,
};

static void encode_total(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->file_total.transfer);
	wire_write_u32(w, m->file_total.files);
	wire_write_u64(w, m->file_total.bytes);
}

static bool decode_total(struct wire_reader *r, struct wire_message *m)
{
	m->file_total.transfer = wire_read_u8(r);
	m->file_total.files = wire_read_u32(r);
	m->file_total.bytes = wire_read_u64(r);
	return true;
}

const struct wire_coder wire_file_total_coder = {
	.name = "FILE_TOTAL",
	.encode = encode_total,
	.decode = decode_total,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_FILES_IN,
};

static void encode_entry(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->file_entry.transfer);
	wire_write_u32(w, m->file_entry.entry);
	wire_write_u8(w, m->file_entry.kind);
	wire_write_u16(w, m->file_entry.mode);
	wire_write_i64(w, m->file_entry.mtime_s);
	wire_write_u32(w, m->file_entry.mtime_ns);
	wire_write_u64(w, m->file_entry.size_bytes);
	write_path(w, m->file_entry.path, m->file_entry.path_len);
	write_path(w, m->file_entry.target, m->file_entry.target_len);
}

static bool size_valid(uint8_t kind, uint64_t bytes)
{
	if (kind != WIRE_FILE_REGULAR)
		return bytes == 0;
	return bytes <= WIRE_FILE_MAX_BYTES || bytes == WIRE_FILE_SIZE_UNKNOWN;
}

static bool decode_entry(struct wire_reader *r, struct wire_message *m)
{
	struct wire_file_entry *e = &m->file_entry;

	e->transfer = wire_read_u8(r);
	e->entry = wire_read_u32(r);
	e->kind = wire_read_u8(r);
	e->mode = wire_read_u16(r);
	e->mtime_s = wire_read_i64(r);
	e->mtime_ns = wire_read_u32(r);
	e->size_bytes = wire_read_u64(r);
	e->path = read_path(r, &e->path_len);
	e->target = read_path(r, &e->target_len);
	return wire_in_range(r, e->entry != 0, "entry") &&
	       wire_in_range(r, e->kind < WIRE_FILE_KINDS, "kind") &&
	       wire_in_range(r, e->mode <= 0777, "mode") &&
	       wire_in_range(r, e->mtime_ns < 1000000000, "mtime_ns") &&
	       wire_in_range(r, size_valid(e->kind, e->size_bytes), "size_bytes") &&
	       wire_in_range(r, e->path && wire_file_path_clean(e->path, e->path_len), "path") &&
	       wire_in_range(r, (e->target_len > 0) == (e->kind == WIRE_FILE_LINK), "target") &&
	       !r->out_of_range;
}

const struct wire_coder wire_file_entry_coder = {
	.name = "FILE_ENTRY",
	.encode = encode_entry,
	.decode = decode_entry,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_FILES_IN,
};

static void encode_data(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->file_data.transfer);
	wire_write_bytes(w, m->file_data.bytes, m->file_data.len);
}

static bool decode_data(struct wire_reader *r, struct wire_message *m)
{
	m->file_data.transfer = wire_read_u8(r);
	m->file_data.len = wire_reader_left(r);
	m->file_data.bytes = wire_read_view(r, m->file_data.len);
	return wire_in_range(
		r, m->file_data.len >= 1 && m->file_data.len <= WIRE_FILE_PART_MAX_BYTES, "bytes");
}

const struct wire_coder wire_file_data_coder = {
	.name = "FILE_DATA",
	.encode = encode_data,
	.decode = decode_data,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_FILES_IN,
};

/* A stream goes both ways, so the right to read is what the client needs for its half. */
const struct wire_coder wire_file_stream_coder = {
	.name = "FILE_STREAM",
	.encode = encode_data,
	.decode = decode_data,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_FILES_OUT,
};

static void encode_skip(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->file_skip.transfer);
	wire_write_bool(w, m->file_skip.kept);
	wire_write_u64(w, m->file_skip.bytes);
}

static bool decode_skip(struct wire_reader *r, struct wire_message *m)
{
	m->file_skip.transfer = wire_read_u8(r);
	m->file_skip.kept = wire_read_bool(r);
	m->file_skip.bytes = wire_read_u64(r);
	return wire_in_range(
		r, m->file_skip.bytes >= 1 && m->file_skip.bytes <= WIRE_FILE_MAX_BYTES, "bytes");
}

const struct wire_coder wire_file_skip_coder = {
	.name = "FILE_SKIP",
	.encode = encode_skip,
	.decode = decode_skip,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_FILES_IN,
};

static void encode_end(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->file_end.transfer);
	wire_write_u64(w, m->file_end.size_bytes);
	wire_write_bytes(w, m->file_end.hash, WIRE_FILE_HASH_BYTES);
}

static bool decode_end(struct wire_reader *r, struct wire_message *m)
{
	m->file_end.transfer = wire_read_u8(r);
	m->file_end.size_bytes = wire_read_u64(r);
	wire_read_bytes(r, m->file_end.hash, WIRE_FILE_HASH_BYTES);
	return wire_in_range(r, m->file_end.size_bytes <= WIRE_FILE_MAX_BYTES, "size_bytes");
}

const struct wire_coder wire_file_end_coder = {
	.name = "FILE_END",
	.encode = encode_end,
	.decode = decode_end,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_FILES_IN,
};

const struct wire_coder wire_file_last_coder = {
	.name = "FILE_LAST",
	.encode = encode_of,
	.decode = decode_of,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_FILES_IN,
};

static void encode_have(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->file_have.transfer);
	wire_write_u32(w, m->file_have.entry);
	wire_write_u32(w, m->file_have.first_block);
	wire_write_bytes(w, m->file_have.hashes, m->file_have.count * WIRE_FILE_HASH_BYTES);
}

static bool decode_have(struct wire_reader *r, struct wire_message *m)
{
	struct wire_file_have *h = &m->file_have;

	h->transfer = wire_read_u8(r);
	h->entry = wire_read_u32(r);
	h->first_block = wire_read_u32(r);
	h->count = wire_reader_left(r) / WIRE_FILE_HASH_BYTES;
	h->hashes = wire_read_view(r, h->count * WIRE_FILE_HASH_BYTES);
	return wire_in_range(r, h->entry != 0, "entry") &&
	       wire_in_range(
		       r, h->count >= 1 && h->count <= WIRE_FILE_HAVE_PART_BLOCKS, "hashes") &&
	       wire_in_range(
		       r, h->first_block <= WIRE_FILE_HAVE_MAX_BLOCKS - h->count, "first_block");
}

const struct wire_coder wire_file_have_coder = {
	.name = "FILE_HAVE",
	.encode = encode_have,
	.decode = decode_have,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_FILES_OUT,
};

static void encode_ack(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->file_ack.transfer);
	wire_write_u64(w, m->file_ack.taken_bytes);
}

static bool decode_ack(struct wire_reader *r, struct wire_message *m)
{
	m->file_ack.transfer = wire_read_u8(r);
	m->file_ack.taken_bytes = wire_read_u64(r);
	return true;
}

const struct wire_coder wire_file_ack_coder = {
	.name = "FILE_ACK",
	.encode = encode_ack,
	.decode = decode_ack,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
};

static void encode_fault(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->file_fault.transfer);
	wire_write_u32(w, m->file_fault.entry);
	wire_write_u8(w, m->file_fault.fault);
	write_path(w, m->file_fault.path, m->file_fault.path_len);
}

static bool decode_fault(struct wire_reader *r, struct wire_message *m)
{
	m->file_fault.transfer = wire_read_u8(r);
	m->file_fault.entry = wire_read_u32(r);
	m->file_fault.fault = wire_read_u8(r);
	m->file_fault.path = read_path(r, &m->file_fault.path_len);
	return wire_in_range(r,
		       m->file_fault.fault != WIRE_FILE_OK &&
			       m->file_fault.fault < WIRE_FILE_FAULTS,
		       "fault") &&
	       !r->out_of_range;
}

const struct wire_coder wire_file_fault_coder = {
	.name = "FILE_FAULT",
	.encode = encode_fault,
	.decode = decode_fault,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
};

static void encode_close(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->file_close.transfer);
	wire_write_u32(w, m->file_close.files);
	wire_write_u64(w, m->file_close.bytes);
	wire_write_u32(w, m->file_close.faults);
}

static bool decode_close(struct wire_reader *r, struct wire_message *m)
{
	m->file_close.transfer = wire_read_u8(r);
	m->file_close.files = wire_read_u32(r);
	m->file_close.bytes = wire_read_u64(r);
	m->file_close.faults = wire_read_u32(r);
	return true;
}

const struct wire_coder wire_file_close_coder = {
	.name = "FILE_CLOSE",
	.encode = encode_close,
	.decode = decode_close,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_FILES_OUT,
};

static void encode_stop(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u8(w, m->file_stop.transfer);
	wire_write_u8(w, m->file_stop.fault);
}

static bool decode_stop(struct wire_reader *r, struct wire_message *m)
{
	m->file_stop.transfer = wire_read_u8(r);
	m->file_stop.fault = wire_read_u8(r);
	return wire_in_range(r, m->file_stop.fault < WIRE_FILE_FAULTS, "fault");
}

const struct wire_coder wire_file_stop_coder = {
	.name = "FILE_STOP",
	.encode = encode_stop,
	.decode = decode_stop,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
};
