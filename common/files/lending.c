#include "common/files/lending.h"

#include <errno.h>
#include <string.h>

#define NS_PER_S 1000000000U

static const uint8_t *read_path(struct wire_reader *r, size_t max, size_t *len)
{
	const uint8_t *path = wire_read_blob(r, max, len);

	if (path && *len > 0 && memchr(path, 0, *len))
		r->failed = true;
	return path;
}

/* ---- questions ---- */

void lending_question_write(struct wire_writer *w, const struct lending_question *q)
{
	wire_write_u32(w, q->ask);
	wire_write_u8(w, q->kind);
	if (q->kind == LENDING_READ) {
		wire_write_u64(w, q->offset);
		wire_write_u32(w, q->len);
	}
	wire_write_blob(w, q->path, q->path_len);
}

int lending_question_read(struct lending_question *out, const uint8_t *bytes, size_t len)
{
	struct lending_question q = { 0 };
	struct wire_reader r;

	wire_reader_init(&r, bytes, len);
	q.ask = wire_read_u32(&r);
	q.kind = wire_read_u8(&r);
	bool reads = q.kind == LENDING_READ;
	if (reads) {
		q.offset = wire_read_u64(&r);
		q.len = wire_read_u32(&r);
	}
	q.path = read_path(&r, WIRE_FILE_PATH_MAX_BYTES, &q.path_len);
	if (!wire_reader_done(&r) || (!reads && q.kind != LENDING_LIST))
		return -EPROTO;
	if (q.path_len > 0 ? !wire_file_path_clean(q.path, q.path_len) : reads)
		return -EPROTO;
	if (reads &&
		(q.offset > WIRE_FILE_MAX_BYTES || q.len == 0 || q.len > LENDING_READ_MAX_BYTES))
		return -EPROTO;
	*out = q;
	return 0;
}

/* ---- answers ---- */

static void write_version(struct wire_writer *w, const struct lending_version *v)
{
	wire_write_u64(w, v->size_bytes);
	wire_write_i64(w, v->mtime_s);
	wire_write_u32(w, v->mtime_ns);
}

static bool read_version(struct wire_reader *r, struct lending_version *v)
{
	v->size_bytes = wire_read_u64(r);
	v->mtime_s = wire_read_i64(r);
	v->mtime_ns = wire_read_u32(r);
	return v->size_bytes <= WIRE_FILE_MAX_BYTES && v->mtime_ns < NS_PER_S;
}

void lending_answer_write(struct wire_writer *w, const struct lending_answer *a)
{
	wire_write_u32(w, a->ask);
	wire_write_u8(w, a->kind);
	if (a->kind != LENDING_END)
		return;
	wire_write_u8(w, a->fault);
	write_version(w, &a->version);
}

int lending_answer_read(struct lending_answer *out, const uint8_t *bytes, size_t len)
{
	struct lending_answer a = { 0 };
	struct wire_reader r;
	bool valid = true;

	wire_reader_init(&r, bytes, len);
	a.ask = wire_read_u32(&r);
	a.kind = wire_read_u8(&r);
	if (a.kind == LENDING_END) {
		a.fault = wire_read_u8(&r);
		valid = read_version(&r, &a.version) && a.fault < WIRE_FILE_FAULTS;
	} else {
		a.len = wire_reader_left(&r);
		valid = a.len > 0 && (a.kind == LENDING_ENTRIES || a.kind == LENDING_BYTES);
		a.entries = wire_read_sub(&r, a.len);
		a.bytes = len > a.len ? bytes + (len - a.len) : NULL;
	}
	if (!wire_reader_done(&r) || !valid)
		return -EPROTO;
	*out = a;
	return 0;
}

bool lending_version_same(const struct lending_version *a, const struct lending_version *b)
{
	return a->size_bytes == b->size_bytes && a->mtime_s == b->mtime_s &&
	       a->mtime_ns == b->mtime_ns;
}

void lending_entry_write(struct wire_writer *w, const struct lending_entry *e)
{
	wire_write_u8(w, e->kind);
	wire_write_u16(w, e->mode);
	write_version(w, &e->version);
	wire_write_blob(w, e->name, e->name_len);
	wire_write_blob(w, e->target, e->target_len);
}

int lending_entry_read(struct wire_reader *entries, struct lending_entry *out)
{
	struct lending_entry e = { 0 };

	if (!entries->failed && wire_reader_left(entries) == 0)
		return 0;
	e.kind = wire_read_u8(entries);
	e.mode = wire_read_u16(entries);
	bool valid = read_version(entries, &e.version);
	e.name = read_path(entries, WIRE_FILE_NAME_MAX_BYTES, &e.name_len);
	e.target = read_path(entries, WIRE_FILE_PATH_MAX_BYTES, &e.target_len);
	bool link = e.kind == WIRE_FILE_LINK, file = e.kind == WIRE_FILE_REGULAR;
	if (entries->failed || !valid || e.kind >= WIRE_FILE_KINDS || e.mode > 0777 ||
		link != (e.target_len > 0) || (!file && e.version.size_bytes != 0) ||
		!wire_file_path_clean(e.name, e.name_len) || memchr(e.name, '/', e.name_len))
		return -EPROTO;
	*out = e;
	return 1;
}
