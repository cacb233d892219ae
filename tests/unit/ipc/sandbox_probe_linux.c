/*
 * What a taken-over worker or link would try, and what an honest one needs. Each runs in a process
 * of its own, inside the real filter. Calls are made by number, so that no C library stands
 * between.
 */
#include "tests/unit/ipc/sandbox_probe_linux.h"

#include "common/ipc/channel.h"
#include "common/ipc/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct probe_world {
	int tcp;     /* not connected */
	int pair[2]; /* Unix, as ipc channels are */
	int pipes[2];
	struct ipc_memory memory;
	void *page;
	pthread_t thread; /* runs before, and goes on inside */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int asked, answered;
};

static void *work(void *user)
{
	struct probe_world *w = user;

	pthread_mutex_lock(&w->mutex);
	for (;;) {
		while (w->asked == w->answered)
			pthread_cond_wait(&w->changed, &w->mutex);
		void *p = malloc(1 << 20); /* over the mmap threshold */
		if (p)
			memset(p, 1, 1 << 20);
		free(p);
		w->answered = w->asked;
		pthread_cond_broadcast(&w->changed);
	}
	return NULL;
}

struct probe_world *probe_world_create(void)
{
	struct probe_world *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	w->page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (w->tcp < 0 || ipc_pair(w->pair) < 0 || pipe2(w->pipes, O_CLOEXEC) < 0 ||
		ipc_memory_create(&w->memory, "probe", 65536) < 0 || w->page == MAP_FAILED ||
		pthread_mutex_init(&w->mutex, NULL) || pthread_cond_init(&w->changed, NULL) ||
		pthread_create(&w->thread, NULL, work, w))
		return NULL;
	return w;
}

/* A probe of one system call. */
#define CALL(name, ...)                                                                            \
	static int try_##name(struct probe_world *w)                                               \
	{                                                                                          \
		(void)w;                                                                           \
		return syscall(__VA_ARGS__) < 0 ? -errno : 0;                                      \
	}

