/*
 * Command lines from tables: one table gives parsing, --help, and what man pages and completions
 * are made from.
 *
 * Every program knows --help and --version; wrong usage says what was wrong and where help is, and
 * ends with status 2.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>

#define OPTIONS_VALUES_MAX    24 /* options given at once */
#define OPTIONS_ARGUMENTS_MAX 256

/* Exit statuses: people and scripts rely on them, so they never change. */
enum exit_status {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_REFUSED = 3, /* the other end refused us */
};

struct option_spec {
	const char *name;  /* long: "listen" */
	char letter;       /* short, or 0 */
	const char *value; /* what its value is called: "ADDR:PORT"; NULL: a flag */
	const char *help;  /* one line, lower case, no full stop */
};

struct options;

struct command_spec {
	const char *name;
	const char *arguments; /* as in the usage line: "NAME [FILE]"; "" none */
	int arguments_min, arguments_max;
	const char *help;                  /* one line */
	const char *more;                  /* paragraphs for its --help, or NULL */
	const struct option_spec *options; /* ends with a NULL name; may be NULL */
	bool hidden;                       /* works, but is not listed */
	int (*run)(const struct options *options, void *user); /* returns an exit status */
};

/* Another spelling of a command: it is taken and stands in no list. */
struct alias_spec {
	const char *alias, *name;
};

/* Where completions find the names that a command takes. */
struct names_spec {
	const char *command; /* NULL: every command whose argument is called NAME */
	const char *list;    /* command of the same program; the first column is the names */
};

/* What a command takes at an argument whose placeholder does not say it, for completions. */
struct words_spec {
	const char *command;
	int index;         /* of the argument, from 0 */
	const char *words; /* divided by blanks */
};

struct program_spec {
	const char *name;
	const char *help; /* what it is, one line */
	const char *more; /* paragraphs after the lists, or NULL */
	/* Of every command, or of a program without commands; may be NULL. */
	const struct option_spec *options;
	/* Ends with a NULL name; NULL: a program without commands. */
	const struct command_spec *commands;
	/* Of a program without commands. */
	const char *arguments;
	int arguments_min, arguments_max;
	/* The command to take when the first word is none: "farseat NAME" is "farseat connect NAME".
	 * NULL: there is none. */
	const char *fallback;
	const struct names_spec *names;   /* ends with a NULL list; may be NULL */
	const struct alias_spec *aliases; /* ends with a NULL alias; may be NULL */
	const struct words_spec *words;   /* ends with a NULL command; may be NULL */
};

/* Of every program: --help, --version. */
extern const struct option_spec options_standard[];

struct options {
	const struct program_spec *program;
	const struct command_spec *command; /* NULL: none was given, or the program has none */
	struct {
		const struct option_spec *spec;
		const char *value;
	} given[OPTIONS_VALUES_MAX];
	int given_count;
	const char *arguments[OPTIONS_ARGUMENTS_MAX + 1]; /* NULL at their end; of argv */
	int argument_count;
	bool by_fallback; /* the first word is no command: the program's fallback takes it */
};

/*
 * Parses. 0: go on; 1: --help, --version or --completion was answered, exit with EXIT_OK; -EINVAL:
 * wrong usage was explained on stderr, exit with EXIT_USAGE. A program with commands but none
 * given: 0 with command NULL.
 */
int options_parse(
	const struct program_spec *program, int argc, char **argv, struct options *out) MUST_CHECK;

/* The value given last (it may be ""), or NULL when the option was not given. */
const char *options_value(const struct options *o, const char *name);
bool options_flag(const struct options *o, const char *name);

/*
 * Says on stderr what is wrong with the arguments, and where help is; returns EXIT_USAGE. For
 * values that only the command understands. format is a sentence without its full stop; a question
 * mark stays.
 */
int options_wrong(const struct options *o, const char *format, ...) PRINTF_LIKE(2, 3);

/* Prints the help of the program, or of o's command, to stdout. */
void options_help(const struct options *o);

/* `PROGRAM help [COMMAND]`: the run of a command that programs list in their tables. */
int options_run_help(const struct options *o, void *user);

/* The command whose name is nearest to a word that is none; NULL: none is near. Static. */
const char *options_nearest_command(const struct program_spec *program, const char *word);

/*
 * Parses and runs: a whole main of a program with commands. none is called when no command was
 * given; NULL: help to stderr, EXIT_USAGE. Where --json was given, one document is printed in any
 * case (json_output.h).
 */
int options_main(const struct program_spec *program, int argc, char **argv, void *user,
	int (*none)(const struct options *o, void *user));
