#include "client/window/window_copies.h"

#include "client/session/amount.h"
#include "client/session/files_order.h"
#include "client/window/window_state.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/utf8.h"
#include "common/files/fault.h"
#include "common/wire/plain_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* How long farseat-files may take to stop when it was told to. */
#define CANCEL_MS 3000
/* It has said all, and exits. */
#define EXIT_MS 200

void window_copy_clean(char *out, size_t size, const uint8_t *bytes, size_t len)
{
	char escaped[LOG_ESCAPED_MAX];

	if (!plain_text_valid(bytes, len)) {
		snprintf(out, size, "%s", log_escape(escaped, bytes, len));
		return;
	}
	while (len >= size) {
		size_t shorter = utf8_without_last((const char *)bytes, len);
		len = shorter < len ? shorter : 0;
	}
	snprintf(out, size, "%.*s", (int)len, len ? (const char *)bytes : "");
}

/* ---- what its process tells ---- */

static void on_progress(void *user, const struct record_files_progress *p)
{
	struct window_copy *c = user;

	c->files = p->files;
	c->bytes = p->bytes;
	c->total_bytes = p->total_bytes;
}

static void on_fault(void *user, const struct record_files_fault *f)
{
	struct window_copy *c = user;
	char name[WINDOW_COPY_NAME_BYTES];

	c->faults++;
	if (c->why[0])
		return;
	window_copy_clean(name, sizeof(name), f->name.bytes, f->name.len);
	snprintf(c->why, sizeof(c->why), "%s: %s", name, files_fault_text(f->fault));
}

static void on_result(void *user, const struct record_files_result *r)
{
	struct window_copy *c = user;

	c->files = r->files;
	c->bytes = r->bytes;
	c->fault = r->fault;
	c->faults = MAX(c->faults, r->faults);
}

static const struct files_process_events events = { on_progress, on_fault, on_result, NULL, NULL };

/* ---- its end, in a sentence ---- */

/* Why nothing more of it comes. */
static void say_ended(const struct window_copy *c, char out[static WINDOW_HINT_BYTES])
{
	const char *name = c->name;

	if (c->kill_at_ms)
		snprintf(out, WINDOW_HINT_BYTES, "Copying %s was cancelled.", name);
	else if (!c->process.done || c->fault == WIRE_FILE_INTERNAL)
		snprintf(out, WINDOW_HINT_BYTES,
			"Copying %s failed: farseat-files ended. The log says more.", name);
	else if (c->copied && c->fault == WIRE_FILE_NOT_FOUND)
		snprintf(out, WINDOW_HINT_BYTES, "No files are copied in the session.");
	else if (c->fault == WIRE_FILE_IO)
		snprintf(out, WINDOW_HINT_BYTES,
			"Copying %s broke off with the connection. What has arrived is kept: copy it again.",
			name);
	else
		snprintf(out, WINDOW_HINT_BYTES, "%s was not copied: %s.", name,
			files_fault_text(c->fault));
}

static void say_whole(const struct window_copy *c, char out[static WINDOW_HINT_BYTES])
{
	const char *there = c->window->workstation.name;

	if (c->faults > 0 && c->files > 0)
		snprintf(out, WINDOW_HINT_BYTES, "%u of %u were copied. Not copied: %s.", c->files,
			c->files + c->faults, c->why);
	else if (c->faults > 0)
		snprintf(out, WINDOW_HINT_BYTES, "Not copied: %s.", c->why);
	else if (c->pasted)
		snprintf(out, WINDOW_HINT_BYTES,
			"%s was copied to the Farseat folder on %.40s, and can be pasted there.",
			c->name, there);
	else if (c->up)
		snprintf(out, WINDOW_HINT_BYTES, "%s was copied to the Farseat folder on %.40s.",
			c->name, there);
	else
		snprintf(out, WINDOW_HINT_BYTES, "%s was copied to %s.", c->name,
			window_files_folder_name(c->window));
}

static void say(const struct window_copy *c)
{
	char text[WINDOW_HINT_BYTES];

	if (c->process.done && c->fault == WIRE_FILE_OK)
		say_whole(c, text);
	else
		say_ended(c, text);
	log_info("files: %s", text);
	window_hint(c->window, text);
	if (!c->window->focused)
		SDL_FlashWindow(c->window->sdl, SDL_FLASH_UNTIL_FOCUSED);
}

/* ---- its life ---- */

void window_copy_drop(struct window_copy *c)
{
	fd_close(&c->wire_fd);
	files_process_finish(&c->process, c->process.done ? EXIT_MS : 0);
	memset(c, 0, sizeof(*c));
}

static struct window_copy *free_place(struct window_copies *copies)
{
	for (size_t i = 0; i < WINDOW_COPIES_MAX; i++)
		if (!copies->at[i].used)
			return &copies->at[i];
	return NULL;
}

