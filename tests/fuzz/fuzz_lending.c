/* What crosses while files are lent: an answer as farseat-paste reads it, a question as farseat-files
 * does. */
#include "common/files/lending.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lending_question question;
	struct lending_answer answer;
	struct lending_entry entry;

	if (lending_question_read(&question, data, size) == 0 &&
		(question.len > LENDING_READ_MAX_BYTES || question.path_len > size))
		abort();
	if (lending_answer_read(&answer, data, size) < 0 || answer.kind != LENDING_ENTRIES)
		return 0;
	while (lending_entry_read(&answer.entries, &entry) == 1)
		if (entry.mode > 0777 || !wire_file_path_clean(entry.name, entry.name_len))
			abort();
	return 0;
}
