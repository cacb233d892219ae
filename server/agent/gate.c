#include "server/agent/gate.h"

struct rule {
	int type;
	uint32_t needs;
};

static const struct rule record_rules[] = {
	{ RECORD_FRAME_REQUEST, WIRE_CAP_SEE }, { RECORD_FRAME_TAKEN, WIRE_CAP_SEE },
	{ RECORD_LOOK, WIRE_CAP_SEE }, { RECORD_WIRE, 0 }, /* judged by its message */
};

/* The agent's own list, not the protocol's: what was forgotten here is refused. */
static const struct rule wire_rules[] = {
	{ WIRE_KEY, WIRE_CAP_INPUT },
	{ WIRE_TEXT, WIRE_CAP_INPUT },
	{ WIRE_POINTER, WIRE_CAP_INPUT },
	{ WIRE_BUTTON, WIRE_CAP_INPUT },
	{ WIRE_WHEEL, WIRE_CAP_INPUT },
	{ WIRE_POINTER_BY, WIRE_CAP_INPUT },
	{ WIRE_RELEASE_ALL, WIRE_CAP_INPUT },
	/* What the client has copied, and its answers. */
	{ WIRE_CLIPBOARD_OFFER, WIRE_CAP_CLIPBOARD_IN },
	{ WIRE_CLIPBOARD_WITHDRAW, WIRE_CAP_CLIPBOARD_IN },
	{ WIRE_CLIPBOARD_DATA, WIRE_CAP_CLIPBOARD_IN },
	/* Its questions for what was copied here. */
	{ WIRE_CLIPBOARD_ASK, WIRE_CAP_CLIPBOARD_OUT },
	{ WIRE_CLIPBOARD_MORE, WIRE_CAP_CLIPBOARD_OUT },
	{ WIRE_CLIPBOARD_STOP, WIRE_CAP_CLIPBOARD_OUT },
	{ WIRE_VIEW, 0 },
	{ WIRE_DPI, 0 },
	{ WIRE_REFRESH, WIRE_CAP_SEE },
};

static enum gate judge(const struct rule *rules, size_t count, int type, uint32_t caps)
{
	for (size_t i = 0; i < count; i++)
		if (rules[i].type == type)
			return (rules[i].needs & ~caps) ? GATE_VIOLATION : GATE_PASS;
	return GATE_PROTOCOL;
}

enum gate gate_record(enum record_type type, uint32_t caps)
{
	return judge(record_rules, ARRAY_LEN(record_rules), (int)type, caps);
}

enum gate gate_wire(enum wire_type type, uint32_t caps)
{
	return judge(wire_rules, ARRAY_LEN(wire_rules), (int)type, caps);
}

bool gate_may_resize(uint32_t caps)
{
	return caps & WIRE_CAP_RESIZE;
}

bool gate_may_paste(uint64_t offered_ms, uint64_t gesture_ms, uint64_t now_ms)
{
	return gesture_ms != 0 && gesture_ms > offered_ms && now_ms <= gesture_ms + GATE_PASTE_MS;
}
