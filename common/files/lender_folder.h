/* Inside common/files: what lies where, of what is lent. Paths are clean, or empty. */
#pragma once

#include "common/files/lender.h"

/* Two sources of one name get different ones. */
void lender_name_sources(struct files_lender *l);

/* A file to read. *owned: it is to be closed. */
int lender_open_file(struct files_lender *l, const char *path, int *fd, bool *owned) MUST_CHECK;

/* The folder whose entries lender_next_entry writes: 1; 0: there are no more; -errno. What is no file,
 * folder or link, and a link that leads elsewhere, is left out. */
int lender_open_list(struct files_lender *l, const char *path) MUST_CHECK;
int lender_next_entry(struct files_lender *l, const char *path, struct wire_writer *w) MUST_CHECK;
