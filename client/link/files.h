/*
 * Transfers of files at the link's end: the UI hands over the channel of a farseat-files, whose
 * messages go to the workstation and the workstation's to it. The link opens no file and has no
 * folder; the UI sees no byte of a file.
 */
#pragma once

#include "common/peer/transfers.h"

struct link;

/* Becomes the source of PEER_FILES. */
void link_files_init(struct link *l);
/* In each turn of the loop, before the peer is flushed. */
void link_files_step(struct link *l);
/* Before an order of the UI is sent: whether its transfer was handed over. What the connection has
 * not agreed on, or the device may not do, ends that transfer. */
bool link_files_order(struct link *l, const struct wire_message *m);

extern const struct link_channel link_files_channel;
