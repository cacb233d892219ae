/* The control socket: farseatctl's way to the running daemon. */
#pragma once

#include "common/base/macros.h"

struct control;
struct supervisor;

int control_open(struct supervisor *s) MUST_CHECK;
void control_close(struct supervisor *s);
