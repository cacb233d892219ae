/* Inside the sending end: one file's bytes, holes and hash. */
#pragma once

#include "common/files/sender.h"

/* Begins with the file's first byte. fd is closed at its end when it is owned. */
void files_sender_begin_file(
	struct files_sender *s, int fd, bool owned, const struct folder_stat *st);

/* Sends its next part, at last END. -EAGAIN: the pipe is empty. Other errors: of the file when it was
 * ended thereby (s->fd < 0), or of sending. */
int files_sender_step_file(struct files_sender *s) MUST_CHECK;

void files_sender_end_file(struct files_sender *s);

/* Blocks that the receiving end has. Of another file, or out of order: no use. */
void files_sender_have(struct files_sender *s, const struct wire_file_have *have);
