#include "client/window/present.h"

#include "common/base/log.h"

#include <errno.h>
#include <string.h>

int present_create(struct present **out, SDL_Window *window, enum present_choice choice)
{
	int r = -ENOTSUP;

	if (choice != PRESENT_SOFTWARE)
		r = present_renderer.create(out, window);
	if (r < 0 && choice == PRESENT_GPU)
		log_warn("the GPU renderer cannot be used: %s", strerror(-r));
	if (r < 0)
		r = present_surface.create(out, window);
	if (r == 0)
		log_debug("drawing by %s", (*out)->impl->name);
	return r;
}

void present_destroy(struct present *p)
{
	if (p)
		p->impl->destroy(p);
}

int present_draw(struct present *p, const struct present_scene *scene,
	const struct area_list *screen, const struct area_list *window)
{
	return p->impl->draw(p, scene, screen, window);
}
