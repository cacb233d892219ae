/* PRIMARY: zwp_primary_selection_device_v1, which compositors have beside the core protocol. */
#include "client/window/wayland_protocols.h"

#include <primary-selection-unstable-v1-client-protocol.h>
#include <wayland-client.h>

static void on_name(void *user, struct zwp_primary_selection_offer_v1 *offer, const char *name)
{
	wayland_device_named(user, offer, name);
}

static const struct zwp_primary_selection_offer_v1_listener offer_listener = { .offer = on_name };

static void on_offer(void *user, struct zwp_primary_selection_device_v1 *device,
	struct zwp_primary_selection_offer_v1 *offer)
{
	(void)device;
	wayland_device_offered(user, offer);
}

static void on_selection(void *user, struct zwp_primary_selection_device_v1 *device,
	struct zwp_primary_selection_offer_v1 *offer)
{
	(void)device;
	wayland_device_selected(user, offer);
}

static const struct zwp_primary_selection_device_v1_listener device_listener = {
	.data_offer = on_offer, .selection = on_selection
};

static void on_send(
	void *user, struct zwp_primary_selection_source_v1 *source, const char *name, int32_t fd)
{
	wayland_device_asked(user, source, name, fd);
}

static void on_cancelled(void *user, struct zwp_primary_selection_source_v1 *source)
{
	wayland_device_cancelled(user, source);
}

static const struct zwp_primary_selection_source_v1_listener source_listener = { .send = on_send,
	.cancelled = on_cancelled };

static void *open_device(struct wayland_device *d, struct wl_seat *seat)
{
	struct zwp_primary_selection_device_v1 *device =
		zwp_primary_selection_device_manager_v1_get_device(d->manager, seat);

	if (device)
		zwp_primary_selection_device_v1_add_listener(device, &device_listener, d);
	return device;
}

static void close_device(void *device)
{
	zwp_primary_selection_device_v1_destroy(device);
}

static void *new_source(struct wayland_device *d)
{
	struct zwp_primary_selection_source_v1 *source =
		zwp_primary_selection_device_manager_v1_create_source(d->manager);

	if (source)
		zwp_primary_selection_source_v1_add_listener(source, &source_listener, d);
	return source;
}

static void name_source(void *source, const char *name)
{
	zwp_primary_selection_source_v1_offer(source, name);
}

static void destroy_source(void *source)
{
	zwp_primary_selection_source_v1_destroy(source);
}

static void select_source(void *device, void *source, uint32_t serial)
{
	zwp_primary_selection_device_v1_set_selection(device, source, serial);
}

static void listen_to_offer(struct wayland_device *d, void *offer)
{
	zwp_primary_selection_offer_v1_add_listener(offer, &offer_listener, d);
}

static void receive(void *offer, const char *name, int fd)
{
	zwp_primary_selection_offer_v1_receive(offer, name, fd);
}

static void destroy_offer(void *offer)
{
	zwp_primary_selection_offer_v1_destroy(offer);
}

static void destroy_manager(void *manager)
{
	zwp_primary_selection_device_manager_v1_destroy(manager);
}

const struct wayland_device_impl wayland_primary_impl = {
	.open = open_device,
	.close = close_device,
	.source_new = new_source,
	.source_name = name_source,
	.source_destroy = destroy_source,
	.select = select_source,
	.offer_listen = listen_to_offer,
	.offer_receive = receive,
	.offer_destroy = destroy_offer,
	.manager_destroy = destroy_manager,
};
