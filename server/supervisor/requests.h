/* What workers ask of the supervisor. */
#pragma once

#include "server/supervisor/child.h"

/* The owner is the struct worker_child. */
extern const struct dispatch requests_dispatch;
