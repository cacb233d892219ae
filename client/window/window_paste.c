#include "client/window/window_paste.h"

#include "client/session/files_order.h"
#include "client/window/window_state.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/files/fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* It has nothing left to say. */
#define EXIT_MS 200

static void say(struct window *w, const char *text)
{
	log_info("files: %s", text);
	window_hint(w, text);
}

/* ---- its end ---- */

/* What the exchange waits for, or has, does not come from it any more. */
static void let_go(struct window_paste *p)
{
	struct window *w = p->window;

	if (w->pastes.current != p)
		return;
	w->pastes.current = NULL;
	exchange_refuse_files(w->clipboard.exchange);
}

static void end(struct window_paste *p)
{
	log_debug("files: a paste ends, transfer %u", p->transfer);

	files_process_finish(&p->process, p->runs ? EXIT_MS : 0);
	mount_process_finish(&p->mount);
	let_go(p);
	memset(p, 0, sizeof(*p));
}

/* Why a program that pastes gets nothing; once. */
static void give_up(struct window_paste *p)
{
	char text[WINDOW_HINT_BYTES];

	if (!p->wanted)
		return;
	p->wanted = false;
	if (p->why[0])
		snprintf(text, sizeof(text), "Not pasted: %s.", p->why);
	else if (p->fault == WIRE_FILE_NOT_FOUND)
		snprintf(text, sizeof(text), "Not pasted: no files are copied in the session.");
	else if (p->fault != WIRE_FILE_OK)
		snprintf(text, sizeof(text), "Not pasted: %.100s.", files_fault_text(p->fault));
	else
		snprintf(text, sizeof(text),
			"Not pasted: the files cannot be shown on this laptop. The log says more.");
	say(p->window, text);
	let_go(p);
}

/* ---- what its process tells ---- */

static void on_progress(void *user, const struct record_files_progress *progress)
{
	struct window_paste *p = user;

	p->handles = progress->files;
	p->used_ms = clock_now_ms();
}

static void on_fault(void *user, const struct record_files_fault *f)
{
	struct window_paste *p = user;
	char name[WINDOW_COPY_NAME_BYTES];

	if (p->why[0])
		return;
	window_copy_clean(name, sizeof(name), f->name.bytes, f->name.len);
	snprintf(p->why, sizeof(p->why), "%.40s: %.50s", name, files_fault_text(f->fault));
}

static void on_result(void *user, const struct record_files_result *r)
{
	struct window_paste *p = user;

	p->fault = r->fault;
	give_up(p);
	let_go(p); /* what is pasted from now on is fetched anew */
}

/* Which files there are. */
static void on_copied(void *user, const struct record_files_copied *copied)
{
	struct window_paste *p = user;
	struct window *w = p->window;
	char text[WINDOW_HINT_BYTES];

	if (!p->wanted)
		return;
	if (copied->list.len == 0) {
		if (!p->why[0])
			snprintf(p->why, sizeof(p->why),
				"they are too many at once (copy the folder that they are in)");
		give_up(p);
		return;
	}
	p->wanted = false;
	if (p->why[0]) {
		snprintf(text, sizeof(text), "Not all can be pasted: %s.", p->why);
		say(w, text);
	}
	if (w->pastes.current == p)
		exchange_give_files(w->clipboard.exchange, copied->list.bytes, copied->list.len);
}

static const struct files_process_events events = { on_progress, on_fault, on_result, NULL,
	on_copied };

/* ---- its begin ---- */

/* The mount is there: farseat-paste answers for it, by what the workstation lends. */
static int run(struct window_paste *p, const char *folder, int fuse_fd)
{
	struct window *w = p->window;
	int wire_fd = -1;

	p->transfer = window_copies_number(&w->copies);
	const struct record_files_config config = { .role = RECORD_FILES_PASTE,
		.transfer = p->transfer,
		.home = { (const uint8_t *)folder, strlen(folder) } };
	const struct wire_message order =
		files_order(WIRE_FILE_GET, p->transfer, "", WIRE_FILE_COPIED | WIRE_FILE_LENT);
	int r = files_process_start(&p->process, &config, &wire_fd);
	if (r == 0)
		r = files_process_place(&p->process, fuse_fd, folder);
	if (r == 0)
		r = files_process_go(&p->process);
	if (r == 0 && !connection_order_files(w->connection, &order, wire_fd))
		r = -ENOTCONN;
	fd_close(&wire_fd);
	p->runs = r == 0;
	return r;
}

