/*
 * What farseat-paste knows of the files that are lent: folders, files and links by number, as the other
 * end has listed them. Numbers are those of the mount's inodes and count up in the order of the listing,
 * in which programs read. Nothing is forgotten before the mount ends. No I/O.
 */
#pragma once

#include "common/files/lending.h"

/* Of everything that was ever listed; about 100 bytes each. What is beyond is not shown, and its folder
 * cannot be listed (EIO). */
#define PASTE_NODES_MAX 500000U
#define PASTE_ROOT      1U /* FUSE_ROOT_ID */

enum paste_listing { PASTE_UNLISTED, PASTE_ASKED, PASTE_LISTED };

struct paste_node {
	char *name;   /* owned */
	char *target; /* owned; of a link */
	uint8_t kind; /* enum wire_file_kind */
	uint16_t mode;
	struct lending_version version;
	uint32_t parent;
	uint32_t place;      /* among its parent's children */
	uint32_t last_block; /* of a file: that was read last */
	/* Of a folder. */
	enum paste_listing listing;
	int error;          /* why the last listing failed; 0 */
	uint32_t *children; /* owned */
	uint32_t child_count, child_room;
	uint32_t read_next; /* the child that a program that reads one after the other opens next */
};

struct paste_tree {
	struct paste_node *nodes; /* owned; [0] is none */
	uint32_t count, room;
	uint32_t *slots; /* owned: numbers by parent and name; 0: free */
	uint32_t slot_count;
};

/* With the root alone, unlisted. -ENOMEM. */
int paste_tree_init(struct paste_tree *t) MUST_CHECK;
void paste_tree_finish(struct paste_tree *t);

/* NULL: there is no such number. Valid until the next paste_tree_add. */
struct paste_node *paste_tree_node(const struct paste_tree *t, uint64_t number);

/* 0: none of that name. */
uint32_t paste_tree_find(const struct paste_tree *t, uint32_t parent, const char *name, size_t len);

/* Adds what a folder has, at its end. -EPROTO: a link that leads elsewhere, or a name twice; -E2BIG: too
 * many; -ENAMETOOLONG: the path would be too long or too deep for a question; -ENOMEM. */
int paste_tree_add(struct paste_tree *t, uint32_t parent, const struct lending_entry *e) MUST_CHECK;

/* What the other end calls it; out has room for WIRE_FILE_PATH_MAX_BYTES and the end. -ENAMETOOLONG. */
int paste_tree_path(const struct paste_tree *t, uint32_t number, char *out) MUST_CHECK;
