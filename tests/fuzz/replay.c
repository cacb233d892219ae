/* Feeds a fuzz target every file of the folders named: the corpus, as a test of every build. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX_BYTES (4U * 1024 * 1024)

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *buffer = malloc(INPUT_MAX_BYTES);

	if (!f || !buffer) {
		perror(path);
		exit(1);
	}
	size_t size = fread(buffer, 1, INPUT_MAX_BYTES, f);
	fclose(f);
	/* Of exactly its size, so that a sanitizer sees a read past its end. */
	uint8_t *exact = malloc(size > 0 ? size : 1);
	if (!exact)
		exit(1);
	memcpy(exact, buffer, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	free(buffer);
	return 1;
}

static int replay_folder(const char *path)
{
	DIR *folder = opendir(path);
	int count = 0;

	if (!folder) {
		perror(path);
		exit(1);
	}
	for (struct dirent *entry; (entry = readdir(folder));) {
		char file[4096];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		count += replay_file(file);
	}
	closedir(folder);
	return count;
}

int main(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++)
		count += replay_folder(argv[i]);
	printf("%d inputs\n", count);
	return count > 0 ? 0 : 1;
}
