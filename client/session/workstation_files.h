/* What the parts of workstation.h share about a workstation's files. */
#pragma once

#include "client/session/workstation.h"

/* In the data folder: one folder each. */
#define WORKSTATION_FOLDER "workstations"

/* workstation_conf.c: writes workstation.conf into that folder, in one step. -EINVAL: a text cannot be kept. */
int workstation_write_conf(const struct workstation *w, const char *folder) MUST_CHECK;

/* workstation_list.c: as if it had never been open. 0 as well where it never was. */
int workstation_forget_seen(const char *name) MUST_CHECK;
