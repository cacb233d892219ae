#include "server/agent/agent_clipboard.h"

#include "common/base/clock.h"
#include "common/ipc/records.h"
#include "server/agent/gate.h"

#include <errno.h>
#include <sys/random.h>

static struct clipboard_seat *of(struct clipboard_local *l)
{
	return (struct clipboard_seat *)(void *)l;
}

/* --- routes --- */

static struct clipboard_route *route_of(struct clipboard_route *routes, uint32_t number)
{
	for (size_t i = 0; i < AGENT_CLIPBOARD_ROUTES_MAX; i++)
		if (routes[i].number == number)
			return &routes[i];
	return NULL;
}

static struct clipboard_route *find(struct clipboard_route *routes, uint32_t number)
{
	return number ? route_of(routes, number) : NULL;
}

static bool is_of(const struct clipboard_route *route, const struct clipboard_seat *seat)
{
	return route && route->seat == seat;
}

/* --- whose it is --- */

static bool is_fresher(const struct clipboard_seat *a, const struct clipboard_seat *b,
	enum clipboard_selection selection)
{
	if (a->gesture_ms != b->gesture_ms)
		return a->gesture_ms > b->gesture_ms;
	return a->has[selection].offered_ms >= b->has[selection].offered_ms;
}

static struct clipboard_seat *freshest(
	const struct agent_clipboard *c, enum clipboard_selection selection)
{
	struct clipboard_seat *best = NULL;

	for (struct clipboard_seat *s = c->seats; s; s = s->next)
		if (s->has[selection].content.kinds && (!best || is_fresher(s, best, selection)))
			best = s;
	return best;
}

static void refuse_all_of(struct agent_clipboard *c, const struct clipboard_seat *seat)
{
	for (size_t i = 0; i < AGENT_CLIPBOARD_ROUTES_MAX; i++) {
		struct clipboard_route *r = &c->requests[i];
		if (!r->number || r->seat != seat)
			continue;
		if (c->local)
			c->local->impl->refuse(c->local, r->number);
		*r = (struct clipboard_route){ 0 };
	}
}

/* Owns what the freshest has, or nothing. anew: its content is another one. */
static void elect(struct agent_clipboard *c, enum clipboard_selection selection,
	const struct clipboard_seat *anew)
{
	struct clipboard_seat *old = c->owner[selection];
	struct clipboard_seat *now = freshest(c, selection);

	if (!c->local || (now == old && now != anew))
		return;
	c->owner[selection] = now;
	if (now)
		c->local->impl->own(c->local, selection, &now->has[selection].content);
	else
		c->local->impl->clear(c->local, selection);
}

void agent_clipboard_gesture(struct clipboard_seat *seat)
{
	struct agent_clipboard *c = seat->clipboard;

	seat->gesture_ms = c->clock_ms();
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		if (c->owner[s])
			elect(c, (enum clipboard_selection)s, NULL);
}

/* --- what the exchanges ask for --- */

static void forget_files(struct clipboard_seat *seat, enum clipboard_selection selection)
{
	if (selection == CLIPBOARD_CLIPBOARD)
		buffer_clear(&seat->files);
}

/* Files that were sent here are this machine's, and nothing of the laptop's. */
static bool has_files(const struct clipboard_seat *seat, enum clipboard_selection selection)
{
	return selection == CLIPBOARD_CLIPBOARD && seat->files.len > 0;
}

static void take_over(struct clipboard_seat *seat, enum clipboard_selection selection,
	const struct clipboard_content *content)
{
	seat->has[selection].content = *content;
	seat->has[selection].offered_ms = seat->clipboard->clock_ms();
	elect(seat->clipboard, selection, seat);
}

static void own(struct clipboard_local *l, enum clipboard_selection selection,
	const struct clipboard_content *content)
{
	struct clipboard_seat *seat = of(l);

	forget_files(seat, selection);
	take_over(seat, selection, content);
}

int agent_clipboard_put_files(struct clipboard_seat *seat, const uint8_t *uris, size_t len)
{
	const struct clipboard_content content = { .kinds = CLIPBOARD_BIT(CLIPBOARD_FILES),
		.origin = seat->clipboard->origin };

	buffer_clear(&seat->files);
	int r = buffer_append(&seat->files, uris, len);
	if (r < 0)
		return r;
	take_over(seat, CLIPBOARD_CLIPBOARD, &content);
	return 0;
}

static void clear(struct clipboard_local *l, enum clipboard_selection selection)
{
	struct clipboard_seat *seat = of(l);

	/* The laptop has nothing any more; what was sent here stays. */
	if (has_files(seat, selection))
		return;
	seat->has[selection].content.kinds = 0;
	if (seat->clipboard->owner[selection] == seat)
		elect(seat->clipboard, selection, NULL);
}

