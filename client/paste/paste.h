/*
 * What the files client/paste share: one mount of one copy. Programs of the laptop ask by FUSE
 * (show.c), what is not here is asked for at the other end (fetch.c), and whoever waits for it is
 * answered when it has come. One thread; nothing blocks.
 */
#pragma once

#define FUSE_USE_VERSION 35

#include "client/paste/blocks.h"
#include "client/paste/line.h"
#include "client/paste/tree.h"

#include <fuse3/fuse_lowlevel.h>

/* Requests of programs that wait for the other end: each is a thread of somebody's. More are refused. */
#define PASTE_WAITING_MAX 256

enum paste_request { PASTE_LOOKUP, PASTE_OPEN, PASTE_READ, PASTE_READDIR };

struct paste_waiting {
	fuse_req_t req; /* NULL: none */
	enum paste_request request;
	uint32_t node;
	uint64_t offset;
	size_t size;
	char name[WIRE_FILE_NAME_MAX_BYTES + 1]; /* LOOKUP */
	struct fuse_file_info file;              /* OPEN */
	bool asked;                              /* OPEN: the other end was asked since it waits */
	bool interrupted;
};

struct paste {
	struct ipc_channel parent;
	struct paste_line line;
	struct paste_tree tree;
	struct paste_blocks blocks;
	struct paste_waiting waiting[PASTE_WAITING_MAX];
	unsigned waiting_count;
	struct fuse_session *session; /* owned */
	struct fuse_buf packet;       /* owned memory: the request that is being read */
	int fuse_fd;                  /* owned by session once it is made; -1 */

	char folder[WIRE_FILE_PATH_MAX_BYTES + 1]; /* where it is mounted */
	bool configured, go, quit;
	bool listed; /* the parent knows what is in it */
	bool over;   /* the parent knows that the line is cut */
	uint64_t cut_at_ms;
	uid_t uid; /* whose files they seem to be: ours */
	gid_t gid;
	unsigned handles; /* that programs have open */
	uint64_t used_ms, told_ms;
};

/* ---- fetch.c ---- */

/* Asks for what is not here. false: it cannot be had (the line is cut). */
bool fetch_list(struct paste *p, uint32_t node);
bool fetch_block(struct paste *p, uint32_t node, uint32_t index);
/* What a program that reads in order will want next: more of the file, or the files after it. */
void fetch_ahead(struct paste *p, uint32_t node, uint32_t index);
void fetch_beside(struct paste *p, uint32_t node);
/* How long the block of its file is. */
size_t fetch_block_len(const struct paste_node *n, uint32_t index);
/* Takes an answer. -EPROTO. */
int fetch_take(struct paste *p, const struct paste_news_of *news) MUST_CHECK;

/* ---- show.c ---- */

extern const struct fuse_lowlevel_ops show_ops;

/* Answers those whose answer is here, was interrupted, or will never come. */
void show_answer(struct paste *p);
