#include "common/clipboard/x11_transfer.h"

#include <stdlib.h>
#include <string.h>

void x11_transfer_init(struct x11_transfer *t, struct x11_base *x, uint32_t id,
	xcb_window_t requestor, xcb_atom_t property, const struct x11_answer *answer)
{
	*t = (struct x11_transfer){
		.x = x, .id = id, .requestor = requestor, .property = property, .answer = *answer
	};
	buffer_init(&t->queue, X11_TRANSFER_QUEUE_BYTES);
}

void x11_transfer_finish(struct x11_transfer *t)
{
	buffer_wipe_finish(&t->queue);
	*t = (struct x11_transfer){ 0 };
}

static void put(struct x11_transfer *t, xcb_atom_t type, const void *bytes, size_t len)
{
	xcb_change_property(t->x->connection, XCB_PROP_MODE_REPLACE, t->requestor, t->property,
		type, 8, (uint32_t)len, bytes);
}

/* UTF-8 to ISO 8859-1 in place, which only becomes shorter. false: there is something else in it. */
static bool narrow(uint8_t *text, size_t *len)
{
	size_t to = 0;

	for (size_t at = 0; at < *len; at++) {
		uint8_t c = text[at];
		if (c >= 0x80) { /* U+0080 to U+00FF are C2 80 to C3 BF */
			if ((c != 0xc2 && c != 0xc3) || at + 1 >= *len)
				return false;
			at++;
			c = (uint8_t)(c << 6 | (text[at] & 0x3f));
		}
		text[to++] = c;
	}
	*len = to;
	return true;
}

/* "copy", then the URIs, a line each, without an end of the last (Nautilus, PCManFM, Thunar; they have
 * no specification). false: no memory. */
static bool put_gnome(struct x11_transfer *t, const uint8_t *uris, size_t len)
{
	static const char verb[] = "copy";
	size_t to = sizeof(verb) - 1;
	uint8_t *text = malloc(to + 1 + len);

	if (!text)
		return false;
	memcpy(text, verb, to);
	for (size_t at = 0; at < len; at++) {
		bool begins = at == 0 || uris[at - 1] == '\n';
		if (begins)
			text[to++] = '\n';
		if (uris[at] != '\r' && uris[at] != '\n')
			text[to++] = uris[at];
	}
	put(t, t->answer.type, text, to);
	free(text);
	return true;
}

static void put_whole(struct x11_transfer *t)
{
	uint8_t *bytes = t->queue.len > 0 ? t->queue.data + t->queue.start : NULL;
	size_t len = t->queue.len;

	if (t->answer.latin1 && len > 0 && !narrow(bytes, &len)) {
		t->state = X11_TRANSFER_FAILED;
		return;
	}
	if (!t->answer.gnome)
		put(t, t->answer.type, bytes, len);
	else if (!put_gnome(t, bytes, len)) {
		t->state = X11_TRANSFER_FAILED;
		return;
	}
	t->state = X11_TRANSFER_DONE;
}

static void put_piece(struct x11_transfer *t, uint64_t now_ms)
{
	size_t len = MIN(t->queue.len, (size_t)X11_PIECE_BYTES);

	if (t->state != X11_TRANSFER_READY || (len == 0 && !t->ended))
		return;
	put(t, t->answer.type, len > 0 ? buffer_front(&t->queue) : NULL, len);
	buffer_consume(&t->queue, len);
	t->since_ms = now_ms;
	/* An empty piece is the last. */
	t->state = len > 0 ? X11_TRANSFER_WRITTEN : X11_TRANSFER_DONE;
}

/* From now on by pieces. The program deletes the property when it is ready for the first. */
static void begin_pieces(struct x11_transfer *t, uint64_t now_ms)
{
	uint32_t at_least = (uint32_t)t->queue.len;

	/* Who asks for STRING is old, and takes what fits into one property; of files there are not so
	 * many. */
	if (t->answer.latin1 || t->answer.gnome) {
		t->state = X11_TRANSFER_FAILED;
		buffer_clear(&t->queue);
		return;
	}
	xcb_change_property(t->x->connection, XCB_PROP_MODE_REPLACE, t->requestor, t->property,
		t->x->atoms[X11_INCR], 32, 1, &at_least);
	t->since_ms = now_ms;
	t->state = X11_TRANSFER_WRITTEN;
}

static void go_on(struct x11_transfer *t, uint64_t now_ms)
{
	if (t->state == X11_TRANSFER_GATHERING) {
		if (t->queue.len > X11_PIECE_BYTES)
			begin_pieces(t, now_ms);
		else if (t->ended)
			put_whole(t);
	}
	put_piece(t, now_ms);
}

size_t x11_transfer_give(
	struct x11_transfer *t, const uint8_t *bytes, size_t len, bool end, uint64_t now_ms)
{
	size_t taken = MIN(len, X11_TRANSFER_QUEUE_BYTES - t->queue.len);

	if (t->state == X11_TRANSFER_FAILED)
		taken = len;
	else if (taken > 0 && buffer_append(&t->queue, bytes, taken) < 0)
		taken = 0;
	if (t->state == X11_TRANSFER_GATHERING && taken > 0 && t->since_ms == 0)
		t->since_ms = now_ms;
	t->full = taken < len;
	t->ended = end && taken == len;
	go_on(t, now_ms);
	return taken;
}

void x11_transfer_cut(struct x11_transfer *t)
{
	buffer_clear(&t->queue);
	t->ended = true;
	if (t->state == X11_TRANSFER_GATHERING)
		t->state = X11_TRANSFER_FAILED;
	put_piece(t, t->since_ms);
}

void x11_transfer_taken(struct x11_transfer *t, uint64_t now_ms)
{
	if (t->state != X11_TRANSFER_WRITTEN)
		return;
	t->state = X11_TRANSFER_READY;
	put_piece(t, now_ms);
}

int x11_transfer_tick(struct x11_transfer *t, uint64_t now_ms)
{
	bool gathers = t->state == X11_TRANSFER_GATHERING && t->since_ms > 0;
	uint64_t limit_ms = gathers ? X11_TRANSFER_GATHER_MS : X11_TRANSFER_STALL_MS;

	if (!gathers && t->state != X11_TRANSFER_WRITTEN)
		return -1;
	if (now_ms < t->since_ms + limit_ms)
		return (int)(t->since_ms + limit_ms - now_ms);
	if (!gathers)
		return 0;
	begin_pieces(t, now_ms);
	return X11_TRANSFER_STALL_MS;
}

bool x11_transfer_has_room(struct x11_transfer *t)
{
	bool told = t->full && !t->ended && t->queue.len <= X11_PIECE_BYTES &&
		    t->state != X11_TRANSFER_GATHERING;

	if (told)
		t->full = false;
	return told;
}
