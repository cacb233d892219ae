/*
 * Where Farseat's files are. As root /etc/farseat, /var/lib/farseat, /run/farseat; as a user the
 * XDG folders; FARSEAT_HOME=DIR puts all of them under one folder (tests, demos): DIR/config,
 * DIR/data, DIR/state, DIR/run.
 */
#pragma once

#include "common/base/macros.h"

#include <limits.h>
#include <stdbool.h>

enum path_kind {
	/* /etc/farseat, $XDG_CONFIG_HOME/farseat (~/.config) */
	PATH_CONFIG,
	/* keys, certificates, the registry: /var/lib/farseat, $XDG_DATA_HOME/farseat (~/.local/share) */
	PATH_DATA,
	/* the audit log, when a workstation was last seen: /var/lib/farseat, $XDG_STATE_HOME/farseat
	 * (~/.local/state) */
	PATH_STATE,
	/* sockets, 0700: /run/farseat, $XDG_RUNTIME_DIR/farseat */
	PATH_RUNTIME,
};

/*
 * Writes the folder of that kind, or folder/name when name is not NULL, to out. Makes nothing.
 * -ENAMETOOLONG; -ENOENT when HOME or XDG_RUNTIME_DIR is needed and missing.
 */
int path_of(enum path_kind kind, const char *name, char out[static PATH_MAX]) MUST_CHECK;

/* The home in which a person's own folders are, ~/Farseat among them: $FARSEAT_HOME, else $HOME; NULL where neither is
 * a whole path. */
const char *path_home(void);

/* Whether it is a program that we may run. */
bool path_is_program(const char *path);
/* The first of these that is one; NULL: none. */
const char *path_first_program(const char *const places[], size_t count);
/* fusermount3, by which ordinary users mount; NULL: there is none. */
const char *path_fusermount(void);

/*
 * Finds one of our own programs (farseat-worker, ...): in $FARSEAT_LIBEXEC, else beside the running
 * program, else in ../<its sibling folder> of a build tree, else in the installed libexec folder.
 * -ENOENT if nowhere.
 */
int path_of_program(const char *name, char out[static PATH_MAX]) MUST_CHECK;
/* The same for a library of ours, which need not be a program. */
int path_of_library(const char *name, char out[static PATH_MAX]) MUST_CHECK;
