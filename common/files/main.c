/* farseat-files: started by farseat on the laptop, by farseat-starter for the session's user on the
 * workstation. */
#include "common/files/program.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "common/files/fault.h"
#include "common/ipc/child.h"
#include "common/ipc/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_FDS 2
/* Messages taken in a row before the parent is heard again. */
#define TAKE_MAX 64
/* What waits at the end for a reader that lives. */
#define FAREWELL_MS 5000

static int init(struct files_program *p)
{
	p->parent.fd = p->wire.fd = p->base = p->sftp.from = p->sftp.to = -1;
	int r = ipc_channel_init(&p->parent, FILES_PARENT_FD);
	if (r == 0)
		r = ipc_channel_init(&p->wire, FILES_WIRE_FD);
	p->places = calloc(RECORD_FILES_PLACES_MAX, sizeof(*p->places));
	p->sources = calloc(RECORD_FILES_PLACES_MAX, sizeof(*p->sources));
	if (r == 0 && (!p->places || !p->sources))
		r = -ENOMEM;
	return r;
}

static void finish(struct files_program *p, bool keep)
{
	if (p->state == FILES_SENDING)
		files_sender_finish(&p->sender);
	files_lender_finish(&p->lender);
	files_receiver_finish(&p->receiver, keep);
	files_sftp_finish(&p->sftp, keep ? FAREWELL_MS : 0);
	fd_close(&p->base);
	for (size_t i = 0; p->copied == FILES_COPIED_TAKEN && i < p->sender.source_count; i++)
		fd_close(&p->sources[i].fd);
	for (size_t i = 0; i < p->place_count; i++)
		fd_close(&p->places[i].fd);
	free(p->places);
	free(p->sources);
	free(p->made);
	ipc_channel_finish(&p->wire);
	ipc_channel_finish(&p->parent);
}

/* Before the first byte of the other end: nothing but these folders is in reach, of a stream none. */
static int confine(struct files_program *p)
{
	struct sandbox_folder folders[SANDBOX_FOLDERS_MAX];
	size_t count = 0;

	int r = files_program_folders(p, folders, &count);
	if (r == 0 && p->role == RECORD_FILES_SFTP) {
		r = files_sftp_start(folders, count, p->places[0].name, &p->sftp);
		if (r < 0)
			log_error(
				"cannot start OpenSSH's sftp-server in its box: %s", strerror(-r));
		if (r == -ENOENT) /* it is the program that is missing, no file of the person's */
			r = -ENOSYS;
		count = 0;
	}
	if (r < 0)
		return r;
	r = sandbox_enter_files(folders, count);
	if (r < 0)
		log_error("farseat-files cannot be confined on this system (%s)", strerror(-r));
	return r < 0 ? r : 0;
}

/* A message waits for the stream's reader: no other one is taken meanwhile. */
static bool is_full(const struct files_program *p)
{
	return p->state == FILES_STREAMING && files_stream_waits(&p->stream);
}

/* All messages that wait, up to a few: 1: the end; -EAGAIN: none waits any more, or none can be taken. */
static int take_messages(struct files_program *p)
{
	struct files_wire_record record;
	struct wire_message m;

	for (int i = 0; i < TAKE_MAX; i++) {
		int fd = -1;
		if (is_full(p))
			return -EAGAIN;
		int r = record_receive(&p->wire, &files_wire_records, &record, &fd);
		fd_close(&fd);
		if (r != 1)
			return r;
		r = record_wire_message(&record.wire, &m);
		if (r == 0)
			r = files_program_message(p, &m, record.wire.message.len);
		if (r != 0)
			return r;
	}
	return 0;
}

/* Whether the sending end may say something now, or has something to wait for. */
static bool may_send(const struct files_program *p)
{
	bool more = (p->state == FILES_SENDING && !p->sender.whole) ||
		    (p->state == FILES_LENDING && files_lender_waits(&p->lender));

	return more && !ipc_wants_write(&p->wire);
}

/* What is to be read for the other end as soon as there is something; -1: none. */
static int source_of(const struct files_program *p)
{
	if (p->state == FILES_STREAMING && !ipc_wants_write(&p->wire))
		return files_stream_reads(&p->stream) ? p->stream.from : -1;
	return may_send(p) && p->state == FILES_SENDING ? files_sender_pipe(&p->sender) : -1;
}

static int wait_for(struct files_program *p, bool busy, bool *source_ready)
{
	const int source = source_of(p);
	const bool full = is_full(p), wants = ipc_wants_write(&p->wire);
	struct fd_poll polls[] = {
		{ p->parent.fd, FD_READ, 0 },
		/* Neither: a channel that has ended would wake us again and again. */
		{ full && !wants ? -1 : p->wire.fd, full ? 0 : FD_READ, 0 },
		{ source, FD_READ, 0 },
		{ full ? p->stream.to : -1, FD_WRITE, 0 },
	};

	if (ipc_wants_write(&p->parent))
		polls[0].want |= FD_WRITE;
	if (wants)
		polls[1].want |= FD_WRITE;
	int r = fd_wait(polls, ARRAY_LEN(polls), busy || (may_send(p) && source < 0) ? 0 : -1);
	*source_ready = polls[2].got != 0;
	return r < 0 && r != -EINTR ? r : 0;
}

static int flush(struct ipc_channel *c)
{
	int r = ipc_flush(c);

	return r == -EAGAIN ? 0 : r;
}

