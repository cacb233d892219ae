#include "client/window/window_clipboard.h"

#include "client/window/wayland_clipboard.h"
#include "client/window/window_state.h"
#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/clipboard/x11_clipboard.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Passwords and passphrases; a longer text was copied by mistake, and would take a minute to type. */
#define SECRET_MAX_BYTES 4096
/* As many paths as one copy takes (WINDOW_DROP_MAX), of 4095 bytes, each of which may be %XX. */
#define FILES_LIST_MAX_BYTES (4U << 20)

/* --- what the exchange asks and tells --- */

static void explain(struct window *w, enum wire_clipboard_status why, const char *where)
{
	char text[WINDOW_HINT_BYTES];
	const char *what = NULL;

	switch (why) {
	case WIRE_CLIPBOARD_TOO_LARGE:
		what = "it is too large (at most 16 MiB of text, 64 MiB of a picture)";
		break;
	case WIRE_CLIPBOARD_LATE:
		what = "the program that copied it did not answer in time";
		break;
	case WIRE_CLIPBOARD_UNUSABLE:
		what = "it is damaged, or not what its program calls it";
		break;
	default:
		return; /* a program asked that nobody waits for, or it was replaced meanwhile */
	}
	snprintf(text, sizeof(text), "Not pasted %s: %s.", where, what);
	log_info("clipboard: not pasted %s: %s", where, what);
	window_hint(w, text);
}

static void send_message(void *user, const struct wire_message *m)
{
	struct window *w = user;

	connection_send(w->connection, m);
	if (m->type == WIRE_CLIPBOARD_DATA)
		explain(w, m->clipboard_data.status, "in the session");
}

static void on_secret(void *user, enum clipboard_selection selection, bool here)
{
	struct window *w = user;
	struct window_clipboard *c = &w->clipboard;
	bool news = here && !c->secret[selection];

	c->secret[selection] = here;
	if (news && selection == CLIPBOARD_CLIPBOARD && w->focused && !w->controls.disabled)
		window_hint(w, "A password was copied. It stays on this laptop; Ctrl+Alt+M, "
			       "\"Paste the secret\" types it once.");
}

static void on_withheld(void *user, enum clipboard_selection selection)
{
	struct window *w = user;
	struct window_clipboard *c = &w->clipboard;
	bool wanted = c->mode == CLIPBOARD_BOTH || c->mode == CLIPBOARD_TO;

	/* What is selected is not meant for anybody yet; who may only watch pastes nothing. */
	if (selection == CLIPBOARD_CLIPBOARD && wanted && !w->controls.disabled &&
		c->withheld == WITHHELD_NOTHING)
		c->withheld = WITHHELD_NEWS;
}

static void on_failed(void *user, enum clipboard_kind kind, enum wire_clipboard_status why)
{
	(void)kind;
	explain(user, why, "on this laptop");
}

static const struct exchange_line line = {
	.send = send_message,
	.secret = on_secret,
	.withheld = on_withheld,
	.failed = on_failed,
	.files = window_pastes_wanted,
};

/* --- its life --- */

static int open_local(struct window *w)
{
	int r = wayland_clipboard_create(&w->clipboard.local, w->sdl);

	if (r == -ENOTSUP && w->x11.display)
		r = x11_clipboard_create(&w->clipboard.local, NULL);
	return r;
}

void window_clipboard_open(struct window *w)
{
	struct window_clipboard *c = &w->clipboard;
	uint64_t origin;
	int r = open_local(w);

	c->mode = w->options.clipboard;
	c->due_ms = -1;
	if (r == 0)
		r = crypto_random(&origin, sizeof(origin));
	if (r == 0)
		r = exchange_create(&c->exchange, c->local, &line, w, origin | 1);
	if (r < 0) {
		log_warn("nothing can be copied and pasted: this laptop's clipboard: %s",
			strerror(-r));
		window_clipboard_close(w);
		return;
	}
	c->local->listener = &exchange_listener;
	c->local->user = c->exchange;
	log_debug("clipboard: %s", c->local->impl->name);
}

void window_clipboard_close(struct window *w)
{
	struct window_clipboard *c = &w->clipboard;

	exchange_destroy(c->exchange);
	c->exchange = NULL;
	if (c->local)
		c->local->impl->destroy(c->local);
	c->local = NULL;
}

bool window_clipboard_may_send(const struct window *w)
{
	bool to = w->clipboard.mode == CLIPBOARD_BOTH || w->clipboard.mode == CLIPBOARD_TO;

	return to && (connection_caps(w->connection) & WIRE_CAP_CLIPBOARD_IN) &&
	       !w->options.view_only;
}

/* What may go each way: what the person wants, as far as the workstation allows it. */
static void update_directions(struct window *w, uint64_t now)
{
	struct window_clipboard *c = &w->clipboard;
	uint32_t caps = connection_caps(w->connection);
	bool to = window_clipboard_may_send(w);
	bool from = c->mode == CLIPBOARD_BOTH || c->mode == CLIPBOARD_FROM;

	from = from && (caps & WIRE_CAP_CLIPBOARD_OUT);
	unsigned in = CLIPBOARD_WIRE_KINDS;
	if (window_pastes_may(w))
		in |= CLIPBOARD_BIT(CLIPBOARD_FILES);
	exchange_set_directions(c->exchange, to ? CLIPBOARD_WIRE_KINDS : 0, from ? in : 0, now);
}