/* -ENOENT, -EBUSY. */
static int begin_read(struct clipboard_local *l, enum clipboard_selection selection,
	enum clipboard_kind kind, size_t window, uint32_t *read)
{
	struct agent_clipboard *c = of(l)->clipboard;
	struct clipboard_route *route = route_of(c->reads, 0);

	if (!c->local)
		return -ENOENT;
	if (!route)
		return -EBUSY;
	int r = c->local->impl->read(c->local, selection, kind, window, &route->number);
	if (r < 0)
		return r;
	route->seat = of(l);
	*read = route->number;
	return 0;
}

static void read_more(struct clipboard_local *l, uint32_t read, size_t bytes)
{
	struct agent_clipboard *c = of(l)->clipboard;

	if (c->local && is_of(find(c->reads, read), of(l)))
		c->local->impl->read_more(c->local, read, bytes);
}

static void stop(struct clipboard_local *l, uint32_t read)
{
	struct agent_clipboard *c = of(l)->clipboard;
	struct clipboard_route *route = find(c->reads, read);

	if (!is_of(route, of(l)))
		return;
	*route = (struct clipboard_route){ 0 };
	if (c->local)
		c->local->impl->stop(c->local, read);
}

static size_t give(
	struct clipboard_local *l, uint32_t request, const uint8_t *bytes, size_t len, bool end)
{
	struct agent_clipboard *c = of(l)->clipboard;
	struct clipboard_route *route = find(c->requests, request);

	if (!c->local || !is_of(route, of(l)))
		return len;
	size_t taken = c->local->impl->give(c->local, request, bytes, len, end);
	if (end && taken == len)
		*route = (struct clipboard_route){ 0 };
	return taken;
}

static void refuse(struct clipboard_local *l, uint32_t request)
{
	struct agent_clipboard *c = of(l)->clipboard;
	struct clipboard_route *route = find(c->requests, request);

	if (!is_of(route, of(l)))
		return;
	*route = (struct clipboard_route){ 0 };
	if (c->local)
		c->local->impl->refuse(c->local, request);
}

/* The display's clipboard is polled by the display, and told the time by agent_clipboard_tick. */
static void destroy_nothing(struct clipboard_local *l)
{
	(void)l;
}

static size_t no_fds(const struct clipboard_local *l, int fds[static CLIPBOARD_LOCAL_FDS_MAX],
	bool wants_write[static CLIPBOARD_LOCAL_FDS_MAX])
{
	(void)l;
	(void)fds;
	(void)wants_write;
	return 0;
}

static int no_tick(struct clipboard_local *l, uint64_t now_ms)
{
	(void)l;
	(void)now_ms;
	return -1;
}

static const struct clipboard_local_impl seat_impl = {
	.name = "seat",
	.destroy = destroy_nothing,
	.own = own,
	.clear = clear,
	.read = begin_read,
	.read_more = read_more,
	.stop = stop,
	.give = give,
	.refuse = refuse,
	.fds = no_fds,
	.dispatch = destroy_nothing,
	.flush = destroy_nothing,
	.tick = no_tick,
};

/* --- what the display's clipboard tells --- */

static void tell_owner(struct clipboard_seat *seat, enum clipboard_selection selection)
{
	struct clipboard_owner owner = seat->clipboard->known[selection];

	/* Of what another laptop has copied it knows nothing. */
	if (owner.ours && !seat->has[selection].content.kinds)
		owner = (struct clipboard_owner){ 0 };
	else if (owner.ours && has_files(seat, selection))
		owner = (struct clipboard_owner){ .kinds = CLIPBOARD_BIT(CLIPBOARD_FILES),
			/* Nothing to be offered: the laptop that they came from has them. */
			.origin = seat->clipboard->origin };
	seat->base.listener->owner_changed(seat->base.user, selection, &owner);
}

static void on_owner(
	void *user, enum clipboard_selection selection, const struct clipboard_owner *owner)
{
	struct agent_clipboard *c = user;

	c->known[selection] = *owner;
	if (!owner->ours)
		c->owner[selection] = NULL;
	else if (!c->owner[selection] && c->local) /* a program copied while it was being owned */
		c->local->impl->clear(c->local, selection);
	for (struct clipboard_seat *s = c->seats; s; s = s->next) {
		if (!owner->ours) {
			forget_files(s, selection);
			s->has[selection].content.kinds = 0;
		}
		tell_owner(s, selection);
	}
}

/* Paths of this machine, for its own programs: no gesture is asked for. */
static void give_files(
	struct agent_clipboard *c, struct clipboard_seat *seat, uint32_t request, unsigned kind)
{
	size_t len = seat->files.len;

