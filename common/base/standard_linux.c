#include "common/base/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int standard_open(void)
{
	int fd;

	/* The lowest free number is taken, and what is not free stays as it is. */
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

bool standard_is_terminal(int number)
{
	return isatty(number) == 1;
}

int standard_close(int status)
{
	bool failed = ferror(stdout) != 0;

	errno = 0;
	if (fflush(stdout) != 0)
		failed = true;
	if (!failed)
		return status;
	fprintf(stderr, "the output could not be written%s%s\n", errno ? ": " : "",
		errno ? strerror(errno) : "");
	return status != 0 ? status : 1;
}
