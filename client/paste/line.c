#include "client/paste/line.h"

#include "common/base/fd.h"
#include "common/files/receiver.h"

#include <errno.h>
#include <string.h>

static int cut(struct paste_line *l, uint8_t why)
{
	l->cut = true;
	l->ended = why;
	return -ENOTCONN;
}

static int send_message(void *user, const struct wire_message *m)
{
	struct paste_line *l = user;

	return record_send_wire(&l->channel, m);
}

/* ---- questions ---- */

static struct paste_ask *ask_of(struct paste_line *l, uint32_t ask)
{
	for (size_t i = 0; i < LENDING_ASKS_MAX; i++)
		if (l->asks[i].ask == ask)
			return &l->asks[i];
	return NULL;
}

int paste_line_ask(
	struct paste_line *l, const struct lending_question *q, uint32_t node, uint32_t block)
{
	uint8_t bytes[LENDING_MAX_BYTES];
	struct lending_question numbered = *q;
	struct paste_ask *a = ask_of(l, 0);
	struct wire_writer w;

	if (!l->open || l->cut)
		return -ENOTCONN;
	if (!a)
		return -EBUSY;
	if (++l->last_ask == 0)
		l->last_ask = 1;
	numbered.ask = l->last_ask;
	wire_writer_init(&w, bytes, sizeof(bytes));
	lending_question_write(&w, &numbered);
	if (!wire_writer_ok(&w))
		return -ENAMETOOLONG;
	const struct wire_message m = { .type = WIRE_FILE_STREAM,
		.file_data = { .transfer = l->transfer, .bytes = bytes, .len = w.len } };
	int r = send_message(l, &m);
	if (r < 0)
		return cut(l, WIRE_FILE_IO);
	*a = (struct paste_ask){ numbered.ask, q->kind, node, block, q->len };
	l->waiting++;
	return 0;
}

/* ---- answers ---- */

static int take_answer(struct paste_line *l, struct paste_news_of *out)
{
	const struct wire_file_data *data = &out->message.file_data;

	int r = lending_answer_read(&out->answer, data->bytes, data->len);
	if (r < 0)
		return r;
	const struct lending_answer *answer = &out->answer;
	struct paste_ask *a = answer->ask != 0 ? ask_of(l, answer->ask) : NULL;
	if (!a)
		return -EPROTO;
	bool fits = answer->kind == LENDING_END ||
		    (answer->kind == LENDING_ENTRIES && a->kind == LENDING_LIST) ||
		    (answer->kind == LENDING_BYTES && a->kind == LENDING_READ &&
			    answer->len <= a->left);
	if (!fits)
		return -EPROTO;
	if (answer->kind == LENDING_BYTES) {
		a->left -= answer->len;
		l->bytes += answer->len;
	}
	out->news = PASTE_ANSWER;
	out->ask = *a;
	if (answer->kind == LENDING_END) {
		*a = (struct paste_ask){ 0 };
		l->waiting--;
	}
	return 0;
}

static int take(struct paste_line *l, struct paste_news_of *out, size_t len)
{
	const struct wire_message *m = &out->message;

	if (m->file_of.transfer != l->transfer)
		return -EPROTO;
	switch ((int)m->type) {
	case WIRE_FILE_OPENED:
		out->news = PASTE_OPENED;
		l->open = true;
		return 0;
	case WIRE_FILE_STREAM:
		l->taken_bytes += len;
		return take_answer(l, out);
	case WIRE_FILE_FAULT:
		out->news = PASTE_FAULT;
		return 0;
	case WIRE_FILE_ACK:
		return 0;
	case WIRE_FILE_STOP:
		return cut(l, m->file_stop.fault);
	case WIRE_FILE_CLOSE:
		return cut(l, WIRE_FILE_OK);
	default:
		return -EPROTO;
	}
}

int paste_line_next(struct paste_line *l, struct paste_news_of *out)
{
	struct files_wire_record record;
	int fd = -1;

	memset(out, 0, sizeof(*out));
	if (l->cut)
		return -ENOTCONN;
	int r = record_receive(&l->channel, &files_wire_records, &record, &fd);
	fd_close(&fd);
	if (r == -EAGAIN)
		return 0;
	if (r == 1) {
		r = record_wire_message(&record.wire, &out->message);
		if (r == 0)
			r = take(l, out, record.wire.message.len);
		if (r == -EPROTO)
			paste_line_end(l, WIRE_FILE_PROTOCOL);
		if (r == 0)
			return 1;
	}
	return l->cut ? -ENOTCONN : cut(l, WIRE_FILE_IO);
}

int paste_line_ack(struct paste_line *l)
{
	int r = ipc_flush(&l->channel);

	if (r == 0 || r == -EAGAIN)
		r = files_ack(send_message, l, l->transfer, l->taken_bytes, &l->told_bytes, true);
	return r < 0 ? cut(l, WIRE_FILE_IO) : 0;
}

void paste_line_end(struct paste_line *l, uint8_t fault)
{
	const struct wire_message close = { .type = WIRE_FILE_CLOSE,
		.file_close = { .transfer = l->transfer, .bytes = l->bytes } };
	const struct wire_message stop = { .type = WIRE_FILE_STOP,
		.file_stop = { l->transfer, fault } };

	if (l->cut)
		return;
	(void)!send_message(l, fault == WIRE_FILE_OK && l->open ? &close : &stop);
	(void)cut(l, fault);
}
