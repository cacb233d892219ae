/* What the UI says: the configuration, and messages of the client that it makes itself. Records of a
 * channel are in its file. */
#include "client/link/link.h"

#include "common/base/clock.h"
#include "common/base/net_path.h"

#include <errno.h>

/* How long the UI may take to send the configuration. */
#define CONFIG_TIMEOUT_MS 5000

/* They begin a transfer; what follows in it is made by its farseat-files. */
static bool is_order(enum wire_type type)
{
	return type == WIRE_FILE_PUT || type == WIRE_FILE_GET || type == WIRE_FILE_SFTP;
}

/* Messages that are the UI's to make; the rest (HELLO, PROOF, acknowledgements) is made here. */
static bool is_of_ui(enum wire_type type)
{
	return (type >= WIRE_KEY && type <= WIRE_DPI) || type == WIRE_CHECKSUM_ASK ||
	       type == WIRE_RENEW || type == WIRE_GOODBYE || type == WIRE_SOUND_WANT ||
	       is_order(type);
}

static int forward(void *owner, const void *body, int *fd)
{
	struct link *l = owner;
	struct wire_message m;

	(void)fd;
	if (record_wire_message(body, &m) < 0)
		return -EPROTO;
	if (m.type >= WIRE_CLIPBOARD_OFFER && m.type <= WIRE_CLIPBOARD_STOP)
		return link_clipboard_from_ui(l, &m);
	if (!is_of_ui(m.type))
		return -EPROTO;
	if (m.type == WIRE_GOODBYE) {
		link_done(l, m.goodbye.code, m.goodbye.reason);
		return 0;
	}
	if (m.type == WIRE_SOUND_WANT && !l->sound.agreed)
		return 0; /* an older workstation would end the session for it */
	if (is_order(m.type) && (l->state != LINK_OPEN || !link_files_order(l, &m)))
		return 0;
	/* Before WELCOME it goes nowhere; and a message without its capability, which may have been
	 * taken away while it was under way, would end the session. */
	if (l->state != LINK_OPEN || (wire_cap_needed((uint8_t)m.type) & ~l->caps))
		return 0;
	l->input_ms = clock_now_ms();
	bool repeat = pressed_follow(&l->pressed, &m);
	peer_hurry(&l->peer, pressed_any(&l->pressed));
	/* Repeats must not gather while the link stands still and then come all at once. */
	if (!repeat || !peer_stalled(&l->peer, l->input_ms))
		link_send(l, &m);
	return 0;
}

static int check(void *owner, const void *body, int *fd)
{
	struct link *l = owner;
	const struct record_link_check *c = body;

	(void)fd;
	if (c->went && net_path_spare(l->peer.fd) <= 0)
		link_fail(l, (struct link_failure){ .retry = true },
			"this laptop's network address changed");
	else
		peer_suspect(&l->peer, clock_now_ms());
	return 0;
}

static unsigned state_of(const void *owner)
{
	const struct link *l = owner;

	return (unsigned)l->state;
}

static void refuse(void *owner, const char *record, const char *what)
{
	(void)record;
	link_fail(owner, (struct link_failure){ .goodbye = WIRE_BYE_INTERNAL },
		"the window sent %s", what);
}

static const struct dispatch_rule rules[] = {
	{ RECORD_WIRE, DISPATCH_ALWAYS, forward, 0 },
	{ RECORD_LINK_CHECK, DISPATCH_ALWAYS, check, 0 },
	{ RECORD_LINK_WAY, DISPATCH_IN(LINK_START), link_take_way, 0 },
	{ RECORD_LINK_CONFIG, DISPATCH_IN(LINK_START), link_configure, 0 },
};

static const struct dispatch dispatch = {
	.records = &link_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.find = link_channels_rule,
	.phase = state_of,
	.refuse = refuse,
};

int link_ui_config(struct link *l)
{
	struct link_record room;
	int r = 0;

	while (r >= 0 && l->state == LINK_START)
		r = dispatch_wait(&l->ui, &dispatch, l, &room, CONFIG_TIMEOUT_MS);
	secure_wipe(&room, sizeof(room));
	ipc_forget(&l->ui); /* the device's key, perhaps a session and a proxy's password */
	return MIN(r, 0);
}

void link_ui_records(struct link *l)
{
	struct link_record room;

	while (l->state != LINK_ENDED) {
		int r = dispatch_next(&l->ui, &dispatch, l, &room);
		if (r == -EAGAIN)
			return;
		/* The window is gone. Where it was refused, that reason came first and counts. */
		if (r < 0)
			link_done(l, WIRE_BYE_CLOSED, "the window was closed");
	}
}
