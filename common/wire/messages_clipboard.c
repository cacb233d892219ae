/* Messages of the clipboard (PROTOCOL.md, section 8): what is there, and how it is fetched when
 * somebody pastes. Either end sends each of them. */
#include "common/wire/coders.h"

static bool selection_valid(struct wire_reader *r, uint8_t selection)
{
	return wire_in_range(r, selection < WIRE_CLIPBOARD_SELECTIONS, "selection");
}

static void encode_offer(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->clipboard_offer.offer);
	wire_write_u8(w, m->clipboard_offer.selection);
	wire_write_u8(w, m->clipboard_offer.kinds);
	wire_write_u8(w, m->clipboard_offer.flags);
	wire_write_u64(w, m->clipboard_offer.origin);
}

static bool decode_offer(struct wire_reader *r, struct wire_message *m)
{
	m->clipboard_offer.offer = wire_read_u32(r);
	m->clipboard_offer.selection = wire_read_u8(r);
	m->clipboard_offer.kinds = wire_read_u8(r);
	m->clipboard_offer.flags = wire_read_u8(r);
	m->clipboard_offer.origin = wire_read_u64(r);
	return wire_in_range(r, m->clipboard_offer.offer != 0, "offer") &&
	       selection_valid(r, m->clipboard_offer.selection) &&
	       wire_in_range(r,
		       m->clipboard_offer.kinds != 0 &&
			       !(m->clipboard_offer.kinds & ~WIRE_CLIPBOARD_OFFER_ALL),
		       "kinds") &&
	       wire_in_range(r, !(m->clipboard_offer.flags & ~WIRE_CLIPBOARD_SECRET), "flags") &&
	       wire_in_range(r, m->clipboard_offer.origin != 0, "origin");
}

const struct wire_coder wire_clipboard_offer_coder = {
	.name = "CLIPBOARD_OFFER",
	.encode = encode_offer,
	.decode = decode_offer,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_CLIPBOARD_IN,
};

static void encode_withdraw(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->clipboard_withdraw.offer);
}

static bool decode_withdraw(struct wire_reader *r, struct wire_message *m)
{
	m->clipboard_withdraw.offer = wire_read_u32(r);
	return wire_in_range(r, m->clipboard_withdraw.offer != 0, "offer");
}

const struct wire_coder wire_clipboard_withdraw_coder = {
	.name = "CLIPBOARD_WITHDRAW",
	.encode = encode_withdraw,
	.decode = decode_withdraw,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_CLIPBOARD_IN,
};

static bool window_valid(struct wire_reader *r, uint32_t bytes)
{
	return wire_in_range(r, bytes >= 1 && bytes <= WIRE_CLIPBOARD_WINDOW_MAX_BYTES, "window");
}

static void encode_ask(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->clipboard_ask.ask);
	wire_write_u32(w, m->clipboard_ask.offer);
	wire_write_u8(w, m->clipboard_ask.kind);
	wire_write_u32(w, m->clipboard_ask.window_bytes);
}

static bool decode_ask(struct wire_reader *r, struct wire_message *m)
{
	m->clipboard_ask.ask = wire_read_u32(r);
	m->clipboard_ask.offer = wire_read_u32(r);
	m->clipboard_ask.kind = wire_read_u8(r);
	m->clipboard_ask.window_bytes = wire_read_u32(r);
	return wire_in_range(r, m->clipboard_ask.ask != 0, "ask") &&
	       wire_in_range(r, m->clipboard_ask.offer != 0, "offer") &&
	       wire_in_range(r, m->clipboard_ask.kind < WIRE_CLIPBOARD_KINDS, "kind") &&
	       window_valid(r, m->clipboard_ask.window_bytes);
}

const struct wire_coder wire_clipboard_ask_coder = {
	.name = "CLIPBOARD_ASK",
	.encode = encode_ask,
	.decode = decode_ask,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_CLIPBOARD_OUT,
};

static void encode_data(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->clipboard_data.ask);
	wire_write_u8(w, m->clipboard_data.status);
	wire_write_bytes(w, m->clipboard_data.bytes, m->clipboard_data.len);
}

/* PART says something, END may be empty, and what failed says nothing. */
static bool data_len_valid(uint8_t status, size_t len)
{
	if (status == WIRE_CLIPBOARD_PART)
		return len >= 1 && len <= WIRE_CLIPBOARD_PART_MAX_BYTES;
	return status == WIRE_CLIPBOARD_END ? len <= WIRE_CLIPBOARD_PART_MAX_BYTES : len == 0;
}

static bool decode_data(struct wire_reader *r, struct wire_message *m)
{
	m->clipboard_data.ask = wire_read_u32(r);
	m->clipboard_data.status = wire_read_u8(r);
	m->clipboard_data.len = wire_reader_left(r);
	m->clipboard_data.bytes = wire_read_view(r, m->clipboard_data.len);
	return wire_in_range(r, m->clipboard_data.ask != 0, "ask") &&
	       wire_in_range(r, m->clipboard_data.status < WIRE_CLIPBOARD_STATUSES, "status") &&
	       wire_in_range(
		       r, data_len_valid(m->clipboard_data.status, m->clipboard_data.len), "bytes");
}

const struct wire_coder wire_clipboard_data_coder = {
	.name = "CLIPBOARD_DATA",
	.encode = encode_data,
	.decode = decode_data,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_CLIPBOARD_IN,
};

static void encode_more(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->clipboard_more.ask);
	wire_write_u32(w, m->clipboard_more.window_bytes);
}

static bool decode_more(struct wire_reader *r, struct wire_message *m)
{
	m->clipboard_more.ask = wire_read_u32(r);
	m->clipboard_more.window_bytes = wire_read_u32(r);
	return wire_in_range(r, m->clipboard_more.ask != 0, "ask") &&
	       window_valid(r, m->clipboard_more.window_bytes);
}

const struct wire_coder wire_clipboard_more_coder = {
	.name = "CLIPBOARD_MORE",
	.encode = encode_more,
	.decode = decode_more,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_CLIPBOARD_OUT,
};

static void encode_stop(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->clipboard_stop.ask);
}

static bool decode_stop(struct wire_reader *r, struct wire_message *m)
{
	m->clipboard_stop.ask = wire_read_u32(r);
	return wire_in_range(r, m->clipboard_stop.ask != 0, "ask");
}

const struct wire_coder wire_clipboard_stop_coder = {
	.name = "CLIPBOARD_STOP",
	.encode = encode_stop,
	.decode = decode_stop,
	.client_phases = IN_OPEN,
	.server_phases = IN_OPEN,
	.cap = WIRE_CAP_CLIPBOARD_OUT,
};
