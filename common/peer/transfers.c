#include "common/peer/transfers.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <string.h>

static bool is_of_files(enum wire_type type)
{
	return type >= WIRE_FILE_PUT && type <= WIRE_FILE_STREAM;
}

/* Every message of files begins with its transfer. */
uint8_t transfers_number(const struct wire_message *m)
{
	return m->file_of.transfer;
}

bool transfers_lends(const struct wire_message *m)
{
	return m->type == WIRE_FILE_GET && (m->file_open.flags & WIRE_FILE_LENT);
}

/* What counts as under way (FILE_ACK). */
static bool is_bulk(enum wire_type type)
{
	return (type >= WIRE_FILE_TOTAL && type <= WIRE_FILE_LAST) || type == WIRE_FILE_STREAM;
}

static bool is_order(enum wire_type type)
{
	return type == WIRE_FILE_PUT || type == WIRE_FILE_GET || type == WIRE_FILE_SFTP;
}

static bool runs(const struct transfer *f)
{
	return f->used && !f->over;
}

/* -1: it does not run. */
static int place_of(const struct transfers *t, uint8_t number)
{
	for (int i = 0; i < TRANSFERS_PLACES; i++)
		if (runs(&t->at[i]) && t->at[i].number == number)
			return i;
	return -1;
}

static struct transfer *find(struct transfers *t, uint8_t number)
{
	int place = place_of(t, number);

	return place < 0 ? NULL : &t->at[place];
}

bool transfers_has(const struct transfers *t, uint8_t number)
{
	return place_of(t, number) >= 0;
}

unsigned transfers_running(const struct transfers *t)
{
	unsigned count = 0;

	for (size_t i = 0; i < TRANSFERS_PLACES; i++)
		count += runs(&t->at[i]);
	return count;
}

static void forget(struct transfer *f)
{
	ipc_channel_finish(&f->channel);
	memset(f, 0, sizeof(*f));
	f->channel.fd = -1;
}

/* A place that nobody has; else that of one whose process takes long to exit: it has been told
 * everything. */
static struct transfer *free_place(struct transfers *t)
{
	struct transfer *place = NULL;

	for (size_t i = 0; i < TRANSFERS_PLACES; i++) {
		if (!t->at[i].used)
			return &t->at[i];
		if (t->at[i].over)
			place = &t->at[i];
	}
	return place;
}

int transfers_add(struct transfers *t, uint8_t number, int fd)
{
	struct transfer *f = free_place(t);
	int r = transfers_has(t, number) ? -EEXIST : 0;

	if (r == 0 && (!f || transfers_running(t) >= WIRE_FILE_TRANSFERS_MAX))
		r = -EBUSY;
	if (r < 0) {
		fd_close(&fd);
		return r;
	}
	forget(f);
	r = ipc_channel_init(&f->channel, fd);
	if (r < 0) {
		f->channel.fd = -1;
		return r;
	}
	f->used = true;
	f->number = number;
	transfer_window_init(&f->window);
	/* Before its bytes stand in the way. */
	peer_measure(t->peer);
	return 0;
}

/* ---- from the other end to farseat-files ---- */

static struct wire_message stop_of(uint8_t number, enum wire_file_fault fault)
{
	struct wire_message m = { .type = WIRE_FILE_STOP };

	m.file_stop.transfer = number;
	m.file_stop.fault = (uint8_t)fault;
	return m;
}

static int tell_other_end(struct transfers *t, uint8_t number, enum wire_file_fault fault)
{
	const struct wire_message m = stop_of(number, fault);

	return peer_send(t->peer, &m);
}

static void tell_process(struct transfer *f, const struct wire_message *m)
{
	if (record_send_wire(&f->channel, m) == 0)
		return;
	/* It is gone, which transfers_step sees; or it does not read, and is told so by the end of
	 * its channel. */
	log_debug("farseat-files of transfer %u does not read", f->number);
	ipc_channel_finish(&f->channel);
}

static void end(struct transfer *f)
{
	f->over = true;
	f->waiting.len = 0;
}

void transfers_refuse(struct transfers *t, uint8_t number, enum wire_file_fault fault)
{
	const struct wire_message m = stop_of(number, fault);
	struct transfer *f = find(t, number);

	if (!f)
		return;
	tell_process(f, &m);
	end(f);
}

int transfers_stop(struct transfers *t, uint8_t number, enum wire_file_fault fault)
{
	transfers_refuse(t, number, fault);
	return tell_other_end(t, number, fault);
}

void transfers_take(struct transfers *t, const struct wire_message *m)
{
	struct transfer *f = find(t, transfers_number(m));

	if (!f)
		return;
	if (m->type == WIRE_FILE_ACK && !transfer_window_acked(&f->window, m->file_ack.taken_bytes,
						t->peer->rtt_us, clock_now_us())) {
		log_warn("the other end took more of transfer %u than was sent", f->number);
		return;
	}
	tell_process(f, m);
	if (m->type == WIRE_FILE_CLOSE || m->type == WIRE_FILE_STOP)
		end(f);
	peer_source_ready(t->peer, PEER_FILES);
}

/* ---- from farseat-files to the other end ---- */

/* Which messages a farseat-files may send: those of its transfer, by which no other begins. */
static bool may_send(
	const struct transfers *t, const struct transfer *f, const struct wire_message *m)
{
	return is_of_files(m->type) && !is_order(m->type) && transfers_number(m) == f->number &&
	       (t->is_server || m->type != WIRE_FILE_OPENED);
}

