/*
 * What other programs ask of a selection that is owned here (SelectionRequest; ICCCM, sections 2.2 and
 * 2.6): questions about it are answered at once, questions for its content when that has come. Many
 * programs may ask at once, and each many things (MULTIPLE).
 */
#pragma once

#include "common/clipboard/x11_transfer.h"

/* Answers under way; a clipboard manager asks for each kind at once, in both selections. */
#define X11_REQUESTS_MAX 32
/* What one MULTIPLE may ask for. */
#define X11_REQUEST_PARTS_MAX 16

/* Of _FARSEAT_ORIGIN: the number, most significant byte first. */
#define X11_ORIGIN_BYTES 8

/* A selection as it is owned here. */
struct x11_owned {
	xcb_atom_t selection;
	bool owned;
	xcb_timestamp_t since;
	unsigned kinds; /* CLIPBOARD_BIT; 0: cleared, it answers an empty text */
	bool secret;
	uint64_t origin;
};

struct x11_requests_listener {
	void *user;
	/* A program asks for that kind of a selection (an index into owned). */
	void (*wanted)(void *user, uint32_t request, size_t owned, enum clipboard_kind kind);
	/* See struct clipboard_local_listener. */
	void (*room)(void *user, uint32_t request);
	void (*unwanted)(void *user, uint32_t request);
};

struct x11_part {
	xcb_atom_t target, property; /* XCB_ATOM_NONE: it was refused */
};

/* One SelectionRequest, until it is answered. */
struct x11_request {
	bool used;
	xcb_selection_request_event_t event;
	const struct x11_owned *owned;
	bool multiple;
	bool fetching; /* the parts of a MULTIPLE are asked for: sequence */
	unsigned sequence;
	unsigned pending; /* parts that have no answer yet */
	struct x11_part parts[X11_REQUEST_PARTS_MAX];
	size_t part_count;
};

struct x11_requests {
	struct x11_base *x; /* borrowed */
	const struct x11_requests_listener *listener;
	const struct x11_owned *owned; /* CLIPBOARD_SELECTION_COUNT of them; borrowed */
	uint32_t last_id;
	struct x11_request requests[X11_REQUESTS_MAX];
	struct {
		struct x11_transfer transfer;
		struct x11_request *request; /* NULL: answered, the rest goes by pieces */
		size_t part;
	} transfers[X11_REQUESTS_MAX];
};

/* All are borrowed. */
void x11_requests_init(struct x11_requests *r, struct x11_base *x,
	const struct x11_requests_listener *listener, const struct x11_owned *owned);
/* Refuses what waits. A zeroed one is fine. */
void x11_requests_finish(struct x11_requests *r);

/* See struct clipboard_local_impl. */
size_t x11_requests_give(struct x11_requests *r, uint32_t id, const uint8_t *bytes, size_t len,
	bool end, uint64_t now_ms);
void x11_requests_refuse(struct x11_requests *r, uint32_t id);

/* An event or an error; false: it is for somebody else. */
bool x11_requests_event(struct x11_requests *r, const xcb_generic_event_t *event, uint64_t now_ms);
/* Takes what the server answered meanwhile. */
void x11_requests_poll(struct x11_requests *r);
/* In how many ms to call again; -1: nothing waits. */
int x11_requests_tick(struct x11_requests *r, uint64_t now_ms);
