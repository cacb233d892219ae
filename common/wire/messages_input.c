/* Messages of the person's input: keys, text, pointer, and the window's size. */
#include "common/wire/coders.h"

#define EVDEV_MAX   0x2ff      /* KEY_MAX (linux/input-event-codes.h) */
#define KEYSYM_MAX  0x1fffffff /* 29 bits (X Window System Protocol, 2) */
#define BUTTON_MAX  9          /* forward */
#define FIRST_WHEEL 4          /* buttons 4 to 7 are the wheel: WHEEL */
#define LAST_WHEEL  7

static void encode_key(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->key.serial);
	wire_write_u16(w, m->key.evdev);
	wire_write_u32(w, m->key.keysym);
	wire_write_bool(w, m->key.down);
	wire_write_bool(w, m->key.physical);
}

static bool decode_key(struct wire_reader *r, struct wire_message *m)
{
	m->key.serial = wire_read_u32(r);
	m->key.evdev = wire_read_u16(r);
	m->key.keysym = wire_read_u32(r);
	m->key.down = wire_read_bool(r);
	m->key.physical = wire_read_bool(r);
	bool names_key = m->key.evdev != 0 || (m->key.keysym != 0 && !m->key.physical);
	return wire_in_range(r, m->key.evdev <= EVDEV_MAX && names_key, "evdev") &&
	       wire_in_range(r, m->key.keysym <= KEYSYM_MAX, "keysym");
}

const struct wire_coder wire_key_coder = {
	.name = "KEY",
	.encode = encode_key,
	.decode = decode_key,
	.client_phases = IN_OPEN,
	.cap = WIRE_CAP_INPUT,
};

static void encode_text(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->text.serial);
	wire_write_bytes(w, m->text.utf8, m->text.len);
}

static bool decode_text(struct wire_reader *r, struct wire_message *m)
{
	m->text.serial = wire_read_u32(r);
	m->text.len = wire_reader_left(r);
	m->text.utf8 = wire_read_view(r, m->text.len);
	return wire_in_range(r,
		m->text.len >= 1 && m->text.len <= WIRE_TEXT_INPUT_MAX_BYTES &&
			wire_text_clean(m->text.utf8, m->text.len),
		"utf8");
}

const struct wire_coder wire_text_coder = {
	.name = "TEXT",
	.encode = encode_text,
	.decode = decode_text,
	.client_phases = IN_OPEN,
	.cap = WIRE_CAP_INPUT,
};

static void encode_pointer(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->pointer.serial);
	wire_write_u16(w, m->pointer.x_px);
	wire_write_u16(w, m->pointer.y_px);
}

static bool decode_pointer(struct wire_reader *r, struct wire_message *m)
{
	m->pointer.serial = wire_read_u32(r);
	m->pointer.x_px = wire_read_u16(r);
	m->pointer.y_px = wire_read_u16(r);
	return wire_in_range(r, m->pointer.x_px < WIRE_SIDE_MAX_PX, "x_px") &&
	       wire_in_range(r, m->pointer.y_px < WIRE_SIDE_MAX_PX, "y_px");
}

const struct wire_coder wire_pointer_coder = {
	.name = "POINTER",
	.encode = encode_pointer,
	.decode = decode_pointer,
	.client_phases = IN_OPEN,
	.cap = WIRE_CAP_INPUT,
};

static void encode_button(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->button.serial);
	wire_write_u8(w, m->button.button);
	wire_write_bool(w, m->button.down);
}

static bool decode_button(struct wire_reader *r, struct wire_message *m)
{
	m->button.serial = wire_read_u32(r);
	m->button.button = wire_read_u8(r);
	m->button.down = wire_read_bool(r);
	bool wheel = m->button.button >= FIRST_WHEEL && m->button.button <= LAST_WHEEL;
	return wire_in_range(
		r, m->button.button >= 1 && m->button.button <= BUTTON_MAX && !wheel, "button");
}

const struct wire_coder wire_button_coder = {
	.name = "BUTTON",
	.encode = encode_button,
	.decode = decode_button,
	.client_phases = IN_OPEN,
	.cap = WIRE_CAP_INPUT,
};

static void encode_wheel(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->wheel.serial);
	wire_write_i16(w, m->wheel.dx);
	wire_write_i16(w, m->wheel.dy);
}

