/* `farseat type|key`: text and keys into a session, without a window. */
#include "client/app/automation.h"
#include "client/app/commands.h"
#include "client/window/keys.h"
#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/utf8.h"
#include "common/cli/complaint.h"
#include "common/wire/typing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#define TYPE_TEXT_MAX_BYTES (1024U * 1024) /* far more than somebody waits for */

/* Messages under way that the session has not applied: it may be much slower than what it takes. */
#define UNDER_WAY_MAX 256

/* Sends a KEY or TEXT as soon as the workstation takes it: long texts wait. */
static int send_typed(struct headless *h, struct wire_typing *typing, const struct wire_message *m)
{
	uint64_t wait_ms;
	uint32_t serial = wire_input_serial(m);
	int status = EXIT_OK;

	if (serial > UNDER_WAY_MAX)
		status = automation_wait_for_answer(h, serial - UNDER_WAY_MAX);

	while (status == EXIT_OK && (wait_ms = wire_typing_take(typing, m, clock_now_ms())) > 0)
		status = headless_run_ms(h, (uint32_t)wait_ms);
	if (status != EXIT_OK || connection_send(h->connection, m))
		return status;
	return headless_complain(h->connection, h->workstation.name);
}

/* Half of what the workstation takes, since the network may deliver late and then all at once. */
static void begin_typing(struct wire_typing *typing)
{
	wire_typing_init(typing, WIRE_TYPED_BURST / 2, clock_now_ms());
}

static int send_key(struct headless *h, struct wire_typing *typing, uint32_t keysym, bool down)
{
	struct wire_message m = { .type = WIRE_KEY };

	m.key.serial = connection_next_serial(h->connection);
	m.key.keysym = keysym;
	m.key.down = down;
	return send_typed(h, typing, &m);
}

static int send_text(struct headless *h, struct wire_typing *typing, const char *text, size_t len)
{
	struct wire_message m = { .type = WIRE_TEXT };

	m.text.serial = connection_next_serial(h->connection);
	m.text.utf8 = (const uint8_t *)text;
	m.text.len = len;
	return send_typed(h, typing, &m);
}

/* Text in messages on characters' edges; line ends and tabs are keys. */
static int type_text(struct headless *h, const char *text)
{
	const char *from = text, *at = text;
	struct wire_typing typing;
	int status = EXIT_OK;

	begin_typing(&typing);
	while (status == EXIT_OK && (*at || at > from)) {
		const char *next = at;
		uint32_t c = utf8_next(&next);
		bool control = c == '\n' || c == '\t';
		bool full = next - from > WIRE_TEXT_INPUT_MAX_BYTES;
		if ((c == 0 || control || full) && at > from) {
			status = send_text(h, &typing, from, (size_t)(at - from));
			from = at;
			continue;
		}
		if (c == 0)
			break;
		if (control) {
			uint32_t key = c == '\n' ? XKB_KEY_Return : XKB_KEY_Tab;
			status = send_key(h, &typing, key, true);
			if (status == EXIT_OK)
				status = send_key(h, &typing, key, false);
			from = next;
		}
		at = next;
	}
	return status;
}

/* Whether text can be typed: UTF-8, and no control characters but line ends and tabs. */
static bool typable(const char *text)
{
	while (*text) {
		uint32_t c = utf8_next(&text);
		if (c == 0 || (c < ' ' && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0))
			return false;
	}
	return true;
}

/* TEXT as argument, or all of standard input; -errno. */
static int read_text(const char *argument, struct buffer *out)
{
	uint8_t part[4096];
	size_t len;
	int r = 0;

	buffer_init(out, TYPE_TEXT_MAX_BYTES);
	if (strcmp(argument, "-") != 0)
		return buffer_append(out, argument, strlen(argument) + 1);
	while (r == 0 && (len = fread(part, 1, sizeof(part), stdin)) > 0)
		r = memchr(part, '\0', len) ? -EINVAL : buffer_append(out, part, len);
	if (r == 0 && ferror(stdin))
		r = -EIO;
	secure_wipe(part, sizeof(part)); /* a password perhaps */
	return r < 0 ? r : buffer_append(out, "", 1);
}

static int type_in_session(const struct options *o, const char *text)
{
	struct headless h;
	int status = automation_open(&h, o);

	if (status == EXIT_OK)
		status = automation_may_act(&h);
	if (status == EXIT_OK)
		status = type_text(&h, text);
	if (status == EXIT_OK)
		status = automation_wait_for_answer(&h, connection_next_serial(h.connection) - 1);
	headless_close(&h);
	return status;
}

int command_type(const struct options *o, void *user)
{
	struct buffer text;
	int r = read_text(o->arguments[1], &text);
	int status;

	(void)user;
	if (r == -EIO || r == -ENOMEM) {
		status =
			complaint_say("farseat type", "the text cannot be read: %s.", strerror(-r));
	} else if (r == -E2BIG) {
		status = options_wrong(o, "the text must be at most %u bytes", TYPE_TEXT_MAX_BYTES);
	} else if (r < 0 || !typable((const char *)buffer_front(&text))) {
		status = options_wrong(o, "the text must be UTF-8 without control characters");
	} else {
		status = type_in_session(o, (const char *)buffer_front(&text));
	}
	buffer_wipe_finish(&text);
	return status;
}

int command_key(const struct options *o, void *user)
{
	uint32_t keysyms[KEYS_CHORD_MAX];
	struct wire_typing typing;
	struct headless h;
	const char *bad;

	(void)user;
	int count = keys_parse_chord(o->arguments[1], keysyms, &bad);
	if (count < 0)
		return options_wrong(o,
			"'%s' has no key by this name: keys are called as in X, such as ctrl+alt+t, Return, F5, Page_Up",
			bad);
	int status = automation_open(&h, o);
	begin_typing(&typing);
	if (status == EXIT_OK)
		status = automation_may_act(&h);
	for (int i = 0; status == EXIT_OK && i < count; i++)
		status = send_key(&h, &typing, keysyms[i], true);
	for (int i = count; status == EXIT_OK && i-- > 0;)
		status = send_key(&h, &typing, keysyms[i], false);
	if (status == EXIT_OK)
		status = automation_wait_for_answer(&h, connection_next_serial(h.connection) - 1);
	headless_close(&h);
	return status;
}
