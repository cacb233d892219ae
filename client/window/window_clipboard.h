/*
 * The window's part in the clipboard: the laptop's own one, the exchange with the session, and what the
 * person sees and decides of it. farseat; contents pass through here unread.
 */
#pragma once

#include "client/session/clipboard_mode.h"
#include "common/base/fd.h"
#include "common/clipboard/exchange.h"
#include "common/ipc/records_link.h"

struct window;

struct window_clipboard {
	struct clipboard_local *local; /* owned; NULL: this laptop has none that is known here */
	struct exchange *exchange;     /* owned; NULL with local */
	enum clipboard_mode mode;
	bool secret[CLIPBOARD_SELECTION_COUNT]; /* a secret is copied here, and stays here */
	bool files;                             /* files are copied here */
	/* Of what the workstation does not let this laptop paste there. */
	enum { WITHHELD_NOTHING, WITHHELD_NEWS, WITHHELD_TOLD } withheld;
	int due_ms; /* when to step again; -1: only for descriptors */
};

/* Without a clipboard the session works all the same; why there is none goes to the log. */
void window_clipboard_open(struct window *w);
void window_clipboard_close(struct window *w);

/* Focus, buttons, state, rights or mode may have changed. */
void window_clipboard_update(struct window *w);

/* What the session sends; -EPROTO. */
int window_clipboard_message(void *user, const struct wire_message *m);
/* The link has refused what was copied here: the person is told. */
void window_clipboard_unsent(void *user, const struct record_link_unsent *unsent);

/* Takes what the laptop's clipboard tells and sends what waits. Right before sleeping, since SDL may
 * have read what is for us. */
void window_clipboard_step(struct window *w);
/* How many descriptors it adds to fds: CLIPBOARD_LOCAL_FDS_MAX at most. */
size_t window_clipboard_fds(const struct window *w, struct fd_poll *fds);

/* Whether the person wants, and the workstation allows, that something is put into the session's
 * clipboard. */
bool window_clipboard_may_send(const struct window *w);

/* The menu's lines. */
void window_clipboard_next_mode(struct window *w);
void window_clipboard_type_secret(struct window *w);
/* Copies to the workstation what a file manager of this laptop has copied. */
void window_clipboard_send_files(struct window *w);
