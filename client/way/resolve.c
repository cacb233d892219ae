#include "client/way/resolve.h"

#include "common/base/clock.h"
#include "common/base/fd.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct resolve {
	pthread_mutex_t lock;
	int event_fd;
	bool done, abandoned; /* under lock: whoever comes second frees */
	char host[256];
	uint16_t port;
	struct resolve_result result; /* the thread's until done */
};

static void resolve_free(struct resolve *r)
{
	fd_close(&r->event_fd);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static void look_up(struct resolve *r)
{
	struct resolve_result *out = &r->result;
	uint64_t start = clock_now_us();

	if (net_resolve(r->host, r->port, out->addresses, RESOLVE_ADDRESSES_MAX, &out->count,
		    &out->why) < 0)
		out->count = 0;
	out->took_us = (uint32_t)(clock_now_us() - start);
}

static void *resolve_thread(void *user)
{
	struct resolve *r = user;

	look_up(r);
	pthread_mutex_lock(&r->lock);
	r->done = true;
	bool abandoned = r->abandoned;
	if (!abandoned)
		fd_event_tell(r->event_fd);
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
	r->port = port;
	r->event_fd = -1;
	int error = fd_event_open(&r->event_fd);
	if (error < 0) {
		resolve_free(r);
		return error;
	}
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	error = pthread_create(&thread, &attributes, resolve_thread, r);
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

int resolve_take(struct resolve *r, struct resolve_result *out)
{
	pthread_mutex_lock(&r->lock);
	bool done = r->done;
	pthread_mutex_unlock(&r->lock);
	if (!done)
		return -EAGAIN;
	*out = r->result;
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
