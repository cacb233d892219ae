/* farseat-paste and farseat, which has started it: configuration; what is in the mount; its end. Records
 * are those of farseat-files (common/ipc/records_files.h). */
#pragma once

#include "client/paste/paste.h"

/* Takes the parent's records up to FILES_GO. -EPROTO, -EPIPE, -ETIMEDOUT. */
int parent_configure(struct paste *p) MUST_CHECK;

/* Records of the parent that come later. -EPIPE: it is gone. */
int parent_take(struct paste *p) MUST_CHECK;

/* Something that was copied is not lent. */
void parent_tell_fault(struct paste *p, const struct wire_file_fault_of *fault);

/* Tells what is new: the URIs of what is lent, that the line is cut, and at most once a second that
 * somebody reads. */
void parent_tell(struct paste *p);
