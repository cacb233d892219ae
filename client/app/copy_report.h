/* What a person or a program is told of a copy: a bar on a terminal, lines of JSON, faults. */
#pragma once

#include "client/app/copy.h"

void copy_report_progress(const struct copy *c, const struct record_files_progress *p);
void copy_report_fault(const struct copy *c, const struct record_files_fault *f);
void copy_report_result(const struct copy *c, const struct record_files_result *r);
/* Takes the bar away. */
void copy_report_end(const struct copy *c);

/* What a person can do about a transfer that ended early: a sentence after a space, or "". */
const char *copy_report_remedy(uint8_t fault);
