/*
 * farseat-paste: shows the files that are copied in the session as a folder of the laptop, for as long
 * as somebody may paste them (ARCHITECTURE.md, D-PASTE). Started by farseat with a mount that
 * farseat-mount has made; it is confined before it reads the first byte of the other end. Descriptor 3
 * is the parent's channel, 4 the one to farseat-link.
 */
#include "client/paste/parent.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "common/ipc/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARENT_FD 3
#define WIRE_FD   4
#define KEPT_FDS  2
/* Nothing is open and nobody has asked for anything: what is pasted now should be looked up anew. */
#define IDLE_MS (5U * 60 * 1000)
/* So long programs read why nothing more comes (EIO), instead of that nobody is there. */
#define CUT_MS 10000U

static int init(struct paste *p)
{
	p->parent.fd = p->line.channel.fd = p->fuse_fd = -1;
	p->uid = getuid();
	p->gid = getgid();
	p->used_ms = clock_now_ms();
	int r = ipc_channel_init(&p->parent, PARENT_FD);
	if (r == 0)
		r = ipc_channel_init(&p->line.channel, WIRE_FD);
	if (r == 0)
		r = paste_tree_init(&p->tree);
	return r;
}

/* Speaks on the mount that the parent has handed over. */
static int open_session(struct paste *p)
{
	static char name[] = "farseat-paste";
	char *argv[] = { name, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	char mounted[32];

	p->session = fuse_session_new(&args, &show_ops, sizeof(show_ops), p);
	fuse_opt_free_args(&args);
	if (!p->session)
		return -ENOMEM;
	/* libfuse takes a mount that was made by somebody else by this name. */
	snprintf(mounted, sizeof(mounted), "/dev/fd/%d", p->fuse_fd);
	int r = fd_set_nonblock(p->fuse_fd);
	if (r == 0 && fuse_session_mount(p->session, mounted) != 0)
		r = -EINVAL;
	return r;
}

/* ---- a round ---- */

static int wait_for(struct paste *p)
{
	struct fd_poll polls[] = {
		{ p->parent.fd, FD_READ, 0 },
		{ p->line.cut ? -1 : p->line.channel.fd, FD_READ, 0 },
		{ p->fuse_fd, FD_READ, 0 },
	};

	if (ipc_wants_write(&p->parent))
		polls[0].want |= FD_WRITE;
	if (ipc_wants_write(&p->line.channel))
		polls[1].want |= FD_WRITE;
	int r = fd_wait(polls, ARRAY_LEN(polls), 1000);
	return r < 0 && r != -EINTR ? r : 0;
}

static void take_answers(struct paste *p)
{
	struct paste_news_of news;

	while (paste_line_next(&p->line, &news) == 1) {
		if (news.news == PASTE_OPENED)
			(void)fetch_list(p, PASTE_ROOT); /* cut: told below */
		else if (news.news == PASTE_FAULT)
			parent_tell_fault(p, &news.message.file_fault);
		else if (news.news == PASTE_ANSWER && fetch_take(p, &news) < 0)
			paste_line_end(&p->line, WIRE_FILE_PROTOCOL);
	}
	if (!p->line.cut)
		(void)!paste_line_ack(&p->line); /* the same */
}

/* What programs ask. 0; -ENODEV: it was unmounted. */
static int take_requests(struct paste *p)
{
	for (;;) {
		int r = fuse_session_receive_buf(p->session, &p->packet);
		if (r == -EAGAIN || r == -EINTR)
			return 0;
		if (r <= 0)
			return r < 0 ? r : -ENODEV;
		fuse_session_process_buf(p->session, &p->packet);
	}
}

static bool is_over(const struct paste *p, uint64_t now_ms)
{
	if (p->quit || (p->line.cut && now_ms >= p->cut_at_ms + CUT_MS))
		return true;
	return p->handles == 0 && p->waiting_count == 0 && now_ms >= p->used_ms + IDLE_MS;
}

static int turn(struct paste *p)
{
	int r = wait_for(p);

	if (r == 0)
		r = parent_take(p);
	if (r < 0)
		return r;
	take_answers(p);
	r = take_requests(p);
	show_answer(p);
	parent_tell(p);
	if (p->line.cut && p->cut_at_ms == 0)
		p->cut_at_ms = clock_now_ms();
	return r < 0 ? r : is_over(p, clock_now_ms());
}

static void finish(struct paste *p)
{
	paste_line_end(&p->line, WIRE_FILE_OK);
	show_answer(p);
	(void)!ipc_flush(&p->line.channel);
	free(p->packet.mem);
	if (p->session)
		fuse_session_destroy(p->session);
	paste_tree_finish(&p->tree);
	paste_blocks_finish(&p->blocks);
	log_set_sink(NULL, NULL);
	ipc_channel_finish(&p->line.channel);
	ipc_channel_finish(&p->parent);
}

int main(int argc, char **argv)
{
	static struct paste p;

	(void)argv;
	log_init("farseat-paste");
	process_set_name("farseat-paste");
	if (argc != 1) {
		fputs("farseat-paste is started by farseat\n", stderr);
		return 2;
	}
	int r = sandbox_prepare(KEPT_FDS);
	if (r == 0)
		r = init(&p);
	if (r == 0)
		r = parent_configure(&p);
	if (r == 0)
		r = open_session(&p);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return EXIT_FAILURE;
	}
	log_set_sink(ipc_child_log, &p.parent);
	r = sandbox_enter(SANDBOX_PASTE);
	if (r < 0)
		log_error("farseat-paste cannot be confined on this system (%s)", strerror(-r));
	while (r >= 0 && (r = turn(&p)) == 0)
		;
	log_debug("ends: %s", r < 0 ? strerror(-r) : p.line.cut ? "the line is cut" : "idle");
	finish(&p);
	return r < 0 && r != -EPIPE && r != -ENODEV ? EXIT_FAILURE : EXIT_SUCCESS;
}
