#include "client/window/waker.h"

#include <SDL.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FDS_MAX 24 /* the connection's, and the clipboard's pipes */

struct waker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct fd_poll fds[FDS_MAX + 1]; /* the last one is interrupt_fd */
	size_t count;
	bool armed, idle, quit; /* under lock */
	int interrupt_fd;
	uint32_t event_type;
	bool running;
};

static void *waker_thread(void *user)
{
	struct waker *w = user;

	pthread_mutex_lock(&w->lock);
	while (!w->quit) {
		if (!w->armed) {
			w->idle = true;
			pthread_cond_broadcast(&w->changed);
			pthread_cond_wait(&w->changed, &w->lock);
			continue;
		}
		w->idle = false;
		pthread_mutex_unlock(&w->lock);
		int n = fd_wait(w->fds, w->count, -1);
		pthread_mutex_lock(&w->lock);
		w->armed = false;
		if (n > 0 && w->fds[w->count - 1].got == 0) {
			SDL_Event event = { .type = w->event_type };
			SDL_PushEvent(&event);
		}
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

int waker_create(struct waker **out)
{
	struct waker *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	w->interrupt_fd = -1;
	w->event_type = SDL_RegisterEvents(1);
	int r = fd_event_open(&w->interrupt_fd);
	if (r == 0)
		r = -pthread_create(&w->thread, NULL, waker_thread, w);
	w->running = r == 0;
	if (r < 0) {
		waker_destroy(w);
		return r;
	}
	*out = w;
	return 0;
}

void waker_destroy(struct waker *w)
{
	if (!w)
		return;
	if (w->running) {
		pthread_mutex_lock(&w->lock);
		w->quit = true;
		pthread_cond_broadcast(&w->changed);
		pthread_mutex_unlock(&w->lock);
		fd_event_tell(w->interrupt_fd);
		pthread_join(w->thread, NULL);
	}
	fd_close(&w->interrupt_fd);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void waker_wait(struct waker *w, const struct fd_poll *fds, size_t count, int timeout_ms)
{
	pthread_mutex_lock(&w->lock);
	w->count = MIN(count, (size_t)FDS_MAX);
	memcpy(w->fds, fds, w->count * sizeof(*fds));
	w->fds[w->count++] = (struct fd_poll){ .fd = w->interrupt_fd, .want = FD_READ };
	w->armed = true;
	w->idle = false;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);

	SDL_WaitEventTimeout(NULL, timeout_ms);

	/* The descriptors may change before the next wait: the thread lets go of them first. */
	fd_event_tell(w->interrupt_fd);
	pthread_mutex_lock(&w->lock);
	while (!w->idle)
		pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
	fd_event_clear(w->interrupt_fd);
}
