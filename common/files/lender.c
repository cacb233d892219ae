#include "common/files/lender.h"

#include "common/base/fd.h"
#include "common/files/disk.h"
#include "common/files/fault.h"
#include "common/files/lender_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What stands before the bytes of an answer: its number and its kind. */
#define HEAD_BYTES 5

int files_lender_init(struct files_lender *l)
{
	l->fd = -1;
	l->list.fd = -1;
	l->questions = calloc(LENDING_ASKS_MAX, sizeof(*l->questions));
	l->out = malloc(LENDING_MAX_BYTES);
	if (!l->questions || !l->out)
		return -ENOMEM;
	lender_name_sources(l);
	return 0;
}

static void end_question(struct files_lender *l)
{
	if (l->fd_owned)
		fd_close(&l->fd);
	l->fd = -1;
	l->fd_owned = false;
	folder_list_close(&l->list);
	l->begun = false;
	l->first = (l->first + 1) % LENDING_ASKS_MAX;
	l->count--;
}

void files_lender_finish(struct files_lender *l)
{
	if (l->questions && l->begun)
		end_question(l);
	free(l->questions);
	free(l->out);
	l->questions = NULL;
	l->out = NULL;
}

bool files_lender_waits(const struct files_lender *l)
{
	return l->count > 0;
}

/* ---- what comes ---- */

static int take_question(struct files_lender *l, const struct wire_file_data *data)
{
	struct lending_question q;

	int r = lending_question_read(&q, data->bytes, data->len);
	if (r < 0)
		return r;
	if (l->count == LENDING_ASKS_MAX)
		return -EPROTO;
	struct files_lender_question *place =
		&l->questions[(l->first + l->count) % LENDING_ASKS_MAX];
	place->ask = q.ask;
	place->kind = q.kind;
	place->offset = q.offset;
	place->len = q.len;
	if (q.path_len > 0)
		memcpy(place->path, q.path, q.path_len);
	place->path[q.path_len] = '\0';
	l->count++;
	return 0;
}

int files_lender_take(struct files_lender *l, const struct wire_message *m, size_t len)
{
	switch ((int)m->type) {
	case WIRE_FILE_STREAM:
		l->taken_bytes += len;
		return take_question(l, &m->file_data);
	case WIRE_FILE_ACK: /* of use to the worker, which keeps the window */
		return 0;
	case WIRE_FILE_CLOSE:
		return 1;
	default:
		return -EPROTO;
	}
}

int files_lender_ack(struct files_lender *l, bool now)
{
	return files_ack(l->send, l->user, l->transfer, l->taken_bytes, &l->told_bytes, now);
}

/* ---- answers ---- */

static int send_bytes(struct files_lender *l, const uint8_t *bytes, size_t len)
{
	const struct wire_message m = { .type = WIRE_FILE_STREAM,
		.file_data = { .transfer = l->transfer, .bytes = bytes, .len = len } };

	return l->send(l->user, &m);
}

/* The end of the answer: why there is nothing more of it (0: it is whole). */
static int send_end(struct files_lender *l, int error)
{
	uint8_t bytes[64];
	struct wire_writer w;
	struct lending_answer end = { .ask = l->questions[l->first].ask, .kind = LENDING_END };

	if (error < 0)
		end.fault = (uint8_t)files_fault_of(error);
	else
		end.version = l->version;
	wire_writer_init(&w, bytes, sizeof(bytes));
	lending_answer_write(&w, &end);
	end_question(l);
	return send_bytes(l, bytes, w.len);
}

static int look(int fd, struct lending_version *out)
{
	struct folder_stat st;

	int r = folder_stat_file(fd, &st);
	if (r < 0)
		return r;
	if (st.kind != WIRE_FILE_REGULAR || st.special)
		return st.kind == WIRE_FILE_FOLDER ? -EISDIR : -ENXIO;
	*out = (struct lending_version){ st.size_bytes, st.mtime_s, st.mtime_ns };
	return st.size_bytes > WIRE_FILE_MAX_BYTES ? -EFBIG : 0;
}

static int begin_read(struct files_lender *l, const struct files_lender_question *q)
{
	int r = lender_open_file(l, q->path, &l->fd, &l->fd_owned);
	if (r == 0)
		r = look(l->fd, &l->version);
	l->at = q->offset;
	l->left = q->len;
	l->files += r == 0 && q->offset == 0;
	return r;
}

/* The whole part is of one state of the file, or there is none. */
static int end_read(struct files_lender *l)
{
	struct lending_version now;

	int r = look(l->fd, &now);
	bool same = r == 0 && lending_version_same(&now, &l->version);
	return send_end(l, r < 0 ? r : same ? 0 : -ESTALE);
}

static int step_read(struct files_lender *l)
{
	const struct lending_answer head = { .ask = l->questions[l->first].ask,
		.kind = LENDING_BYTES };
	size_t len = MIN((size_t)l->left, (size_t)LENDING_MAX_BYTES - HEAD_BYTES), got = 0;
	struct wire_writer w;

	wire_writer_init(&w, l->out, LENDING_MAX_BYTES);
	lending_answer_write(&w, &head);
	int r = len > 0 ? disk_read(l->fd, l->out + HEAD_BYTES, len, l->at, &got) : 0;
	if (r < 0)
		return send_end(l, r);
	l->at += got;
	l->bytes += got;
	l->left = got < len ? 0 : l->left - (uint32_t)got;
	if (got > 0)
		r = send_bytes(l, l->out, HEAD_BYTES + got);
	return r < 0 || l->left > 0 ? r : end_read(l);
}

/* As many entries as a message holds. */
static int step_list(struct files_lender *l)
{
	const struct files_lender_question *q = &l->questions[l->first];
	const struct lending_answer head = { .ask = q->ask, .kind = LENDING_ENTRIES };
	struct wire_writer w;
	int r = 1;

	wire_writer_init(&w, l->out, LENDING_MAX_BYTES);
	lending_answer_write(&w, &head);
	while (r == 1 && LENDING_MAX_BYTES - w.len >= LENDING_ENTRY_MAX_BYTES)
		r = lender_next_entry(l, q->path, &w);
	int sent = w.len > HEAD_BYTES ? send_bytes(l, l->out, w.len) : 0;
	return sent < 0 || r == 1 ? sent : send_end(l, r);
}

int files_lender_step(struct files_lender *l)
{
	const struct files_lender_question *q = &l->questions[l->first];
	bool reads = q->kind == LENDING_READ;

	if (!l->begun) {
		l->begun = true;
		l->version = (struct lending_version){ 0 };
		l->next_source = 0;
		int r = reads ? begin_read(l, q) : lender_open_list(l, q->path);
		if (r < 0)
			return send_end(l, r);
	}
	return reads ? step_read(l) : step_list(l);
}