	/* They fit into what a request takes at once; one that does not take them gets nothing. */
	if (kind != CLIPBOARD_FILES || c->local->impl->give(c->local, request,
					       buffer_front(&seat->files), len, true) < len)
		c->local->impl->refuse(c->local, request);
}

static void on_wanted(
	void *user, uint32_t request, enum clipboard_selection selection, enum clipboard_kind kind)
{
	struct agent_clipboard *c = user;
	struct clipboard_seat *seat = c->owner[selection];
	struct clipboard_route *route = route_of(c->requests, 0);

	if (seat && has_files(seat, selection)) {
		give_files(c, seat, request, kind);
		return;
	}
	if (!seat || !route ||
		!gate_may_paste(seat->has[selection].offered_ms, seat->gesture_ms, c->clock_ms())) {
		c->local->impl->refuse(c->local, request);
		return;
	}
	*route = (struct clipboard_route){ request, seat };
	seat->base.listener->wanted(seat->base.user, request, selection, kind);
}

static void on_room(void *user, uint32_t request)
{
	const struct clipboard_route *r = find(((struct agent_clipboard *)user)->requests, request);

	if (r)
		r->seat->base.listener->room(r->seat->base.user, request);
}

static void on_unwanted(void *user, uint32_t request)
{
	struct clipboard_route *r = find(((struct agent_clipboard *)user)->requests, request);

	if (!r)
		return;
	const struct clipboard_seat *seat = r->seat;
	*r = (struct clipboard_route){ 0 };
	seat->base.listener->unwanted(seat->base.user, request);
}

static void on_data(void *user, uint32_t read, const uint8_t *bytes, size_t len)
{
	const struct clipboard_route *r = find(((struct agent_clipboard *)user)->reads, read);

	if (r)
		r->seat->base.listener->read_data(r->seat->base.user, read, bytes, len);
}

static void on_ended(void *user, uint32_t read, enum clipboard_end end)
{
	struct clipboard_route *r = find(((struct agent_clipboard *)user)->reads, read);

	if (!r)
		return;
	const struct clipboard_seat *seat = r->seat;
	*r = (struct clipboard_route){ 0 };
	seat->base.listener->read_ended(seat->base.user, read, end);
}

static void on_lost(void *user)
{
	struct agent_clipboard *c = user;

	c->local = NULL;
	for (struct clipboard_seat *s = c->seats; s; s = s->next)
		s->base.listener->lost(s->base.user);
}

static const struct clipboard_local_listener listener = {
	.owner_changed = on_owner,
	.wanted = on_wanted,
	.room = on_room,
	.unwanted = on_unwanted,
	.read_data = on_data,
	.read_ended = on_ended,
	.lost = on_lost,
};

/* --- life --- */

void agent_clipboard_init(struct agent_clipboard *c, struct clipboard_local *local)
{
	*c = (struct agent_clipboard){ .local = local, .clock_ms = clock_now_ms };
	/* It keeps nothing secret: without random numbers, the clock tells this end from others. */
	if (getrandom(&c->origin, sizeof(c->origin), GRND_NONBLOCK) != sizeof(c->origin) ||
		c->origin == 0)
		c->origin = clock_now_ns() | 1;
	if (!local)
		return;
	local->listener = &listener;
	local->user = c;
}

void agent_clipboard_sit(struct agent_clipboard *c, struct clipboard_seat *seat)
{
	*seat = (struct clipboard_seat){
		.base.impl = &seat_impl, .clipboard = c, .next = c->seats
	};
	buffer_init(&seat->files, RECORD_URIS_MAX_BYTES);
	c->seats = seat;
}

void agent_clipboard_introduce(struct clipboard_seat *seat)
{
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		tell_owner(seat, (enum clipboard_selection)s);
}

void agent_clipboard_leave(struct clipboard_seat *seat)
{
	struct agent_clipboard *c = seat->clipboard;

	if (!c)
		return;
	for (struct clipboard_seat **at = &c->seats; *at; at = &(*at)->next)
		if (*at == seat) {
			*at = seat->next;
			break;
		}
	refuse_all_of(c, seat);
	for (size_t i = 0; i < AGENT_CLIPBOARD_ROUTES_MAX; i++)
		if (c->reads[i].number && c->reads[i].seat == seat)
			stop(&seat->base, c->reads[i].number);
	buffer_clear(&seat->files);
	for (int s = 0; s < CLIPBOARD_SELECTION_COUNT; s++)
		clear(&seat->base, (enum clipboard_selection)s);
	buffer_finish(&seat->files);
	seat->clipboard = NULL;
}

int agent_clipboard_tick(struct agent_clipboard *c, uint64_t now_ms)
{
	return c->local ? c->local->impl->tick(c->local, now_ms) : -1;
}
