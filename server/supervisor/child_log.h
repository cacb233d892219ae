/* What a child says for the log. */
#pragma once

#include "common/ipc/records.h"

/* A line that a child wants logged, under that name. */
void child_log(const char *who, const struct record_log *log);
