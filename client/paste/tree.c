#include "client/paste/tree.h"

#include "common/files/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NODES_AT_FIRST 64U
/* So that at most half of the slots are taken. */
#define SLOTS_A_NODE 2U

struct paste_node *paste_tree_node(const struct paste_tree *t, uint64_t number)
{
	return number > 0 && number < t->count ? &t->nodes[number] : NULL;
}

/* ---- names ---- */

/* FNV-1a, 32 bits. Names are the other end's: whoever makes them collide slows his own paste down. */
static uint32_t hash_of(uint32_t parent, const char *name, size_t len)
{
	uint32_t h = 2166136261U ^ parent;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)name[i]) * 16777619U;
	return h;
}

/* Where it is, or would be. */
static uint32_t *slot_of(const struct paste_tree *t, uint32_t parent, const char *name, size_t len)
{
	for (uint32_t i = hash_of(parent, name, len);; i++) {
		uint32_t *slot = &t->slots[i & (t->slot_count - 1)];
		const struct paste_node *n = &t->nodes[*slot];
		if (*slot == 0 || (n->parent == parent && strlen(n->name) == len &&
					  memcmp(n->name, name, len) == 0))
			return slot;
	}
}

uint32_t paste_tree_find(const struct paste_tree *t, uint32_t parent, const char *name, size_t len)
{
	return *slot_of(t, parent, name, len);
}

/* ---- room ---- */

static int grow_slots(struct paste_tree *t, uint32_t nodes)
{
	const uint32_t count = nodes * SLOTS_A_NODE;
	uint32_t *old = t->slots;

	uint32_t *slots = calloc(count, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	t->slots = slots;
	t->slot_count = count;
	for (uint32_t i = PASTE_ROOT; i < t->count; i++) {
		const char *name = t->nodes[i].name; /* the root has none */
		if (name)
			*slot_of(t, t->nodes[i].parent, name, strlen(name)) = i;
	}
	free(old);
	return 0;
}

/* Doubles, so that slots stay a power of two. */
static int grow(struct paste_tree *t)
{
	uint32_t room = t->room ? 2 * t->room : NODES_AT_FIRST;

	if (t->count < t->room)
		return 0;
	struct paste_node *nodes = realloc(t->nodes, room * sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	memset(nodes + t->room, 0, (room - t->room) * sizeof(*nodes));
	t->nodes = nodes;
	int r = grow_slots(t, room);
	if (r == 0)
		t->room = room; /* not before there are slots for them */
	return r;
}

static int grow_children(struct paste_node *n)
{
	uint32_t room = n->child_room ? 2 * n->child_room : 8;

	if (n->child_count < n->child_room)
		return 0;
	uint32_t *children = realloc(n->children, room * sizeof(*children));
	if (!children)
		return -ENOMEM;
	n->children = children;
	n->child_room = room;
	return 0;
}

/* ---- nodes ---- */

int paste_tree_init(struct paste_tree *t)
{
	memset(t, 0, sizeof(*t));
	int r = grow(t);
	if (r < 0) {
		paste_tree_finish(t);
		return r;
	}
	t->nodes[PASTE_ROOT] = (struct paste_node){ .kind = WIRE_FILE_FOLDER, .mode = 0500 };
	t->count = PASTE_ROOT + 1;
	return 0;
}

void paste_tree_finish(struct paste_tree *t)
{
	for (uint32_t i = 0; i < t->count; i++) {
		free(t->nodes[i].name);
		free(t->nodes[i].target);
		free(t->nodes[i].children);
	}
	free(t->nodes);
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

/* What the other end says counts no more than what it could have sent with `farseat cp`. */
static int check(struct paste_tree *t, uint32_t parent, const struct lending_entry *e,
	char path[static WIRE_FILE_PATH_MAX_BYTES + 1], char **target)
{
	size_t len;

	if (t->count > PASTE_NODES_MAX)
		return -E2BIG;
	if (paste_tree_find(t, parent, (const char *)e->name, e->name_len) != 0)
		return -EPROTO;
	int r = paste_tree_path(t, parent, path);
	if (r < 0)
		return r;
	len = strlen(path);
	if (len + 1 + e->name_len > WIRE_FILE_PATH_MAX_BYTES)
		return -ENAMETOOLONG;
	if (len > 0)
		path[len++] = '/';
	memcpy(path + len, e->name, e->name_len);
	path[len + e->name_len] = '\0';
	if (!wire_file_path_clean((const uint8_t *)path, strlen(path)))
		return -ENAMETOOLONG;
	*target = e->target_len > 0 ? strndup((const char *)e->target, e->target_len) : NULL;
	if (e->target_len > 0 && !*target)
		return -ENOMEM;
	return !*target || files_link_stays(path, *target) ? 0 : -EPROTO;
}

int paste_tree_add(struct paste_tree *t, uint32_t parent, const struct lending_entry *e)
{
	char path[WIRE_FILE_PATH_MAX_BYTES + 1];
	char *target = NULL, *name = NULL;

	int r = check(t, parent, e, path, &target);
	if (r == 0)
		r = grow(t);
	if (r == 0)
		r = grow_children(&t->nodes[parent]);
	if (r == 0)
		name = strndup((const char *)e->name, e->name_len);
	if (r < 0 || !name) {
		free(target);
		return r < 0 ? r : -ENOMEM;
	}
	struct paste_node *folder = &t->nodes[parent];
	*slot_of(t, parent, name, e->name_len) = t->count;
	t->nodes[t->count] = (struct paste_node){ .name = name,
		.target = target,
		.kind = e->kind,
		.mode = e->mode,
		.version = e->version,
		.parent = parent,
		.place = folder->child_count };
	folder->children[folder->child_count++] = t->count++;
	return 0;
}

int paste_tree_path(const struct paste_tree *t, uint32_t number, char *out)
{
	char *at = out + WIRE_FILE_PATH_MAX_BYTES; /* from its end to its beginning */

	*at = '\0';
	for (; number != PASTE_ROOT; number = t->nodes[number].parent) {
		size_t len = strlen(t->nodes[number].name), slash = *at != '\0';
		if (len + slash > (size_t)(at - out))
			return -ENAMETOOLONG;
		if (slash)
			*--at = '/';
		at -= len;
		memcpy(at, t->nodes[number].name, len);
	}
	memmove(out, at, strlen(at) + 1);
	return 0;
}
