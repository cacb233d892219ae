/*
 * What shells complete, made from the tables of a program (options.h): each program prints it for
 * itself with the hidden option --completion. Made at build time and installed; nothing here reads
 * anything.
 *
 * What an argument or value is, its placeholder says: "a|b" one of these words, FILE... a file, DIR
 * a folder, CMD a command, NAME a name that a list of the program shows (names_spec), else free
 * text.
 */
#pragma once

#include "common/cli/options.h"

#define COMPLETION_TEXT_MAX_BYTES 128

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

/* What placeholder stands for as the value of an option: names are of things that are new there. */
struct completion_value completion_value_of(const char *placeholder);

/* The argument at position index of a line of usage such as "NAME [FILE...]"; false: there is none.
 * Options that stand in the line are not counted. */
bool completion_argument(const struct program_spec *program, const struct command_spec *command,
	int index, struct completion_value *out);

/* The command that is meant when the first word names none, or NULL. */
const struct command_spec *completion_fallback(const struct program_spec *program);

/* text within single quotes of a shell, with a backslash before each character of special (""
 * none). To stdout. */
void completion_quote(const char *text, const char *special);

/* Patterns for 'case "$command $word"', to stdout: options that take a value, each between single
 * quotes and divided by divider ("" and nothing is printed where there are none). Returns how many.
 */
int completion_value_patterns(const struct program_spec *program, const char *divider);

/* One for each shell, to stdout. */
void completion_bash(const struct program_spec *program);
void completion_zsh(const struct program_spec *program);
void completion_fish(const struct program_spec *program);

/* Prints the completion for shell, by its name, to stdout; -EINVAL: none is known for it. */
int completion_print(const struct program_spec *program, const char *shell) MUST_CHECK;
