/* Why a file was not copied: from the system's errors, and in words for a person. */
#pragma once

#include "common/wire/messages.h"

/* error: -errno of a call on a file. */
enum wire_file_fault files_fault_of(int error);

/* FILE_FAULT about that path (borrowed, with its end) of an entry; 0: of none that was said. */
struct wire_message files_fault_message(
	uint8_t transfer, uint32_t entry, enum wire_file_fault fault, const char *path);

/* Whether what failed for one file will fail for all that follow: the disk is full, say. */
bool files_fault_ends(enum wire_file_fault fault);

/* "there is a file of that name already", static; for what is no fault, "it was copied". */
const char *files_fault_text(uint8_t fault);
