/* What workers ask of the supervisor. */
#pragma once

#include "server/supervisor/child.h"

/* child_record_fn of a worker; the child's owner is its struct worker_child. */
int requests_handle(struct child *c, const void *record, int *fd);
