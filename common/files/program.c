#include "common/files/program.h"

#include "common/files/fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What the transfer is called in the log: as the first that it copies. */
static void note_first(struct files_program *p, const struct wire_message *m)
{
	if (m->type == WIRE_FILE_ENTRY && !p->first[0])
		snprintf(p->first, sizeof(p->first), "%.*s", (int)m->file_entry.path_len,
			(const char *)m->file_entry.path);
}

/* Either end's, for progress. */
static void note_total(struct files_program *p, const struct wire_message *m)
{
	if (m->type != WIRE_FILE_TOTAL)
		return;
	p->total_files = m->file_total.files;
	p->total_bytes = m->file_total.bytes;
}

int files_program_send(void *user, const struct wire_message *m)
{
	struct files_program *p = user;

	note_total(p, m);
	note_first(p, m);
	return record_send_wire(&p->wire, m);
}

void files_program_count(struct files_program *p)
{
	bool sends = p->state == FILES_SENDING;

	if (p->state == FILES_STREAMING) {
		p->result.bytes = p->stream.bytes;
		return;
	}
	if (p->state == FILES_LENDING) {
		p->result.files = p->lender.files;
		p->result.bytes = p->lender.bytes;
		p->result.faults = p->sender.faults;
		return;
	}
	p->result.files = sends ? p->sender.files : p->receiver.files;
	p->result.bytes = sends ? p->sender.bytes : p->receiver.bytes;
	p->result.faults = sends ? p->sender.faults : p->receiver.faults;
}

bool files_program_serves(const struct files_program *p)
{
	return p->role == RECORD_FILES_SERVE || p->role == RECORD_FILES_SFTP;
}

int files_program_folders(const struct files_program *p,
	struct sandbox_folder folders[static SANDBOX_FOLDERS_MAX], size_t *count)
{
	bool serves = files_program_serves(p);
	struct folder_stat st;

	*count = 0;
	for (size_t i = 0; i < p->place_count; i++) {
		int r = folder_stat_file(p->places[i].fd, &st);
		if (r < 0)
			return r;
		if (st.kind != WIRE_FILE_FOLDER)
			continue;
		folders[(*count)++] = (struct sandbox_folder){
			.fd = p->places[i].fd,
			.writable = p->role == RECORD_FILES_RECEIVE ||
				    (serves && (p->caps & WIRE_CAP_FILES_IN)),
		};
	}
	return 0;
}

static int begin_sending(struct files_program *p)
{
	struct files_sender *s = &p->sender;

	for (size_t i = 0; i < p->place_count && p->role == RECORD_FILES_SEND; i++) {
		p->sources[i].fd = p->places[i].fd;
		snprintf(p->sources[i].name, sizeof(p->sources[i].name), "%.*s",
			WIRE_FILE_NAME_MAX_BYTES, p->places[i].name);
		if (!wire_file_path_clean(
			    (const uint8_t *)p->sources[i].name, strlen(p->sources[i].name)) ||
			strchr(p->sources[i].name, '/'))
			return -EINVAL;
		s->source_count = i + 1;
	}
	if (p->role == RECORD_FILES_SEND)
		s->links = p->links;
	s->transfer = p->transfer;
	s->sources = p->sources;
	s->send = files_program_send;
	s->fault = files_program_fault;
	s->user = p;
	return files_sender_init(s);
}

static int begin_receiving(struct files_program *p)
{
	struct files_receiver *r = &p->receiver;
	struct folder_stat st;

	r->stream = -1;
	if (p->role == RECORD_FILES_RECEIVE) {
		int error = folder_stat_file(p->places[0].fd, &st);
		if (error < 0)
			return error;
		bool folder = st.kind == WIRE_FILE_FOLDER && !st.special;
		error = folder ? folder_open(p->places[0].fd, "", &p->base) : 0;
		if (error < 0)
			return error;
		r->base = p->base;
		r->stream = folder ? -1 : p->places[0].fd;
	}
	r->transfer = p->transfer;
	r->replace = p->force;
	snprintf(r->rename, sizeof(r->rename), "%s", p->rename);
	r->send = files_program_send;
	r->fault = files_program_fault;
	r->user = p;
	return files_receiver_init(r);
}

static int begin_streaming(struct files_program *p)
{
	struct files_stream *s = &p->stream;
	bool sftp = p->role == RECORD_FILES_SFTP;

	s->transfer = p->transfer;
	s->from = sftp ? p->sftp.from : p->places[0].fd;
	s->to = sftp ? p->sftp.to : p->places[1].fd;
	s->send = files_program_send;
	s->user = p;
	p->result.sent = sftp;
	return 0;
}

