/* Connections that never come to anything. */
#include "tests/support/raw_client/raw.h"

#include "common/base/fd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define HALF_OPEN_MAX 1024

/* Forgets those that the other end has closed; how many are left. */
static int look(int *fds, int count)
{
	int left = 0;

	for (int i = 0; i < count; i++) {
		uint8_t byte;
		ssize_t n;
		if (fds[i] < 0)
			continue;
		while ((n = recv(fds[i], &byte, 1, MSG_DONTWAIT)) > 0)
			continue;
		if (n < 0 && errno == EAGAIN)
			left++;
		else
			fd_close(&fds[i]);
	}
	return left;
}

static void hold_connections(struct raw *c, char **args, bool drip)
{
	int count = args[0] ? MIN(atoi(args[0]), HALF_OPEN_MAX) : 100;
	int seconds = args[0] && args[1] ? atoi(args[1]) : 11;
	static int fds[HALF_OPEN_MAX];
	static const uint8_t hello[] = { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03,
		0x03, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	int opened = 0, s = 0;

	for (int i = 0; i < count; i++) {
		fds[i] = raw_dial(c);
		opened += fds[i] >= 0;
	}
	for (; s < seconds && look(fds, count) > 0; s++) {
		for (int i = 0; drip && i < count; i++)
			if (fds[i] >= 0)
				(void)!send(fds[i], &hello[(size_t)s % sizeof(hello)], 1,
					MSG_NOSIGNAL | MSG_DONTWAIT);
		sleep(1);
	}
	printf("opened=%d left=%d seconds=%d\n", opened, look(fds, count), s);
}

void act_half_open(struct raw *c, char **args)
{
	hold_connections(c, args, false);
}

void act_drip(struct raw *c, char **args)
{
	hold_connections(c, args, true);
}