uint8_t window_copies_number(struct window_copies *copies)
{
	if (++copies->last == 0)
		copies->last = 1;
	return copies->last;
}

struct window_copy *window_copy_begin(struct window *w, bool up, const char *name)
{
	struct window_copy *c = free_place(&w->copies);

	if (!c) {
		window_hint(w, "Three copies are under way: wait for one, or cancel it.");
		return NULL;
	}
	*c = (struct window_copy){ .used = true,
		.up = up,
		.window = w,
		.transfer = window_copies_number(&w->copies),
		.wire_fd = -1 };
	window_copy_clean(c->name, sizeof(c->name), (const uint8_t *)name, strlen(name));
	const struct record_files_config config = {
		.role = up ? RECORD_FILES_SEND : RECORD_FILES_RECEIVE, .transfer = c->transfer
	};
	files_process_init(&c->process, &events, c);
	int r = files_process_start(&c->process, &config, &c->wire_fd);
	if (r == 0)
		return c;
	log_error("farseat-files cannot be started: %s", strerror(-r));
	window_hint(
		w, "Files cannot be copied: farseat-files cannot be started. Reinstall Farseat.");
	window_copy_drop(c);
	return NULL;
}

int window_copy_place(struct window_copy *c, int fd, const char *name)
{
	return files_process_place(&c->process, fd, name);
}

void window_copy_order(struct window_copy *c, const char *path, uint8_t flags)
{
	const struct wire_message order =
		files_order(c->up ? WIRE_FILE_PUT : WIRE_FILE_GET, c->transfer, path, flags);
	int r = files_process_go(&c->process);

	c->begun_ms = clock_now_ms();
	if (r == 0 && !connection_order_files(c->window->connection, &order, c->wire_fd))
		r = -ENOTCONN;
	fd_close(&c->wire_fd); /* the link has its own: when that ends, farseat-files sees it */
	if (r == 0)
		return;
	window_hint(c->window, "Not copied: the connection to the workstation is interrupted.");
	window_copy_drop(c);
}

static void cancel(struct window_copy *c)
{
	if (!c->used || c->kill_at_ms)
		return;
	c->kill_at_ms = clock_now_ms() + CANCEL_MS;
	files_process_cancel(&c->process);
}

void window_copies_cancel(struct window *w, int number)
{
	if (number >= 0 && number < WINDOW_COPIES_MAX)
		cancel(&w->copies.at[number]);
}

void window_copies_cancel_all(struct window *w)
{
	for (int i = 0; i < WINDOW_COPIES_MAX; i++)
		window_copies_cancel(w, i);
}

bool window_copies_any(const struct window *w)
{
	for (size_t i = 0; i < WINDOW_COPIES_MAX; i++)
		if (w->copies.at[i].used)
			return true;
	return false;
}

void window_copies_words(const struct window *w, struct overlay_words *words)
{
	uint64_t now = clock_now_ms();
	char done[AMOUNT_BYTES];

	for (int i = 0; i < WINDOW_COPIES_MAX; i++) {
		const struct window_copy *c = &w->copies.at[i];
		if (!c->used)
			continue;
		amount_progress(done, c->bytes, c->total_bytes, now - c->begun_ms);
		overlay_add_line(words, "%s %s\t%s", c->up ? "\xe2\x86\x91" : "\xe2\x86\x93",
			c->name, c->kill_at_ms ? "cancelling" : done);
		overlay_add_button(words, "Cancel", WINDOW_CANCEL_COPY + i);
	}
}

size_t window_copies_fds(const struct window *w, struct fd_poll *fds)
{
	size_t count = 0;

	for (size_t i = 0; i < WINDOW_COPIES_MAX; i++)
		if (w->copies.at[i].used)
			fds[count++] = (struct fd_poll){ .fd = w->copies.at[i].process.channel.fd,
				.want = FD_READ };
	return count;
}

void window_copies_step(struct window *w)
{
	for (size_t i = 0; i < WINDOW_COPIES_MAX; i++) {
		struct window_copy *c = &w->copies.at[i];
		if (!c->used)
			continue;
		bool stands = c->kill_at_ms && clock_now_ms() >= c->kill_at_ms;
		if (files_process_read(&c->process) == 0 && !stands)
			continue;
		say(c);
		window_copy_drop(c);
	}
}

void window_copies_close(struct window *w)
{
	window_copies_cancel_all(w);
	for (size_t i = 0; i < WINDOW_COPIES_MAX; i++) {
		struct window_copy *c = &w->copies.at[i];
		if (!c->used)
			continue;
		files_process_finish(&c->process, EXIT_MS);
		window_copy_drop(c);
	}
}