/* ---- files ---- */
static struct stat st;
static char text[256];
CALL(openat, SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY)
CALL(openat_write, SYS_openat, AT_FDCWD, "/tmp/farseat-probe", O_WRONLY | O_CREAT, 0600)
CALL(openat2, SYS_openat2, AT_FDCWD, "/etc/passwd", text, 24)
CALL(stat_path, SYS_newfstatat, AT_FDCWD, "/etc/passwd", &st, 0)
CALL(statx, SYS_statx, AT_FDCWD, "/etc/passwd", 0, 0, text)
CALL(faccessat, SYS_faccessat, AT_FDCWD, "/etc/passwd", R_OK)
CALL(readlinkat, SYS_readlinkat, AT_FDCWD, "/proc/self/exe", text, sizeof(text))
CALL(unlinkat, SYS_unlinkat, AT_FDCWD, "/tmp/farseat-probe", 0)
CALL(renameat2, SYS_renameat2, AT_FDCWD, "/tmp/a", AT_FDCWD, "/tmp/b", 0)
CALL(mkdirat, SYS_mkdirat, AT_FDCWD, "/tmp/farseat-probe-dir", 0700)
CALL(linkat, SYS_linkat, AT_FDCWD, "/tmp/a", AT_FDCWD, "/tmp/b", 0)
CALL(symlinkat, SYS_symlinkat, "/tmp/a", AT_FDCWD, "/tmp/b")
CALL(mknodat, SYS_mknodat, AT_FDCWD, "/tmp/a", S_IFIFO | 0600, 0)
CALL(fchmodat, SYS_fchmodat, AT_FDCWD, "/tmp/a", 0777)
CALL(fchownat, SYS_fchownat, AT_FDCWD, "/tmp/a", 0, 0, 0)
CALL(fchmod, SYS_fchmod, 2, 0777)
CALL(truncate, SYS_truncate, "/tmp/a", 0)
CALL(chdir, SYS_chdir, "/")
CALL(chroot, SYS_chroot, "/")
CALL(getdents, SYS_getdents64, 0, text, sizeof(text))
CALL(open_by_handle, SYS_open_by_handle_at, AT_FDCWD, text, O_RDONLY)
CALL(inotify, SYS_inotify_init1, 0)
CALL(mount, SYS_mount, "none", "/mnt", "tmpfs", 0, NULL)
/* ---- network ---- */
CALL(socket_inet, SYS_socket, AF_INET, SOCK_STREAM, 0)
CALL(socket_unix, SYS_socket, AF_UNIX, SOCK_STREAM, 0)
CALL(socket_netlink, SYS_socket, AF_NETLINK, SOCK_RAW, 0)
CALL(socketpair, SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, w->pair)
CALL(socketpair_inet, SYS_socketpair, AF_INET, SOCK_STREAM, 0, w->pair)
static const struct sockaddr_in loopback = { .sin_family = AF_INET, .sin_port = 0x0101 };
CALL(connect, SYS_connect, w->tcp, &loopback, sizeof(loopback))
CALL(bind, SYS_bind, w->tcp, &loopback, sizeof(loopback))
CALL(listen, SYS_listen, w->tcp, 1)
CALL(accept, SYS_accept4, w->tcp, NULL, NULL, 0)
static int one = 1;
CALL(reuse_port, SYS_setsockopt, w->tcp, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one))
CALL(bind_device, SYS_setsockopt, w->tcp, SOL_SOCKET, SO_BINDTODEVICE, &one, sizeof(one))
CALL(ip_option, SYS_setsockopt, w->tcp, IPPROTO_IP, IP_TTL, &one, sizeof(one))
/* ---- processes ---- */
static char *const no_words[] = { NULL };
CALL(execve, SYS_execve, "/bin/true", no_words, no_words)
CALL(execveat, SYS_execveat, AT_FDCWD, "/bin/true", no_words, no_words, 0)
CALL(fork, SYS_clone, SIGCHLD, 0, 0, 0, 0)
CALL(clone_namespace, SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)
CALL(clone3, SYS_clone3, text, 64)
CALL(ptrace, SYS_ptrace, 16 /* PTRACE_ATTACH */, getppid(), 0, 0)
CALL(kill_parent, SYS_kill, getppid(), 0)
CALL(kill_all, SYS_kill, -1, 0)
CALL(tgkill_other, SYS_tgkill, 1, 1, 0)
CALL(tkill, SYS_tkill, 1, 0)
CALL(sigqueue, SYS_rt_sigqueueinfo, 1, 0, text)
CALL(pidfd_open, SYS_pidfd_open, getppid(), 0)
CALL(pidfd_getfd, SYS_pidfd_getfd, 0, 0, 0)
CALL(kcmp, SYS_kcmp, 1, 1, 0, 0, 0)
static struct iovec part = { text, sizeof(text) };
CALL(vm_read, SYS_process_vm_readv, getppid(), &part, 1, &part, 1, 0)
CALL(vm_write, SYS_process_vm_writev, getppid(), &part, 1, &part, 1, 0)
CALL(unshare, SYS_unshare, CLONE_NEWUSER)
CALL(setns, SYS_setns, 0, 0)
CALL(setuid, SYS_setuid, 0)
CALL(setgroups, SYS_setgroups, 0, NULL)
CALL(capset, SYS_capset, text, text)
CALL(prlimit, SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, text)
CALL(prctl, SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0)
CALL(prctl_seccomp, SYS_prctl, PR_SET_SECCOMP, 0, 0, 0, 0)
CALL(seccomp, SYS_seccomp, 0, 0, NULL)
CALL(landlock, SYS_landlock_create_ruleset, NULL, 0, 1)
CALL(setpriority, SYS_setpriority, PRIO_PROCESS, 0, 0)
CALL(dup, SYS_dup, 0)
/* ---- kernel ---- */
CALL(io_uring, SYS_io_uring_setup, 8, text)
CALL(bpf, SYS_bpf, 0, text, sizeof(text))
CALL(userfaultfd, SYS_userfaultfd, 0)
CALL(perf_event, SYS_perf_event_open, text, 0, -1, -1, 0)
CALL(keyctl, SYS_keyctl, 0, 0, 0, 0, 0)
CALL(add_key, SYS_add_key, "user", "x", "y", 1, -2)
CALL(shmget, SYS_shmget, 0, 4096, 0)
CALL(ipc_message, SYS_msgget, 0, 0)
CALL(personality, SYS_personality, 0)
CALL(splice, SYS_splice, w->pipes[0], NULL, w->pipes[1], NULL, 1, 0)
CALL(vmsplice, SYS_vmsplice, w->pipes[1], &part, 1, 0)
CALL(remap, SYS_remap_file_pages, w->page, 4096, 0, 0, 0)
CALL(protection_key, SYS_pkey_mprotect, w->page, 4096, PROT_READ | PROT_EXEC, -1)
CALL(type_into_terminal, SYS_ioctl, 0, TIOCSTI, "x")
CALL(own_descriptor, SYS_fcntl, w->pair[0], F_SETOWN, getpid())
CALL(exec_protect, SYS_mprotect, w->page, 4096, PROT_READ | PROT_EXEC)
CALL(exec_protect_all, SYS_mprotect, w->page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC)
CALL(exec_map, SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
CALL(exec_map_memory, SYS_mmap, NULL, 4096, PROT_EXEC, MAP_SHARED, w->memory.fd, 0)

/* ---- what is needed ---- */
static int check(bool good)
{
	return good ? 0 : -EIO;
}

static int try_pair(struct probe_world *w)
{
	char c = 0;
	struct pollfd p = { .fd = w->pair[1], .events = POLLIN };

	return check(write(w->pair[0], "x", 1) == 1 && poll(&p, 1, 1000) == 1 &&
		     read(w->pair[1], &c, 1) == 1 && c == 'x' &&
		     shutdown(w->pair[0], SHUT_WR) == 0);
}

/* A record with memory, as a grant or a frame buffer comes; and mapping it. */
static int try_passed_memory(struct probe_world *w)
{
	struct ipc_channel a, b;
	struct ipc_memory m = { .fd = -1 };
	const uint8_t *bytes;
	size_t len;
	int fd;

	if (ipc_channel_init(&a, w->pair[0]) < 0 || ipc_channel_init(&b, w->pair[1]) < 0)
		return -errno;
	w->memory.bytes[5] = 42;
	int r = ipc_send(&a, (const uint8_t *)"x", 1, w->memory.fd);
	if (r == 0)
		r = ipc_wait(&b, 1000);
	if (r == 0)
		r = ipc_receive(&b, &bytes, &len, &fd) == 1 ? 0 : -EIO;
	if (r == 0)
		r = ipc_memory_map(&m, fd, 65536, false);
	if (r == 0)
		r = check(m.bytes[5] == 42);
	ipc_memory_finish(&m);
	return r;
}

static int try_made_memory(struct probe_world *w)
{
	struct ipc_memory m = { .fd = -1 };
	int r = ipc_memory_create(&m, "probe", 256 * 256 * 4); /* the largest cursor */

	(void)w;
	if (r == 0)
		memset(m.bytes, 1, m.size);
	ipc_memory_finish(&m);
	return r;
}

/* As the tunnel gives a connection that came to its parent. */
static int try_handed_over(struct probe_world *w)
{
	const int size = 65536;
	struct ipc_channel near = { .fd = -1 }, far = { .fd = -1 };
	const uint8_t *bytes;
	size_t len;
	int ends[2] = { -1, -1 }, got = -1;

	if (syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 ||
		setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) < 0)
		return -errno;
	if (ipc_channel_init(&near, w->pair[0]) < 0 || ipc_channel_init(&far, w->pair[1]) < 0 ||
		ipc_send(&near, (const uint8_t *)"x", 1, ends[1]) < 0 ||
		ipc_receive(&far, &bytes, &len, &got) != 1)
		return -EIO;
	return check(got >= 0 && write(got, "y", 1) == 1 && read(ends[0], text, 1) == 1 &&
		     text[0] == 'y');
}

