/* What a program of the laptop says that it has copied. */
#include "common/clipboard/uri_list.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct uri_list l;
	char path[64];
	int r;

	uri_list_init(&l, data, size);
	while ((r = uri_list_next(&l, path, sizeof(path))) != 0)
		assert(r < 0 || (path[0] == '/' && strlen(path) < sizeof(path)));
	return 0;
}