/* Small ones go with control, so that an acknowledgement never waits for somebody's picture. */
static bool is_small(enum wire_type type)
{
	return !is_bulk(type) && type != WIRE_FILE_HAVE;
}

/* Reads the next message of a process. 1: one waits; 0: none; -EPIPE: it has exited; -EPROTO: it
 * broke the rules. */
static int fetch(struct transfers *t, struct transfer *f)
{
	struct files_wire_record r;
	struct wire_message m;
	int fd;

	if (f->waiting.len > 0)
		return 1;
	int result = record_receive(&f->channel, &files_wire_records, &r, &fd);
	if (result == -EAGAIN)
		return 0;
	if (result < 0)
		return result;
	fd_close(&fd);
	if (record_wire_message(&r.wire, &m) < 0 || (!f->over && !may_send(t, f, &m)))
		return -EPROTO;
	if (f->over) /* the last words of what has ended */
		return 0;
	f->waiting = r.wire.message;
	f->waiting_small = is_small(m.type);
	f->counted = is_bulk(m.type);
	return 1;
}

/* Whether the message that waits may go when PEER_FILES has its turn. */
static bool may_go(struct transfer *f)
{
	return f->waiting.len > 0 && !f->waiting_small &&
	       (!f->counted || transfer_window_free_bytes(&f->window) > 0);
}

/* The next one, in turn, that has a message for PEER_FILES; NULL: none. What an error of fetch means
 * is seen in transfers_step, where the other end can be told. */
static struct transfer *next_to_send(struct transfers *t)
{
	for (size_t i = 0; i < TRANSFERS_PLACES; i++) {
		struct transfer *f = &t->at[(t->turn + i) % TRANSFERS_PLACES];
		if (!f->used || fetch(t, f) <= 0 || !may_go(f))
			continue;
		t->turn = (t->turn + i) % TRANSFERS_PLACES;
		return f;
	}
	return NULL;
}

/* The source of PEER_FILES (peer_source_fn). */
static int next_message(void *user, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more)
{
	struct transfers *t = user;
	struct transfer *f = next_to_send(t);

	if (!f)
		return 0;
	size_t len = f->waiting.len;
	memcpy(out, f->waiting.bytes, len);
	if (f->counted)
		transfer_window_sent(&f->window, len);
	f->waiting.len = 0;
	t->turn = (t->turn + 1) % TRANSFERS_PLACES;
	*more = next_to_send(t) != NULL;
	return (int)len;
}

/* Its process has exited, or broke the rules: 0, or an error of peer_send. */
static int process_gone(struct transfers *t, struct transfer *f, int why)
{
	uint8_t number = f->number;
	bool over = f->over;

	if (why == -EPROTO)
		log_error("farseat-files of transfer %u broke the rules and is cut off", number);
	forget(f);
	return over ? 0 : tell_other_end(t, number, WIRE_FILE_INTERNAL);
}

/* Sends what is small at once. The CLOSE or STOP of a process is the end of its transfer. */
static int send_small(struct transfers *t, struct transfer *f)
{
	struct record_wire wire = { .message = f->waiting };
	struct wire_message m;
	int r = record_wire_message(&wire, &m);

	if (r < 0)
		return r;
	r = peer_send(t->peer, &m);
	f->over = m.type == WIRE_FILE_CLOSE || m.type == WIRE_FILE_STOP;
	f->waiting.len = 0;
	return r;
}

static int step_one(struct transfers *t, struct transfer *f)
{
	if (f->channel.fd < 0)
		return process_gone(t, f, -EPIPE);
	int r = ipc_wants_write(&f->channel) ? ipc_flush(&f->channel) : 0;
	if (r < 0 && r != -EAGAIN) /* fetch ends it, after what it said before */
		log_debug("files: farseat-files takes no more: %s", strerror(-r));
	while ((r = fetch(t, f)) > 0 && f->waiting_small) {
		r = send_small(t, f);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return process_gone(t, f, r);
	if (may_go(f))
		peer_source_ready(t->peer, PEER_FILES);
	return 0;
}

int transfers_step(struct transfers *t)
{
	int r = 0;

	for (size_t i = 0; i < TRANSFERS_PLACES && r == 0; i++)
		if (t->at[i].used)
			r = step_one(t, &t->at[i]);
	return r;
}

void transfers_poll(const struct transfers *t, struct fd_poll out[static TRANSFERS_PLACES])
{
	for (size_t i = 0; i < TRANSFERS_PLACES; i++) {
		const struct transfer *f = &t->at[i];
		bool reads = f->waiting.len == 0;
		bool writes = f->used && ipc_wants_write(&f->channel);
		out[i] = (struct fd_poll){
			/* Neither: a process that has exited would wake us again and again. */
			.fd = f->used && (reads || writes) ? f->channel.fd : -1,
			.want = (short)((reads ? FD_READ : 0) | (writes ? FD_WRITE : 0)),
		};
	}
}

void transfers_init(struct transfers *t, struct peer *peer, bool is_server)
{
	memset(t, 0, sizeof(*t));
	t->peer = peer;
	t->is_server = is_server;
	for (size_t i = 0; i < TRANSFERS_PLACES; i++)
		t->at[i].channel.fd = -1;
	peer_set_source(peer, PEER_FILES, next_message, t);
}

void transfers_finish(struct transfers *t)
{
	for (size_t i = 0; i < TRANSFERS_PLACES; i++)
		if (t->at[i].used)
			forget(&t->at[i]);
}
