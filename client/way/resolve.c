#include "client/way/resolve.h"

#include "common/base/clock.h"
#include "common/base/fd.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

struct resolve {
	pthread_mutex_t lock;
	int event_fd;
	bool done, abandoned; /* under lock: whoever comes second frees */
	char host[256], service[8];
	struct addrinfo *list; /* the thread's until done */
	int failed;
	uint32_t took_us;
};

static void resolve_free(struct resolve *r)
{
	if (r->list)
		freeaddrinfo(r->list);
	fd_close(&r->event_fd);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static void look_up(struct resolve *r)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG
	};
	uint64_t start = clock_now_us();

	r->failed = getaddrinfo(r->host, r->service, &hints, &r->list);
	if (r->failed == EAI_NONAME || r->failed == EAI_ADDRFAMILY) {
		/* AI_ADDRCONFIG passes over loopback addresses where nothing else is configured. */
		hints.ai_flags = 0;
		r->failed = getaddrinfo(r->host, r->service, &hints, &r->list);
	}
	if (r->failed)
		r->list = NULL;
	r->took_us = (uint32_t)(clock_now_us() - start);
}

static void *resolve_thread(void *user)
{
	struct resolve *r = user;

	look_up(r);
	pthread_mutex_lock(&r->lock);
	r->done = true;
	bool abandoned = r->abandoned;
	if (!abandoned && eventfd_write(r->event_fd, 1) < 0)
		abort(); /* an eventfd of ours with room for 2^64 - 2 */
	pthread_mutex_unlock(&r->lock);
	if (abandoned)
		resolve_free(r);
	return NULL;
}

int resolve_start(struct resolve **out, const char *host, uint16_t port)
{
	pthread_attr_t attributes;
	pthread_t thread;
	struct resolve *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	pthread_mutex_init(&r->lock, NULL);
	snprintf(r->host, sizeof(r->host), "%s", host);
	snprintf(r->service, sizeof(r->service), "%u", (unsigned)port);
	r->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->event_fd < 0) {
		int error = -errno;
		resolve_free(r);
		return error;
	}
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	int error = pthread_create(&thread, &attributes, resolve_thread, r);
	pthread_attr_destroy(&attributes);
	if (error) {
		resolve_free(r);
		return -error;
	}
	*out = r;
	return 0;
}

int resolve_fd(const struct resolve *r)
{
	return r->event_fd;
}

int resolve_take(struct resolve *r, struct addrinfo **list, int *failed, uint32_t *took_us)
{
	pthread_mutex_lock(&r->lock);
	bool done = r->done;
	pthread_mutex_unlock(&r->lock);
	if (!done)
		return -EAGAIN;
	*list = r->list;
	*failed = r->failed;
	*took_us = r->took_us;
	r->list = NULL;
	return 0;
}

void resolve_destroy(struct resolve *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->abandoned = true;
	bool done = r->done;
	pthread_mutex_unlock(&r->lock);
	if (done)
		resolve_free(r);
}
