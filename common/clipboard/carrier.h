/*
 * What stands between an exchange and the network, in worker and link: contents that leave are
 * converted, contents that arrive are checked, and both ends are held to the protocol (PROTOCOL.md,
 * section 8; ARCHITECTURE.md, D-CLIPBOARD). Neither the other end nor our own agent or window is
 * trusted to keep to it.
 *
 *   leaves:   exchange -DATA-> convert -> buffer, as large as the exchange's window -> peer
 *   arrives:  peer -DATA-> check -> exchange
 *
 * No I/O and no thread. DATA that leaves waits for its turn among all that is sent: carrier_next is a
 * channel's source. A short text goes by another channel at once, since a paste must not wait for a
 * picture.
 */
#pragma once

#include "common/base/transfer_window.h"
#include "common/clipboard/check.h"
#include "common/clipboard/convert.h"
#include "common/wire/messages.h"

/* Offers and withdrawals: so many at once, and so many a second after that. An exchange makes fewer;
 * more is a flood, which would fill what waits for the agent or the window. */
#define CARRIER_NEWS_BURST 128
#define CARRIER_NEWS_PER_S 64

struct carrier_report {
	bool out; /* it left this machine */
	enum clipboard_selection selection;
	enum clipboard_kind kind;
	uint64_t bytes;
	enum wire_clipboard_status status; /* WIRE_CLIPBOARD_PART: it was stopped before its end */
};

/* None may call the carrier. */
struct carrier_ops {
	/* A message to the other end at once; soon: not with control but with the cursor. */
	void (*to_peer)(void *user, const struct wire_message *m, bool soon);
	void (*to_local)(void *user, const struct wire_message *m);
	/* carrier_next has something now. */
	void (*ready)(void *user);
	/* Of the connection, 0: not known yet. NULL: as much leaves as the other end has room for. */
	uint32_t (*round_trip_us)(void *user);
	/* An answer has ended, for the log. */
	void (*ended)(void *user, const struct carrier_report *report);
};

/* What may cross. */
struct carrier_rules {
	unsigned out_kinds, in_kinds;             /* CLIPBOARD_BIT */
	uint32_t max_bytes[WIRE_CLIPBOARD_KINDS]; /* not over those of the protocol */
};
/* All of it, as large as the protocol allows. */
extern const struct carrier_rules carrier_all;

/* An answer that leaves. */
struct carrier_sending {
	uint32_t ask; /* 0: none */
	enum clipboard_selection selection;
	struct convert *convert; /* owned */
	struct buffer out;       /* converted, not yet sent */
	uint32_t window_bytes;   /* what the exchange may give ahead of that */
	uint64_t local_window_bytes, peer_window_bytes, bytes;
	struct transfer_window
		link_window; /* so much that the link is busy, and the picture not late */
	bool whole;          /* all of it is in out */
};

/* An answer that arrives. */
struct carrier_taking {
	uint32_t ask; /* 0: none */
	enum clipboard_selection selection;
	struct check check;
	uint64_t window_bytes;
};

struct carrier_news {
	uint64_t at_ms;
	uint32_t spent; /* thousandths */
};

struct carrier {
	const struct carrier_ops *ops;
	void *user;
	struct carrier_rules rules;
	/* The newest ones, as they passed; offer 0: none. */
	struct wire_clipboard_offer peer_offer[CLIPBOARD_SELECTION_COUNT];
	struct wire_clipboard_offer local_offer[CLIPBOARD_SELECTION_COUNT];
	/* As the exchange said them, also where they might not pass: rules change. */
	struct wire_clipboard_offer local_said[CLIPBOARD_SELECTION_COUNT];
	struct carrier_sending sending[WIRE_CLIPBOARD_ASKS_MAX];
	struct carrier_taking taking[WIRE_CLIPBOARD_ASKS_MAX];
	size_t turn; /* of sending, whose part was sent last */
	struct carrier_news news;
	char fault[64]; /* what the other end did, after -EPROTO */
};

/* Nothing may cross until carrier_set_rules. */
void carrier_init(struct carrier *c, const struct carrier_ops *ops, void *user);
/* Wipes; sends nothing. A zeroed one is fine. */
void carrier_finish(struct carrier *c);

/* At once, also for what is under way; what the exchange has and may pass only now is offered. */
void carrier_set_rules(struct carrier *c, const struct carrier_rules *rules);

/* A message of the other end. -EPROTO: it broke the protocol (fault says how); -ENOMEM. */
int carrier_from_peer(struct carrier *c, const struct wire_message *m, uint64_t now_ms) MUST_CHECK;
/* A message of the exchange. -EPROTO: it is under somebody else's control; -ENOMEM. */
int carrier_from_local(struct carrier *c, const struct wire_message *m) MUST_CHECK;
/* The exchange is gone: what it offered is withdrawn, and what was asked of it is answered. */
void carrier_local_gone(struct carrier *c);
/* Another one has come: it is told what the other end has. */
void carrier_local_came(struct carrier *c);

/* The next DATA that leaves, encoded to out: its length, and *more whether another one is there; 0:
 * nothing now; -errno. */
int carrier_next(struct carrier *c, uint8_t out[static WIRE_MESSAGE_MAX_BYTES], bool *more);
