/*
 * What a worker may ask for, by the supervisor's word. The one place in which the agent decides it:
 * nothing passes to the display but through here. Pure.
 */
#pragma once

#include "common/ipc/records_view.h"

/* How long after a key or a button of a person a program may take to ask for what is pasted. */
#define GATE_PASTE_MS 3000

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

/*
 * Whether a program may be given what a laptop has copied: somebody has pasted, and it is not a program
 * that fetches whatever is offered. Its person did something (gesture_ms; 0: never) after the laptop
 * offered it (not in the same millisecond), and no longer ago than GATE_PASTE_MS.
 */
bool gate_may_paste(uint64_t offered_ms, uint64_t gesture_ms, uint64_t now_ms);
