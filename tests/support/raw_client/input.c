/* A valid message of each type that a client may send. */
#include "tests/support/raw_client/raw.h"

struct wire_message raw_input(enum wire_type type, uint32_t serial)
{
	struct wire_message m = { .type = type };

	/* The serial stands first in each; the rest is chosen to be valid. */
	switch ((int)type) {
	case WIRE_KEY:
		m.key.serial = serial;
		m.key.evdev = 30;
		m.key.keysym = 'a';
		m.key.down = true;
		break;
	case WIRE_TEXT:
		m.text.serial = serial;
		m.text.utf8 = (const uint8_t *)"a";
		m.text.len = 1;
		break;
	case WIRE_POINTER:
		m.pointer.serial = serial;
		m.pointer.x_px = (uint16_t)(serial % 500);
		break;
	case WIRE_BUTTON:
		m.button.serial = serial;
		m.button.button = 1;
		m.button.down = true;
		break;
	case WIRE_WHEEL:
		m.wheel.serial = serial;
		m.wheel.dy = 120;
		break;
	case WIRE_POINTER_BY:
		m.pointer_by.serial = serial;
		m.pointer_by.dx_px = 5;
		break;
	case WIRE_RELEASE_ALL:
		m.release_all.serial = serial;
		break;
	case WIRE_CLIPBOARD_OFFER:
		m.clipboard_offer.offer = serial;
		m.clipboard_offer.kinds = WIRE_CLIPBOARD_KINDS_ALL;
		m.clipboard_offer.origin = serial;
		break;
	case WIRE_CLIPBOARD_WITHDRAW:
		m.clipboard_withdraw.offer = serial;
		break;
	case WIRE_CLIPBOARD_ASK:
		m.clipboard_ask.ask = serial;
		m.clipboard_ask.offer = UINT32_MAX; /* which nobody has made */
		m.clipboard_ask.window_bytes = WIRE_CLIPBOARD_WINDOW_BYTES;
		break;
	case WIRE_CLIPBOARD_DATA:
		m.clipboard_data.ask = serial;
		m.clipboard_data.status = WIRE_CLIPBOARD_END;
		break;
	case WIRE_CLIPBOARD_MORE:
		m.clipboard_more.ask = serial;
		m.clipboard_more.window_bytes = WIRE_CLIPBOARD_WINDOW_BYTES;
		break;
	case WIRE_CLIPBOARD_STOP:
		m.clipboard_stop.ask = serial;
		break;
	case WIRE_VIEW:
		m.view.width_px = 800;
		m.view.height_px = 600;
		break;
	default:
		break;
	}
	return m;
}
