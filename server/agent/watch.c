#include "server/agent/watch.h"

#include <errno.h>
#include <stdlib.h>

struct watch_poll {
	uv_poll_t poll;
	int fd;
	watch_fn on_ready;
	void *user;
};

static void on_event(uv_poll_t *poll, int status, int events)
{
	struct watch_poll *p = poll->data;

	/* What is wrong with it is found by reading. */
	(void)status;
	(void)events;
	p->on_ready(p->user, p->fd);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void watch_finish(struct watch *w)
{
	for (size_t i = 0; i < ARRAY_LEN(w->polls); i++) {
		if (w->polls[i])
			uv_close((uv_handle_t *)&w->polls[i]->poll, on_closed);
		w->polls[i] = NULL;
	}
}

static int add(struct watch_poll **out, uv_loop_t *loop, const struct display_fd *fd,
	watch_fn on_ready, void *user)
{
	struct watch_poll *p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	*p = (struct watch_poll){ .fd = fd->fd, .on_ready = on_ready, .user = user };
	int r = uv_poll_init(loop, &p->poll, fd->fd);
	if (r < 0) {
		free(p);
		return r;
	}
	p->poll.data = p;
	*out = p;
	return uv_poll_start(&p->poll, UV_READABLE | (fd->wants_write ? UV_WRITABLE : 0), on_event);
}

int watch_set(struct watch *w, uv_loop_t *loop, const struct display_fd *fds, size_t count,
	watch_fn on_ready, void *user)
{
	watch_finish(w);
	for (size_t i = 0; i < count && i < ARRAY_LEN(w->polls); i++) {
		int r = add(&w->polls[i], loop, &fds[i], on_ready, user);
		if (r < 0) {
			watch_finish(w);
			return r;
		}
	}
	return 0;
}
