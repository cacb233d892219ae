/* A machine's clipboard in memory: programs copy and paste by calls. */
#pragma once

#include "common/base/buffer.h"
#include "common/clipboard/local.h"

#define FAKE_READS_MAX    16
#define FAKE_REQUESTS_MAX 64

struct fake_read {
	uint32_t read; /* 0: free */
	enum clipboard_selection selection;
	enum clipboard_kind kind;
	size_t window, at;
};

struct fake_request {
	uint32_t request;
	struct buffer got;
	size_t room; /* what it takes until fake_drain */
	bool ended, refused;
};

struct fake_local {
	struct clipboard_local local;
	/* what a program here has copied */
	const uint8_t *bytes[CLIPBOARD_SELECTION_COUNT][CLIPBOARD_KIND_COUNT];
	size_t len[CLIPBOARD_SELECTION_COUNT][CLIPBOARD_KIND_COUNT];
	/* what is owned */
	bool owned[CLIPBOARD_SELECTION_COUNT], cleared[CLIPBOARD_SELECTION_COUNT];
	struct clipboard_content content[CLIPBOARD_SELECTION_COUNT];

	struct fake_read reads[FAKE_READS_MAX];
	struct fake_request requests[FAKE_REQUESTS_MAX];
	uint32_t last;
	unsigned read_count; /* reads that were ever begun */
	size_t read_bytes;   /* that were told in all */
};

void fake_local_init(struct fake_local *f);
void fake_local_finish(struct fake_local *f);

/* A program copies text (or another kind, alone). */
void fake_copy(struct fake_local *f, enum clipboard_selection selection, enum clipboard_kind kind,
	const void *bytes, size_t len);
void fake_copy_as(struct fake_local *f, enum clipboard_selection selection,
	enum clipboard_kind kind, const void *bytes, size_t len,
	const struct clipboard_owner *owner);
/* Tells all that the windows of reads allow. */
void fake_step(struct fake_local *f);
/* A program pastes; its request. It takes room bytes until fake_drain. */
struct fake_request *fake_paste(struct fake_local *f, enum clipboard_selection selection,
	enum clipboard_kind kind, size_t room);
void fake_drain(struct fake_local *f, struct fake_request *r, size_t room);