static int try_thread_from_before(struct probe_world *w)
{
	pthread_mutex_lock(&w->mutex);
	w->asked++;
	pthread_cond_broadcast(&w->changed);
	while (w->answered != w->asked)
		pthread_cond_wait(&w->changed, &w->mutex);
	pthread_mutex_unlock(&w->mutex);
	return 0;
}

static void *leave(void *user)
{
	return user;
}

static int try_new_thread(struct probe_world *w)
{
	pthread_t thread;
	void *result = NULL;
	int r = pthread_create(&thread, NULL, leave, w);

	if (r != 0)
		return -r;
	r = pthread_join(thread, &result);
	return r ? -r : check(result == w);
}

static int try_heap(struct probe_world *w)
{
	(void)w;
	for (size_t size = 16; size <= 64U << 20; size *= 4) {
		char *p = malloc(size);
		if (!p)
			return -ENOMEM;
		memset(p, 1, size);
		char *q = realloc(p, size * 2);
		if (!q)
			return -ENOMEM;
		q[size * 2 - 1] = 1;
		free(q);
	}
	return 0;
}

static int try_clocks(struct probe_world *w)
{
	struct timespec now;
	struct timespec moment = { .tv_nsec = 1000 };
	struct tm parts;

	(void)w;
	for (int clock = 0; clock < 8; clock++)
		if (syscall(SYS_clock_gettime, clock, &now) < 0)
			return -errno;
	return check(nanosleep(&moment, NULL) == 0 && gmtime_r(&now.tv_sec, &parts) != NULL &&
		     localtime_r(&now.tv_sec, &parts) != NULL);
}

static int try_random(struct probe_world *w)
{
	(void)w;
	return check(getrandom(text, sizeof(text), 0) == sizeof(text));
}

