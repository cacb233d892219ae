/*
 * Linux: seccomp, Landlock, no_new_privs. The list of calls is what a TLS end with a decoder or
 * encoder on threads needs after it has its descriptors, each with its reason; everything else
 * kills the process (openat and its kin are refused instead, since C libraries open files on odd
 * paths and can live without).
 */
#include "common/ipc/sandbox.h"

#include "common/base/log.h"
#include "common/wire/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
	__has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Descriptors that a confined process may have: its own few, an event loop's, and passed memory. */
#define FILES_MAX 64

/* No file can be opened; the limit also holds for memory that the link makes for cursor shapes
 * (ftruncate): the largest. */
#define FILE_MAX_BYTES (WIRE_CURSOR_SIDE_MAX_PX * WIRE_CURSOR_SIDE_MAX_PX * 4)

static const struct {
	int call;
	const char *reason;
} allowed[] = {
	{ SCMP_SYS(read), "sockets, eventfd, timerfd" },
	{ SCMP_SYS(readv), "sockets" },
	{ SCMP_SYS(write), "sockets, eventfd, standard error" },
	{ SCMP_SYS(writev), "sockets" },
	{ SCMP_SYS(recvmsg), "channels: records with a descriptor" },
	{ SCMP_SYS(recvfrom), "sockets (recv)" },
	{ SCMP_SYS(sendmsg), "channels" },
	{ SCMP_SYS(sendto), "sockets (send)" },
	{ SCMP_SYS(shutdown), "ends the connection in order" },
	{ SCMP_SYS(close), "passed descriptors" },
	{ SCMP_SYS(poll), "event loop" },
	{ SCMP_SYS(ppoll), "event loop" },
	{ SCMP_SYS(epoll_create1), "event loop" },
	{ SCMP_SYS(epoll_ctl), "event loop" },
	{ SCMP_SYS(epoll_wait), "event loop" },
	{ SCMP_SYS(epoll_pwait), "event loop" },
	{ SCMP_SYS(eventfd2), "wakes a thread" },
	{ SCMP_SYS(timerfd_create), "timers" },
	{ SCMP_SYS(timerfd_settime), "timers" },
	{ SCMP_SYS(futex), "locks" },
	{ SCMP_SYS(sched_yield), "locks" },
	{ SCMP_SYS(set_robust_list), "start of a thread" },
	{ SCMP_SYS(rseq), "start of a thread" },
	{ SCMP_SYS(sched_getaffinity), "number of processors" },
	{ SCMP_SYS(clock_gettime), "time, where the vDSO does not answer" },
	{ SCMP_SYS(clock_getres), "time" },
	{ SCMP_SYS(gettimeofday), "time" },
	{ SCMP_SYS(nanosleep), "waits" },
	{ SCMP_SYS(clock_nanosleep), "waits" },
	{ SCMP_SYS(getrandom), "random numbers" },
	{ SCMP_SYS(brk), "heap" },
	{ SCMP_SYS(munmap), "heap, passed memory" },
	{ SCMP_SYS(mremap), "heap" },
	{ SCMP_SYS(madvise), "heap, end of a thread" },
	{ SCMP_SYS(rt_sigreturn), "signals" },
	{ SCMP_SYS(rt_sigprocmask), "start and end of a thread" },
	{ SCMP_SYS(rt_sigaction), "abort()" },
	{ SCMP_SYS(restart_syscall), "after a stop" },
	{ SCMP_SYS(gettid), "threads" },
	{ SCMP_SYS(getpid), "threads" },
	{ SCMP_SYS(lseek), "size of passed memory" },
	{ SCMP_SYS(getsockopt), "link estimate (TCP_INFO)" },
	{ SCMP_SYS(getsockname), "event loop" },
	{ SCMP_SYS(exit), "end of a thread" },
	{ SCMP_SYS(exit_group), "end" },
};

/* Refused with EACCES: asked for by C libraries in passing (time zone, locale, number of
 * processors). */
static const int refused[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(stat),
	SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(sysinfo), SCMP_SYS(uname),
	SCMP_SYS(prctl), /* names of threads */
};

bool sandbox_kills(void)
{
	return !SANITIZED;
}

static int limit(int what, rlim_t value)
{
	const struct rlimit l = { .rlim_cur = value, .rlim_max = value };

	return setrlimit((__rlimit_resource_t)what, &l) < 0 ? -errno : 0;
}

