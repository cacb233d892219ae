#include "server/agent/sound_server.h"

#include "common/base/log.h"
#include "common/base/process_linux.h"
#include "common/ipc/records_sound.h"
#include "server/agent/children.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "pulseaudio"
/* Of the server, for its socket. */
#define END_GRACE_MS 1000

/* Its own configuration (-n): nothing of the machine's hardware, and no other user's connections: the
 * socket's folder is 0700, and its peer's user is asked. */
static int spawn(struct sound_server *s, const char *program, const char *runtime_dir)
{
	char protocol[PATH_MAX + 64];
	static const char sink[] = "module-null-sink sink_name=farseat rate=48000 channels=2 "
				   "sink_properties=device.description=Farseat";
	const char *const argv[] = { PROGRAM, "-n", "--daemonize=no", "--use-pid-file=no",
		"--exit-idle-time=-1", "--log-level=error", "-L", protocol, "-L", sink, NULL };
	const struct process_spec spec = {
		.path = program,
		.argv = argv,
		.new_session = true,
		.die_with_parent = true,
		.death_signal = SIGTERM, /* removes its socket */
	};

	/* For its own files, which else stood in the person's home. */
	if (setenv("PULSE_RUNTIME_PATH", runtime_dir, 1) < 0 ||
		setenv("PULSE_STATE_PATH", runtime_dir, 1) < 0)
		return -errno;
	snprintf(protocol, sizeof(protocol),
		"module-native-protocol-unix auth-cookie-enabled=0 socket=%s", s->socket);
	int r = process_start_pid(&spec, &s->pid);
	unsetenv("PULSE_RUNTIME_PATH"); /* the session's programs keep their own */
	unsetenv("PULSE_STATE_PATH");
	return r;
}

int sound_server_start(struct sound_server *s, const char *runtime_dir)
{
	char program[PATH_MAX], address[PATH_MAX + 8];

	*s = (struct sound_server){ 0 };
	if (!children_find_program(PROGRAM, program))
		return -ENOENT;
	int n = snprintf(s->socket, sizeof(s->socket), "%s/%s", runtime_dir, RECORD_SOUND_SOCKET);
	if (n < 0 || (size_t)n >= sizeof(s->socket))
		return -ENAMETOOLONG;
	int r = spawn(s, program, runtime_dir);
	if (r < 0)
		return r;
	snprintf(address, sizeof(address), "unix:%s", s->socket);
	return setenv("PULSE_SERVER", address, 1) < 0 ? -errno : 0;
}

bool sound_server_ended(struct sound_server *s, pid_t pid)
{
	if (s->pid == 0 || pid != s->pid)
		return false;
	s->pid = 0;
	log_warn("the session's sound server has ended: the session is silent");
	return true;
}

void sound_server_finish(struct sound_server *s)
{
	if (s->pid)
		children_end(END_GRACE_MS);
	s->pid = 0;
	if (s->socket[0])
		unlink(s->socket);
	s->socket[0] = '\0';
}