static int begin_lending(struct files_program *p)
{
	struct files_lender *l = &p->lender;

	l->transfer = p->transfer;
	l->sources = p->sources;
	l->source_count = p->sender.source_count;
	l->send = files_program_send;
	l->user = p;
	int r = files_lender_init(l);
	if (l->source_count > 0)
		snprintf(p->first, sizeof(p->first), "%s", p->sources[0].name);
	return r;
}

/* What the order of the client made of it. */
int files_program_start(struct files_program *p)
{
	return p->state == FILES_SENDING     ? begin_sending(p)
	       : p->state == FILES_RECEIVING ? begin_receiving(p)
	       : p->state == FILES_STREAMING ? begin_streaming(p)
	       : p->state == FILES_LENDING   ? begin_lending(p)
					     : 0;
}

int files_program_begin(struct files_program *p)
{
	if (p->role == RECORD_FILES_LIST) {
		p->state = FILES_LISTING;
		p->receiver.transfer = p->transfer;
		p->receiver.send = files_program_send;
		p->receiver.user = p;
		return 0;
	}
	if (p->role == RECORD_FILES_RECEIVE)
		p->state = FILES_RECEIVING;
	return files_program_start(p);
}

/* What is said before the transfer is open. */
static int take_first(struct files_program *p, const struct wire_message *m)
{
	if (files_program_serves(p)) {
		if (p->copied != FILES_COPIED_NONE)
			return -EPROTO;
		int r = files_program_order(p, m);
		if (r == 0 && p->copied != FILES_COPIED_NONE)
			return 0; /* it begins when the parent has answered */
		return r < 0 ? r : files_program_start(p);
	}
	if (p->role == RECORD_FILES_RECEIVE || m->type != WIRE_FILE_OPENED)
		return -EPROTO;
	p->state = p->role == RECORD_FILES_SEND ? FILES_SENDING : FILES_STREAMING;
	return files_program_start(p);
}

static int take_close(struct files_program *p, const struct wire_file_close *close)
{
	if (!p->sender.whole)
		return -EPROTO;
	p->result.files = close->files;
	p->result.bytes = close->bytes;
	/* The other end counts ours too. */
	p->result.faults = p->sender.faults > close->faults ? p->sender.faults : close->faults;
	return 1;
}

static int take_stop(struct files_program *p, const struct wire_file_stop *stop)
{
	p->result.fault = stop->fault != WIRE_FILE_OK ? stop->fault : WIRE_FILE_STOPPED;
	p->result.there = true;
	return 1;
}

static int take_sent(struct files_program *p, const struct wire_message *m, size_t len)
{
	if (m->type == WIRE_FILE_OPENED && p->role == RECORD_FILES_RECEIVE &&
		p->receiver.entry == 0)
		return 0;
	note_total(p, m);
	note_first(p, m);
	if (m->type == WIRE_FILE_ENTRY)
		files_program_note_made(p, &m->file_entry);
	int r = files_receiver_take(&p->receiver, m, len);
	if (r == 1) {
		files_program_count(p);
		files_program_tell_made(p);
	}
	return r;
}

static int take_lent(struct files_program *p, const struct wire_message *m, size_t len)
{
	int r = files_lender_take(&p->lender, m, len);

	if (r == 1)
		files_program_count(p);
	return r;
}

static int take_stream(struct files_program *p, const struct wire_message *m, size_t len)
{
	int r = files_stream_take(&p->stream, m, len);

	if (r == 1)
		files_program_count(p);
	return r;
}

/* Each message but orders begins with the transfer's number: worker and link go by it, and so do
 * we. */
int files_program_message(struct files_program *p, const struct wire_message *m, size_t len)
{
	if (m->file_of.transfer != p->transfer)
		return -EPROTO;
	if (m->type == WIRE_FILE_STOP)
		return take_stop(p, &m->file_stop);
	if (p->state == FILES_WAITING)
		return take_first(p, m);
	if (p->state == FILES_LISTING)
		return files_program_list(p, m, len);
	if (p->state == FILES_RECEIVING)
		return take_sent(p, m, len);
	if (p->state == FILES_STREAMING)
		return take_stream(p, m, len);
	if (p->state == FILES_LENDING)
		return take_lent(p, m, len);
	if (m->type == WIRE_FILE_CLOSE)
		return take_close(p, &m->file_close);
	return files_sender_take(&p->sender, m);
}
