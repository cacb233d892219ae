/*
 * What our child processes (worker, link, agent, signer, tunnel) have in common: the channel to the
 * process that started them.
 */
#pragma once

#include "common/base/log.h"
#include "common/ipc/channel.h"

/* log_sink_fn; user is the struct ipc_channel to the parent, which writes the line with the child's
 * name. One thread alone may log. A parent that is gone is not told. */
void ipc_child_log(void *parent, enum log_level level, const char *line);
