/* Slices in the making: gathers sections until a slice is large enough or the frame ends, and hands
 * it to the sink. */
#pragma once

#include "common/codec/codec.h"
#include "common/codec/slice.h"

/* Sections that one slice gathers at most; more begin another slice. */
#define CODEC_OUTPUT_SECTIONS_MAX 16

struct codec_output {
	codec_sink_fn sink; /* borrowed for the frame, with user */
	void *user;
	size_t section_count;
	struct {
		enum codec_section kind;
		size_t start, len; /* in payloads */
	} sections[CODEC_OUTPUT_SECTIONS_MAX];
	size_t payload_len;
	uint64_t frame_bytes; /* handed to the sink since begin */
	uint64_t frame_slices;
	bool ending; /* the slice that the sink has is the frame's last */
	/* Room for the kind of a lone section: such a slice is sent from where it stands. */
	uint8_t before_payloads[1];
	uint8_t payloads[CODEC_SLICE_MAX_BYTES];
	uint8_t assembled[CODEC_SLICE_MAX_BYTES];
};

/* Begins a frame. */
void codec_output_begin(struct codec_output *o, codec_sink_fn sink, void *user);

/* Makes sure that the next section's payload may take up to len bytes; sends what stands before it
 * if there is no room. Gives the writer for the payload. Returns 0 or the sink's error. */
int codec_output_open(struct codec_output *o, size_t len, struct codec_writer *payload) MUST_CHECK;

/* Adds the section whose payload was written by the writer that open gave. */
void codec_output_close(
	struct codec_output *o, enum codec_section kind, const struct codec_writer *payload);

/* Bytes that stand unsent. */
size_t codec_output_waiting(const struct codec_output *o);

/* Sends what stands there, if anything. Returns 0 or the sink's error. */
int codec_output_flush(struct codec_output *o) MUST_CHECK;

/* The same at the end of a frame. */
int codec_output_end(struct codec_output *o) MUST_CHECK;
