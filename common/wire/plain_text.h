/*
 * Text that a person is shown: names, reasons, questions of the other end. Beyond what wire_read_text
 * demands it has no format characters (utf8_is_format), by which one name could look like another,
 * or a line like two. What a person types or pastes is not read so.
 */
#pragma once

#include "common/wire/reader.h"

bool plain_text_valid(const void *text, size_t len);

/* As wire_read_text; format characters fail the reader, too. */
void plain_text_read(struct wire_reader *r, char *out, size_t size);
