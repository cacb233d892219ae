/* For tests: an Xvfb and the clipboards of its programs, the test in the place of the exchange above
 * each. What happens waits for nothing but rig_wait. */
#pragma once

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/clipboard/x11_clipboard.h"
#include "tests/unit/agent/harness.h"

#define RIG_SIDES_MAX 4
#define RIG_GIVES_MAX 8

struct rig_give {
	uint32_t request; /* 0: free */
	enum clipboard_kind kind;
	size_t done;
};

/* One clipboard, and what was heard of it. */
struct side {
	struct clipboard_local *local;
	struct clipboard_owner owner[CLIPBOARD_SELECTION_COUNT];
	unsigned told[CLIPBOARD_SELECTION_COUNT]; /* owner_changed */
	bool lost;

	/* What it gives to each who asks; NULL: only counts them. */
	const uint8_t *content;
	size_t content_len;
	bool refuses;
	bool by_bytes; /* gives one byte at a time */
	struct rig_give gives[RIG_GIVES_MAX];
	unsigned wanted, rooms, unwanted;
	uint32_t last_request;
	enum clipboard_kind last_kind;

	/* The read under way. */
	uint32_t read;
	struct buffer got;
	unsigned datas; /* parts in which it came */
	bool ended;
	enum clipboard_end end;
	bool keeps_window; /* does not let it go on */
};

struct rig {
	struct harness h;
	struct side *sides[RIG_SIDES_MAX];
	size_t side_count;
};

void rig_start(struct rig *r);
void rig_finish(struct rig *r);
/* Makes a clipboard of the display; ends the test program where there is none. */
void rig_add(struct rig *r, struct side *s);
void rig_remove(struct rig *r, struct side *s);
/* Lets all of them work for ms at most, until something came. */
void rig_turn(struct rig *r, int ms);

void side_own(struct side *s, enum clipboard_selection selection, unsigned kinds, bool secret,
	uint64_t origin);
/* Begins to read; what came before is forgotten. */
int side_read(struct side *s, enum clipboard_selection selection, enum clipboard_kind kind,
	size_t window);

/* Waits until it is so, or for that long: the test asserts afterwards that it is. */
#define RIG_WAIT(rig, condition)                                                                   \
	for (uint64_t wait_end_ms = clock_now_ms() + HARNESS_TIMEOUT_MS;                           \
		!(condition) && clock_now_ms() < wait_end_ms;)                                     \
	rig_turn(rig, 20)