static bool decode_wheel(struct wire_reader *r, struct wire_message *m)
{
	m->wheel.serial = wire_read_u32(r);
	m->wheel.dx = wire_read_i16(r);
	m->wheel.dy = wire_read_i16(r);
	bool dx = m->wheel.dx >= -WIRE_WHEEL_MAX && m->wheel.dx <= WIRE_WHEEL_MAX;
	bool dy = m->wheel.dy >= -WIRE_WHEEL_MAX && m->wheel.dy <= WIRE_WHEEL_MAX;
	return wire_in_range(r, dx, "dx") && wire_in_range(r, dy, "dy");
}

const struct wire_coder wire_wheel_coder = {
	.name = "WHEEL",
	.encode = encode_wheel,
	.decode = decode_wheel,
	.client_phases = IN_OPEN,
	.cap = WIRE_CAP_INPUT,
};

static void encode_pointer_by(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->pointer_by.serial);
	wire_write_i16(w, m->pointer_by.dx_px);
	wire_write_i16(w, m->pointer_by.dy_px);
}

static bool decode_pointer_by(struct wire_reader *r, struct wire_message *m)
{
	m->pointer_by.serial = wire_read_u32(r);
	m->pointer_by.dx_px = wire_read_i16(r);
	m->pointer_by.dy_px = wire_read_i16(r);
	return true;
}

const struct wire_coder wire_pointer_by_coder = {
	.name = "POINTER_BY",
	.encode = encode_pointer_by,
	.decode = decode_pointer_by,
	.client_phases = IN_OPEN,
	.cap = WIRE_CAP_INPUT,
};

static void encode_release_all(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u32(w, m->release_all.serial);
}

static bool decode_release_all(struct wire_reader *r, struct wire_message *m)
{
	m->release_all.serial = wire_read_u32(r);
	return true;
}

const struct wire_coder wire_release_all_coder = {
	.name = "RELEASE_ALL",
	.encode = encode_release_all,
	.decode = decode_release_all,
	.client_phases = IN_OPEN,
	.cap = WIRE_CAP_INPUT,
};

static void encode_view(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u16(w, m->view.width_px);
	wire_write_u16(w, m->view.height_px);
	wire_write_bool(w, m->view.paused);
}

static bool decode_view(struct wire_reader *r, struct wire_message *m)
{
	m->view.width_px = wire_read_u16(r);
	m->view.height_px = wire_read_u16(r);
	m->view.paused = wire_read_bool(r);
	return wire_in_range(r, m->view.width_px <= WIRE_SIDE_MAX_PX, "width_px") &&
	       wire_in_range(r, m->view.height_px <= WIRE_SIDE_MAX_PX, "height_px");
}

/* Needs no capability: a device that may only look has a window too. The agent decides whether the
 * session is resized by it. */
const struct wire_coder wire_view_coder = {
	.name = "VIEW",
	.encode = encode_view,
	.decode = decode_view,
	.client_phases = IN_OPEN,
};

static void encode_refresh(struct wire_writer *w, const struct wire_message *m)
{
	(void)w;
	(void)m;
}

static bool decode_refresh(struct wire_reader *r, struct wire_message *m)
{
	(void)r;
	(void)m;
	return true;
}

const struct wire_coder wire_refresh_coder = {
	.name = "REFRESH",
	.encode = encode_refresh,
	.decode = decode_refresh,
	.client_phases = IN_OPEN,
};

static void encode_dpi(struct wire_writer *w, const struct wire_message *m)
{
	wire_write_u16(w, m->dpi.dpi);
}

static bool decode_dpi(struct wire_reader *r, struct wire_message *m)
{
	uint16_t dpi = wire_read_u16(r);

	m->dpi.dpi = dpi;
	return wire_in_range(r, dpi == 0 || (dpi >= WIRE_DPI_MIN && dpi <= WIRE_DPI_MAX), "dpi");
}

const struct wire_coder wire_dpi_coder = {
	.name = "DPI",
	.encode = encode_dpi,
	.decode = decode_dpi,
	.client_phases = IN_OPEN,
};

uint32_t wire_input_serial(const struct wire_message *m)
{
	switch ((int)m->type) {
	case WIRE_KEY:
		return m->key.serial;
	case WIRE_TEXT:
		return m->text.serial;
	case WIRE_POINTER:
		return m->pointer.serial;
	case WIRE_BUTTON:
		return m->button.serial;
	case WIRE_WHEEL:
		return m->wheel.serial;
	case WIRE_POINTER_BY:
		return m->pointer_by.serial;
	case WIRE_RELEASE_ALL:
		return m->release_all.serial;
	default:
		return 0;
	}
}