/* idle: no message waits. 0; 1: the end; -errno. */
static int stream(struct files_stream *s, bool idle, bool ready)
{
	int r = files_stream_write(s);

	if (r == 0)
		r = files_stream_ack(s, idle);
	return r == 0 && ready ? files_stream_read(s) : r;
}

static int lend(struct files_program *p, bool idle)
{
	int r = files_lender_ack(&p->lender, idle);

	return r == 0 && may_send(p) ? files_lender_step(&p->lender) : r;
}

/* Does what is to do without being asked. 0; 1: the end; -errno. */
static int step(struct files_program *p, bool idle, bool ready, bool *busy)
{
	int r = 0;

	if (p->state == FILES_STREAMING)
		return stream(&p->stream, idle, ready);
	if (p->state == FILES_LENDING)
		return lend(p, idle);
	if (p->state == FILES_LISTING)
		return files_receiver_ack(&p->receiver, idle);
	if (p->state == FILES_RECEIVING) {
		r = files_receiver_ack(&p->receiver, idle);
		if (r == 0)
			r = files_receiver_step(&p->receiver);
		*busy |= r > 0;
	} else if (may_send(p) && (files_sender_pipe(&p->sender) < 0 || ready)) {
		r = files_sender_step(&p->sender);
	}
	return r < 0 && r != -EAGAIN ? r : 0;
}

/* One round: 0: go on; 1: the end of the transfer; -errno. *busy: there is more to do at once. */
static int turn(struct files_program *p, bool *busy)
{
	bool ready;
	int r = wait_for(p, *busy, &ready);

	*busy = false;
	if (r == 0)
		r = flush(&p->parent);
	if (r == 0)
		r = flush(&p->wire);
	if (r == 0)
		r = files_program_parent(p);
	if (r == 0)
		r = take_messages(p);
	if (r == 1 || (r < 0 && r != -EAGAIN))
		return r;
	bool idle = r == -EAGAIN;
	*busy = !idle;
	r = step(p, idle, ready, busy);
	files_program_tell(p, false);
	return r;
}

static int run(struct files_program *p)
{
	bool busy = false;
	int r = files_program_begin(p);

	while (r == 0)
		r = turn(p, &busy);
	if (r != -EPIPE)
		return r;
	/* Nobody takes what we say: why that is may have been said before. */
	while ((r = take_messages(p)) == 0)
		;
	return r == 1 ? r : -EPIPE;
}

/* What a channel still has to send, as long as somebody reads it. */
static void drain(struct ipc_channel *c)
{
	uint64_t until_ms = clock_now_ms() + FAREWELL_MS;

	while (ipc_flush(c) == -EAGAIN && clock_now_ms() < until_ms)
		if (fd_wait_one(c->fd, FD_WRITE, FAREWELL_MS) <= 0)
			break;
}

/* What still comes is read and dropped until the other end has heard us: to close with unread records
 * would take our last words from it. */
static void linger(struct ipc_channel *c)
{
	uint64_t until_ms = clock_now_ms() + FAREWELL_MS;
	const uint8_t *bytes;
	size_t len;

	for (;;) {
		int fd = -1;
		int r = ipc_receive(c, &bytes, &len, &fd);
		fd_close(&fd);
		uint64_t now_ms = clock_now_ms();
		if (now_ms >= until_ms || (r < 0 && r != -EAGAIN))
			return;
		if (r == -EAGAIN && fd_wait_one(c->fd, FD_READ, (int)(until_ms - now_ms)) <= 0)
			return;
	}
}

/* Both are told how it ended. Whether what is not whole may be resumed. */
static bool farewell(struct files_program *p, int error)
{
	struct files_record record = { .type = RECORD_FILES_RESULT };

	if (error < 0) {
		p->result.fault = (uint8_t)(error == -EPIPE ? WIRE_FILE_IO : files_fault_of(error));
		p->result.there = error == -EPIPE;
		files_program_count(p);
		const struct wire_message stop = { .type = WIRE_FILE_STOP,
			.file_stop = { p->transfer, p->result.fault } };
		(void)!record_send_wire(&p->wire, &stop);
		drain(&p->wire);
		if (error != -EPIPE)
			linger(&p->wire);
	}
	drain(&p->wire);
	files_program_tell(p, true);
	record.files_result = p->result;
	record.files_result.name =
		(struct record_blob){ (const uint8_t *)p->first, strlen(p->first) };
	(void)!files_record_send(&p->parent, &record, -1);
	drain(&p->parent);
	return error == -EPIPE || (error == 1 && p->result.fault != WIRE_FILE_STOPPED);
}

int main(int argc, char **argv)
{
	static struct files_program p;

	(void)argv;
	log_init("farseat-files");
	process_set_name("farseat-files");
	if (argc != 1) {
		fputs("farseat-files is started by farseat and farseatd\n", stderr);
		return 2;
	}
	int r = sandbox_prepare_files(KEPT_FDS);
	if (r == 0)
		r = init(&p);
	if (r == 0)
		r = files_program_configure(&p);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return EXIT_FAILURE;
	}
	log_set_sink(ipc_child_log, &p.parent);
	r = confine(&p);
	if (r == 0)
		r = run(&p);
	bool keep = farewell(&p, r);
	log_set_sink(NULL, NULL);
	finish(&p, keep);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
