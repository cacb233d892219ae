/* What the rig's parts share. */
#pragma once

#include "tests/support/rig/rig.h"

/* A test cannot go on where this does not hold: says what, with errno, and aborts. */
void rig_must(bool good, const char *what);

/* After a record_send with that result: one that has ended meanwhile is told nothing. */
void rig_told(int result, const char *what);

struct record_blob rig_blob(const uint8_t *bytes, size_t len);

/* The agent's: a new framebuffer, and telling the worker of it. */
void rig_make_framebuffer(struct rig *r, uint16_t width_px, uint16_t height_px);
void rig_send_framebuffer(struct rig *r);

/* What came from a program, by the side of ours that it talks to. */
void rig_from_worker(struct rig *r, const struct worker_record *m);
void rig_agent_from_worker(struct rig *r, const struct view_record *m);
void rig_from_link(struct rig *r, const struct link_record *m, int *fd);