void window_clipboard_update(struct window *w)
{
	struct window_clipboard *c = &w->clipboard;
	uint64_t now = clock_now_ms();

	if (!c->exchange || !w->connection)
		return;
	bool there = window_session_open(w) && connection_has_clipboard(w->connection);
	update_directions(w, now);
	/* What is selected while a button is held changes with each motion. */
	exchange_set_open(c->exchange, CLIPBOARD_CLIPBOARD, w->focused, now);
	exchange_set_open(
		c->exchange, CLIPBOARD_PRIMARY, w->focused && w->controls.buttons == 0, now);
	exchange_set_line(c->exchange, there, now);
}

int window_clipboard_message(void *user, const struct wire_message *m)
{
	struct window *w = user;

	return w->clipboard.exchange ? exchange_message(w->clipboard.exchange, m, clock_now_ms())
				     : 0;
}

void window_clipboard_unsent(void *user, const struct record_link_unsent *unsent)
{
	explain(user, (enum wire_clipboard_status)unsent->status, "in the session");
}

/* What was copied here stays here until the person sends it: it may be large. */
static void note_files(struct window *w)
{
	struct window_clipboard *c = &w->clipboard;
	unsigned kinds = exchange_copied_kinds(c->exchange, CLIPBOARD_CLIPBOARD);
	bool files = kinds & CLIPBOARD_BIT(CLIPBOARD_FILES);
	bool news = files && !c->files && w->focused && w->greeted &&
		    (connection_caps(w->connection) & WIRE_CAP_FILES_IN) && !w->options.view_only;

	if (!files || w->focused)
		c->files = files;
	if (news)
		window_hint(w, "Files were copied on this laptop. Ctrl+Alt+M, \"Send the copied "
			       "files\" brings them to the workstation.");
}

/* Told when the person is here again, since most is copied in other windows; and once, since nobody can
 * do anything about it in this one. */
static void note_withheld(struct window *w)
{
	struct window_clipboard *c = &w->clipboard;

	if (c->withheld != WITHHELD_NEWS || !w->focused || !w->greeted)
		return;
	c->withheld = WITHHELD_TOLD;
	log_info("clipboard: what was copied here stays here: the workstation does not allow it");
	window_hint(w, "What was copied on this laptop cannot be pasted in the session: the "
		       "workstation does not allow it.");
}

void window_clipboard_step(struct window *w)
{
	struct window_clipboard *c = &w->clipboard;
	uint64_t now = clock_now_ms();

	if (!c->exchange)
		return;
	c->local->impl->dispatch(c->local);
	int local_ms = c->local->impl->tick(c->local, now);
	int exchange_ms = exchange_tick(c->exchange, now);
	c->local->impl->flush(c->local);
	note_files(w);
	note_withheld(w);
	c->due_ms = clock_sooner_ms(local_ms, exchange_ms);
}

size_t window_clipboard_fds(const struct window *w, struct fd_poll *fds)
{
	const struct clipboard_local *local = w->clipboard.local;
	int numbers[CLIPBOARD_LOCAL_FDS_MAX];
	bool wants_write[CLIPBOARD_LOCAL_FDS_MAX];
	size_t count = local ? local->impl->fds(local, numbers, wants_write) : 0;

	/* A connection is read and written, a pipe does the one or the other. */
	bool pipes = !w->x11.display;
	for (size_t i = 0; i < count; i++) {
		short write = wants_write[i] ? FD_WRITE : 0;
		short read = pipes && wants_write[i] ? 0 : FD_READ;
		fds[i] = (struct fd_poll){ .fd = numbers[i], .want = (short)(write | read) };
	}
	return count;
}

/* --- the menu --- */

void window_clipboard_next_mode(struct window *w)
{
	w->clipboard.mode = (enum clipboard_mode)((w->clipboard.mode + 1) % CLIPBOARD_MODES);
	window_clipboard_update(w);
	window_keep(w, "clipboard", clipboard_mode_name(w->clipboard.mode));
}

static void type_secret(void *user, const uint8_t *text, size_t len)
{
	struct window *w = user;
	char secret[SECRET_MAX_BYTES + 1];

	if (!text || len == 0 || len >= sizeof(secret)) {
		window_hint(w, text && len > 0 ? "What was copied is too long for a password."
					       : "The password is no longer there: copy it again.");
		return;
	}
	memcpy(secret, text, len);
	secret[len] = '\0';
	controls_text(&w->controls, secret);
	secure_wipe(secret, sizeof(secret));
}

void window_clipboard_type_secret(struct window *w)
{
	struct window_clipboard *c = &w->clipboard;

	if (w->controls.disabled) {
		window_hint_view_only(w);
		return;
	}
	int r = c->exchange && c->secret[CLIPBOARD_CLIPBOARD]
			? exchange_read_text(c->exchange, CLIPBOARD_CLIPBOARD, SECRET_MAX_BYTES,
				  type_secret, w)
			: -ENOENT;
	if (r == -ENOENT)
		window_hint(w, "No password manager has copied anything on this laptop.");
	else if (r < 0 && r != -EBUSY)
		window_hint(w, "What was copied cannot be read.");
}

static void send_files(void *user, const uint8_t *list, size_t len)
{
	struct window *w = user;

	if (list)
		window_files_send_list(w, list, len);
	else
		window_hint(w, "The program that copied the files does not say which they are.");
}

void window_clipboard_send_files(struct window *w)
{
	struct window_clipboard *c = &w->clipboard;
	int r = c->exchange ? exchange_read_files(c->exchange, FILES_LIST_MAX_BYTES, send_files, w)
			    : -ENOENT;

	if (r == -ENOENT)
		window_hint(w, "No files are copied on this laptop.");
	else if (r < 0 && r != -EBUSY)
		window_hint(w, "What was copied cannot be read.");
}
