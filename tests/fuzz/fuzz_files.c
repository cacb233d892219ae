/* The input is a stream of messages to the receiving end of a transfer, which makes files of them
 * beneath a folder. Beside that folder lies another one, with a link to it in the first: whatever
 * comes, nothing is ever made there. */
#include "common/base/fd.h"
#include "common/files/folder.h"
#include "common/files/receiver.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A larger file would only take time. */
#define LARGEST_BYTES (64U << 20)

static char root[] = "/tmp/farseat-fuzz-XXXXXX";

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	return ftw->level == 0 ? 0 : remove(path);
}

static void empty(void)
{
	(void)!nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void leave(void)
{
	empty();
	rmdir(root);
}

static void prepare(void)
{
	static bool prepared;

	if (!prepared && !mkdtemp(root))
		abort();
	if (!prepared)
		atexit(leave);
	prepared = true;
	empty();
	int folder = open(root, O_RDONLY | O_DIRECTORY);
	if (folder < 0 || mkdirat(folder, "in", 0700) < 0 || mkdirat(folder, "out", 0700) < 0 ||
		symlinkat("../out", folder, "in/l") < 0 || mkdirat(folder, "in/d", 0700) < 0)
		abort();
	close(folder);
}

static int open_inside(void)
{
	char path[sizeof(root) + 3];

	snprintf(path, sizeof(path), "%s/in", root);
	return open(path, O_RDONLY | O_DIRECTORY);
}

static int send_nowhere(void *user, const struct wire_message *m)
{
	uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];

	(void)user;
	if (wire_encode(m, bytes) < 0)
		abort(); /* our own words are well-formed, whatever was said to us */
	return 0;
}

static void note_nothing(void *user, enum wire_file_fault fault, const char *path, bool there)
{
	(void)user;
	(void)path;
	(void)there;
	if (fault == WIRE_FILE_OK || fault >= WIRE_FILE_FAULTS)
		abort();
}

static bool too_large(const struct wire_message *m)
{
	return m->type == WIRE_FILE_SKIP && m->file_skip.bytes > LARGEST_BYTES;
}

static void feed(struct files_receiver *r, const uint8_t *data, size_t size)
{
	struct wire_header header;
	struct wire_message m;

	while (size >= WIRE_HEADER_BYTES && wire_header_decode(data, &header) == 0 &&
		size - WIRE_HEADER_BYTES >= header.len) {
		size_t len = WIRE_HEADER_BYTES + header.len;
		if (wire_decode(&header, data + WIRE_HEADER_BYTES, &m) != 0 || too_large(&m) ||
			files_receiver_take(r, &m, len) != 0 || files_receiver_step(r) < 0 ||
			files_receiver_ack(r, false) < 0)
			return;
		data += len;
		size -= len;
	}
}

static void check_outside(void)
{
	struct folder_list list;
	const char *name;
	int folder = open(root, O_RDONLY | O_DIRECTORY);

	if (folder < 0 || folder_list_open(&list, folder, "out") < 0 ||
		folder_list_next(&list, &name) != 0)
		abort();
	folder_list_close(&list);
	close(folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct files_receiver r;

	prepare();
	int base = open_inside();
	r = (struct files_receiver){ .transfer = 1,
		.base = base,
		.stream = -1,
		.replace = size % 2,
		.send = send_nowhere,
		.fault = note_nothing };
	if (base < 0 || files_receiver_init(&r) < 0)
		abort();
	feed(&r, data, size);
	files_receiver_finish(&r, size % 3 == 0);
	fd_close(&base);
	check_outside();
	return 0;
}