/* One that is free, or that nobody reads from, the longest unused first. */
static struct window_paste *free_place(struct window_pastes *pastes)
{
	struct window_paste *oldest = NULL;

	for (size_t i = 0; i < WINDOW_PASTES_MAX; i++) {
		struct window_paste *p = &pastes->at[i];
		if (!p->used)
			return p;
		if (p->handles == 0 && (!oldest || p->used_ms < oldest->used_ms))
			oldest = p;
	}
	if (oldest)
		end(oldest);
	return oldest;
}

static void begin(struct window *w)
{
	w->pastes.current = NULL; /* who waits now is not for that */
	struct window_paste *p = free_place(&w->pastes);

	if (!p) {
		say(w, "Not pasted: two pastes are under way. Wait for one.");
		exchange_refuse_files(w->clipboard.exchange);
		return;
	}
	*p = (struct window_paste){
		.used = true, .wanted = true, .window = w, .used_ms = clock_now_ms()
	};
	files_process_init(&p->process, &events, p);
	p->process.program = "farseat-paste";
	w->pastes.current = p;
	int r = mount_process_start(&p->mount);
	if (r < 0) {
		log_error("farseat-mount cannot be started: %s", strerror(-r));
		give_up(p);
		end(p);
	}
}

void window_pastes_wanted(void *user)
{
	struct window *w = user;

	w->pastes.due = true;
}

/* ---- its life ---- */

void window_pastes_open(struct window *w)
{
	w->pastes.possible = mount_process_possible();
	if (!w->pastes.possible)
		log_debug("files of the session cannot be pasted: FUSE, farseat-mount or "
			  "farseat-paste is missing on this laptop");
}

void window_pastes_close(struct window *w)
{
	for (size_t i = 0; i < WINDOW_PASTES_MAX; i++)
		if (w->pastes.at[i].used)
			end(&w->pastes.at[i]);
}

bool window_pastes_may(const struct window *w)
{
	return w->pastes.possible && connection_lends_files(w->connection) &&
	       (connection_caps(w->connection) & WIRE_CAP_FILES_OUT);
}

size_t window_pastes_fds(const struct window *w, struct fd_poll *fds)
{
	size_t count = 0;

	for (size_t i = 0; i < WINDOW_PASTES_MAX; i++) {
		const struct window_paste *p = &w->pastes.at[i];
		if (!p->used)
			continue;
		const struct ipc_channel *c = p->runs ? &p->process.channel : &p->mount.channel;
		fds[count++] = (struct fd_poll){ .fd = c->fd, .want = FD_READ };
	}
	return count;
}

/* false: it is over. */
static bool step(struct window_paste *p)
{
	char folder[WIRE_FILE_PATH_MAX_BYTES + 1];
	int fuse_fd = -1;

	if (p->runs)
		return files_process_read(&p->process) == 0;
	int r = mount_process_read(&p->mount, folder, &fuse_fd);
	if (r != 1)
		return r == 0;
	r = run(p, folder, fuse_fd);
	fd_close(&fuse_fd); /* farseat-paste alone answers: when it ends, programs see that */
	if (r < 0)
		log_error("farseat-paste cannot be started: %s", strerror(-r));
	return r == 0;
}

void window_pastes_step(struct window *w)
{
	if (w->pastes.due)
		begin(w);
	w->pastes.due = false;
	for (size_t i = 0; i < WINDOW_PASTES_MAX; i++) {
		struct window_paste *p = &w->pastes.at[i];
		if (!p->used || step(p))
			continue;
		give_up(p);
		end(p);
	}
}