static int try_event_loop(struct probe_world *w)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int event = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	struct itimerspec soon = { .it_value = { .tv_nsec = 1000000 } };
	struct epoll_event wanted = { .events = EPOLLIN }, got;

	(void)w;
	if (epoll < 0 || event < 0 || timer < 0 || timerfd_settime(timer, 0, &soon, NULL) < 0 ||
		epoll_ctl(epoll, EPOLL_CTL_ADD, event, &wanted) < 0 ||
		epoll_wait(epoll, &got, 1, 1000) != 1 ||
		epoll_ctl(epoll, EPOLL_CTL_DEL, event, NULL) < 0 ||
		epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &wanted) < 0 ||
		epoll_pwait(epoll, &got, 1, 1000, NULL) != 1)
		return -errno;
	close(event);
	close(timer);
	close(epoll);
	return 0;
}

static int try_tcp_options(struct probe_world *w)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	int flag = 1, waiting = 0;

	if (setsockopt(w->tcp, IPPROTO_TCP, TCP_NODELAY, &flag, sizeof(flag)) < 0 ||
		getsockopt(w->tcp, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
		ioctl(w->pipes[0], FIONREAD, &waiting) < 0)
		return -errno;
	return 0;
}

static int try_standard_error(struct probe_world *w)
{
	(void)w;
	return write(2, "", 0) < 0 ? -errno : 0;
}

#define PROBE(call, comes_out)                                                                     \
	{                                                                                          \
		.name = #call, .run = try_##call, .outcome = comes_out                             \
	}
#define KILLED(call)  PROBE(call, PROBE_KILLED)
#define REFUSED(call) PROBE(call, PROBE_EACCES)
#define WORKS(call)   PROBE(call, PROBE_WORKS)
/* Killed, but in the tunnel, which does it. */
#define TUNNELS(call)                                                                              \
	{                                                                                          \
		.name = #call, .run = try_##call, .outcome = PROBE_KILLED, .tunnel_may = true      \
	}

const struct probe probes[] = {
	REFUSED(openat),
	REFUSED(openat_write),
	KILLED(openat2),
	REFUSED(stat_path),
	REFUSED(statx),
	REFUSED(faccessat),
	REFUSED(readlinkat),
	KILLED(unlinkat),
	KILLED(renameat2),
	KILLED(mkdirat),
	KILLED(linkat),
	KILLED(symlinkat),
	KILLED(mknodat),
	KILLED(fchmodat),
	KILLED(fchownat),
	KILLED(fchmod),
	KILLED(truncate),
	KILLED(chdir),
	KILLED(chroot),
	KILLED(getdents),
	KILLED(open_by_handle),
	KILLED(inotify),
	KILLED(mount),
	KILLED(socket_inet),
	KILLED(socket_unix),
	KILLED(socket_netlink),
	TUNNELS(socketpair),
	TUNNELS(handed_over),
	KILLED(socketpair_inet),
	KILLED(connect),
	KILLED(bind),
	KILLED(listen),
	KILLED(accept),
	KILLED(reuse_port),
	KILLED(bind_device),
	KILLED(ip_option),
	KILLED(execve),
	KILLED(execveat),
	KILLED(fork),
	KILLED(clone_namespace),
	PROBE(clone3, PROBE_ENOSYS),
	KILLED(ptrace),
	KILLED(kill_parent),
	KILLED(kill_all),
	KILLED(tgkill_other),
	KILLED(tkill),
	KILLED(sigqueue),
	KILLED(pidfd_open),
	KILLED(pidfd_getfd),
	KILLED(kcmp),
	KILLED(vm_read),
	KILLED(vm_write),
	KILLED(unshare),
	KILLED(setns),
	KILLED(setuid),
	KILLED(setgroups),
	KILLED(capset),
	KILLED(prlimit),
	REFUSED(prctl),
	REFUSED(prctl_seccomp),
	KILLED(seccomp),
	KILLED(landlock),
	KILLED(setpriority),
	KILLED(dup),
	KILLED(io_uring),
	KILLED(bpf),
	KILLED(userfaultfd),
	KILLED(perf_event),
	KILLED(keyctl),
	KILLED(add_key),
	KILLED(shmget),
	KILLED(ipc_message),
	KILLED(personality),
	KILLED(splice),
	KILLED(vmsplice),
	KILLED(remap),
	KILLED(protection_key),
	KILLED(type_into_terminal),
	KILLED(own_descriptor),
	KILLED(exec_protect),
	KILLED(exec_protect_all),
	KILLED(exec_map),
	KILLED(exec_map_memory),
	WORKS(pair),
	WORKS(passed_memory),
	WORKS(made_memory),
	WORKS(thread_from_before),
	WORKS(new_thread),
	WORKS(heap),
	WORKS(clocks),
	WORKS(random),
	WORKS(event_loop),
	WORKS(tcp_options),
	WORKS(standard_error),
};
const size_t probe_count = sizeof(probes) / sizeof(*probes);
