#include "client/app/headless_files.h"

#include "common/cli/complaint.h"

#include <errno.h>
#include <string.h>

int headless_files_turn(struct headless *h, struct files_process *f)
{
	struct fd_poll fds[CONNECTION_FDS_MAX + 1];
	int ms;
	size_t count = connection_poll(h->connection, fds, &ms);

	fds[count] = (struct fd_poll){ .fd = f->channel.fd, .want = FD_READ };
	int r = fd_wait(fds, count + 1, ms);
	if (r < 0 && r != -EINTR)
		return r;
	connection_process(h->connection);
	return files_process_read(f);
}

void headless_files_complain(const char *who, int error)
{
	if (error == -ENOENT)
		complaint_say(who,
			"farseat-files is not installed: reinstall Farseat, or name the folder it is in by FARSEAT_LIBEXEC.");
	else
		complaint_say(who, "farseat-files: %s.", strerror(-error));
}
