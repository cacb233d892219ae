/*
 * What the daemon may still open once it listens: its own folders, the programs of its workers, and
 * what the C library reads. Not the CA's folder. Workers inherit it and confine themselves further;
 * agent and signer do not, since farseat-starter starts them.
 */
#pragma once

#include "server/registry/settings.h"

/* config_path: given by the person, or NULL. 0; 1: this kernel has no Landlock; -errno. */
int confine_daemon(const struct settings *s, const char *config_path) MUST_CHECK;
