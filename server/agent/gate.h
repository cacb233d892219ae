/*
 * What a worker may ask for, by the supervisor's word. The one place in which the agent decides it:
 * nothing passes to the display but through here. Pure.
 */
#pragma once

#include "common/ipc/records_view.h"

enum gate {
	GATE_PASS,
	GATE_VIOLATION, /* beyond its capabilities: the channel is closed and the supervisor told */
	GATE_PROTOCOL,  /* nothing a worker may ever send here: the channel is closed */
};

/* Judges a record of a worker that has caps. */
enum gate gate_record(enum record_type type, uint32_t caps);

/* Judges the message inside a RECORD_WIRE. VIEW passes for everybody: whether it resizes is
 * gate_may_resize. */
enum gate gate_wire(enum wire_type type, uint32_t caps);

/* A viewer's window has a size too: without the capability it is not followed, and no offence. */
bool gate_may_resize(uint32_t caps);
