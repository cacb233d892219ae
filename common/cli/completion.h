/*
 * What shells complete, made from the tables of a program (options.h): each program prints it for
 * itself with the hidden option --completion. Made at build time and installed; nothing here reads
 * anything.
 *
 * The placeholder of an argument or value says what it is: "a|b" one of these words, FILE... a file,
 * DIR a folder, CMD a command, NAME a name that a list of the program shows (names_spec), anything
 * else free text.
 */
#pragma once

#include "common/cli/options.h"

#define COMPLETION_TEXT_MAX_BYTES 256

enum completion_kind {
	COMPLETION_NOTHING, /* free text */
	COMPLETION_WORDS,   /* text: the words, divided by blanks */
	COMPLETION_FILES,
	COMPLETION_FOLDERS,
	COMPLETION_COMMANDS,
	COMPLETION_NAMES, /* text: the program's command whose first column lists them */
};

struct completion_value {
	enum completion_kind kind;
	bool repeats; /* as the last argument: any number of them */
	char text[COMPLETION_TEXT_MAX_BYTES];
};

/* What a placeholder stands for as the value of an option, where a NAME is a new one. */
struct completion_value completion_value_of(const char *placeholder);

/* The argument at position index of a line of usage such as "NAME [FILE...]"; false: there is none.
 * Options that stand in the line are not counted. */
bool completion_argument(const struct program_spec *program, const struct command_spec *command,
	int index, struct completion_value *out);

/* The command that is meant when the first word names none, or NULL. */
const struct command_spec *completion_fallback(const struct program_spec *program);

/*
 * Prints text within a shell's single quotes to stdout, with a backslash before each character that
 * stands in special ("": none).
 */
void completion_quote(const char *text, const char *special);

/*
 * Prints patterns for 'case "$command $word"' to stdout: the options that take a value, each between
 * single quotes, with divider between them. Returns how many there are.
 */
int completion_value_patterns(const struct program_spec *program, const char *divider);

/* One for each shell, to stdout. */
void completion_bash(const struct program_spec *program);
void completion_zsh(const struct program_spec *program);
void completion_fish(const struct program_spec *program);

/* Prints the completion for shell, by its name, to stdout; -EINVAL: none is known for it. */
int completion_print(const struct program_spec *program, const char *shell) MUST_CHECK;