int sandbox_prepare(int kept_fds)
{
	struct tm parts;
	time_t now = time(NULL);

	if (close_range(3U + (unsigned)kept_fds, ~0U, 0) < 0)
		return -errno;
	/* Reads /etc/localtime now, since it cannot later. */
	tzset();
	gmtime_r(&now, &parts);
	/* A standard error that is a long file must not kill who logs: EFBIG instead. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return -errno;
	int r = limit(RLIMIT_CORE, 0);
	if (r == 0)
		r = limit(RLIMIT_NOFILE, FILES_MAX);
	if (r == 0)
		r = limit(RLIMIT_FSIZE, FILE_MAX_BYTES);
	return r;
}

/* ---- Landlock: by system call, the C library has no wrappers ---- */

static int landlock_abi(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/* Rights of the file system by ABI (linux/landlock.h): 13 with the first, REFER with 2, TRUNCATE
 * with 3, IOCTL_DEV with 5. */
static uint64_t file_rights(int abi)
{
	unsigned bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;

	return (1ULL << bits) - 1;
}

/* struct landlock_ruleset_attr as of ABI 6; older headers have a prefix of it. */
struct ruleset {
	uint64_t files, network, scoped;
};

static struct ruleset ruleset_for(int abi, uint64_t files)
{
	return (struct ruleset){
		.files = files & file_rights(abi),
		.network = abi >= 4 ? 3 : 0, /* bind and connect TCP */
		.scoped = abi >= 6 ? 3 : 0,  /* abstract Unix sockets, signals */
	};
}

static size_t ruleset_size(int abi)
{
	return abi >= 6   ? sizeof(struct ruleset)
	       : abi >= 4 ? 2 * sizeof(uint64_t)
			  : sizeof(uint64_t);
}

/* Rights that the kernel takes for what fd is: a rule for a file may not name those of folders. */
static uint64_t rights_of_kind(int fd)
{
	const uint64_t truncate = 1ULL << 14, ioctl_device = 1ULL << 15;
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return ~0ULL;
	return LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
	       LANDLOCK_ACCESS_FS_WRITE_FILE | truncate | ioctl_device;
}

static int restrict_to(
	const struct ruleset *rules, int abi, const struct sandbox_path *paths, size_t count)
{
	int fd = (int)syscall(SYS_landlock_create_ruleset, rules, ruleset_size(abi), 0);

	if (fd < 0)
		return -errno;
	int r = 0;
	for (size_t i = 0; i < count && r == 0; i++) {
		const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
		uint64_t rights = reading | (paths[i].execute ? LANDLOCK_ACCESS_FS_EXECUTE : 0);
		if (paths[i].writable)
			rights = ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE | rights;
		struct landlock_path_beneath_attr beneath = { .allowed_access =
								      rights & rules->files };
		beneath.parent_fd = open(paths[i].path, O_PATH | O_CLOEXEC);
		if (beneath.parent_fd < 0) {
			r = errno == ENOENT ? 0 : -errno;
			continue;
		}
		beneath.allowed_access &= rights_of_kind(beneath.parent_fd);
		if (syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) < 0)
			r = -errno;
		close(beneath.parent_fd);
	}
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	if (r == 0 && syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		r = -errno;
	close(fd);
	return r;
}

int sandbox_paths(const struct sandbox_path *paths, size_t count)
{
	int abi = landlock_abi();

	if (abi < 1)
		return 1;
	struct ruleset rules = ruleset_for(abi, ~0ULL);
	rules.network =
		0; /* who needs files may also need its own network and to signal its children */
	rules.scoped = 0;
	return restrict_to(&rules, abi, paths, count);
}

/* ---- seccomp ---- */

static int add_calls(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
		int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i].call, 0);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
		if (r < 0 && r != -EDOM) /* not on this architecture */
			return r;
	}
	return 0;
}

/* Calls that are allowed with some arguments only. */
static int add_conditions(scmp_filter_ctx filter)
{
	/* No memory becomes executable. */
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
		SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* Signals to its own threads only: abort(). */
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	/* TCP level options and the send buffer; never protocols' others. */
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 1,
			SCMP_A1(SCMP_CMP_EQ, 6 /* IPPROTO_TCP */));
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 2,
			SCMP_A1(SCMP_CMP_EQ, SOL_SOCKET), SCMP_A2(SCMP_CMP_EQ, SO_SNDBUF));
	/* Flags of descriptors, copies, and the seals of passed memory. */
	static const int commands[] = { F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC,
		F_GET_SEALS, F_ADD_SEALS };
	for (size_t i = 0; i < ARRAY_LEN(commands) && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
			SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i]));
	/* What waits in a socket: SIOCOUTQ, SIOCOUTQNSD, FIONREAD (linux/sockios.h). */
	static const unsigned queries[] = { 0x5411, 0x894b, 0x541b };
	for (size_t i = 0; i < ARRAY_LEN(queries) && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)queries[i]));
	/* The link hands cursor shapes to its UI in memory of its own making. */
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(memfd_create), 0);
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ftruncate), 0);
	/* Threads, never processes: a new screen size brings a new encoder with its helper thread.
	 * clone3's flags stand in memory, where a filter cannot look: ENOSYS makes the C library
	 * use clone. */
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM,
				CLONE_THREAD | CLONE_VM));
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return r;
}

static int load_filter(void)
{
	scmp_filter_ctx filter =
		seccomp_init(sandbox_kills() ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_LOG);

	if (!filter)
		return -ENOMEM;
	int r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (r == 0)
		r = add_calls(filter);
	if (r == 0)
		r = add_conditions(filter);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

int sandbox_enter(enum sandbox_role role)
{
	(void)role; /* worker and link need the same; the tunnel will differ */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;

	int abi = landlock_abi();
	if (abi >= 1) {
		const struct ruleset rules = ruleset_for(abi, ~0ULL);
		int r = restrict_to(&rules, abi, NULL, 0);
		if (r < 0)
			return r;
	} else {
		log_debug(
			"sandbox: this kernel has no Landlock; the filter of system calls is in force alone");
	}
	int r = load_filter();
	if (r < 0)
		return r;
	return abi >= 1 ? 0 : 1;
}
