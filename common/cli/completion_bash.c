/* For bash: one function that finds out where the cursor stands, with case tables made from ours.
 * It needs nothing of the package bash-completion but being loaded by it. */
#include "common/cli/completion.h"

#include <stdio.h>
#include <string.h>

static void print_value(const struct completion_value *v, const char *function)
{
	switch (v->kind) {
	case COMPLETION_WORDS:
		printf("mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$word\")", v->text);
		break;
	case COMPLETION_FILES:
		fputs("compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$word\")",
			stdout);
		break;
	case COMPLETION_FOLDERS:
		fputs("compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$word\")",
			stdout);
		break;
	case COMPLETION_COMMANDS:
		fputs("mapfile -t COMPREPLY < <(compgen -c -- \"$word\")", stdout);
		break;
	case COMPLETION_NAMES:
		printf("mapfile -t COMPREPLY < <(compgen -W \"$(_%s_list %s)\" -- \"$word\")",
			function, v->text);
		break;
	case COMPLETION_NOTHING:
		break;
	}
	fputs(" ;;\n", stdout);
}

static void print_names(const struct option_spec *list)
{
	for (; list && list->name; list++) {
		printf(" --%s", list->name);
		if (list->letter)
			printf(" -%c", list->letter);
	}
}

/* After which words a value comes, and which words are commands. */
static void print_scan(const struct program_spec *p)
{
	puts("\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	     "\t\toption=\n"
	     "\t\tcase \"$command ${COMP_WORDS[i]}\" in");
	fputs("\t\t", stdout);
	if (completion_value_patterns(p, " | ") > 0)
		puts(")\n\t\t\toption=${COMP_WORDS[i]}\n"
		     "\t\t\t[ \"${COMP_WORDS[i + 1]-}\" != = ] || ((i++)) # bash divides --name=value\n"
		     "\t\t\t((i++))\n\t\t\t;;");
	else
		puts("'')\t;;");
	puts("\t\t*' -'*) ;;");
	if (p->commands) {
		const char *divider = "\t\t";
		for (const struct command_spec *c = p->commands; c->name; c++) {
			if (c->hidden)
				continue;
			printf("%s' %s'", divider, c->name);
			divider = " | ";
		}
		puts(") command=${COMP_WORDS[i]} ;;");
		if (p->fallback)
			printf("\t\t' '*) command=%s at=1 ;;\n", p->fallback);
		else
			puts("\t\t' '*) return ;;");
	}
	puts("\t\t*) ((++at)) ;;\n"
	     "\t\tesac\n"
	     "\tdone");
}

static void print_option_values(const struct program_spec *p, const struct command_spec *command,
	const struct option_spec *list)
{
	for (; list && list->name; list++) {
		if (!list->value)
			continue;
		const struct completion_value v = completion_value_of(list->value);
		if (v.kind == COMPLETION_NOTHING)
			continue;
		const char *name = command ? command->name : "";
		printf("\t\t'%s --%s'", name, list->name);
		if (list->letter)
			printf(" | '%s -%c'", name, list->letter);
		fputs(") ", stdout);
		print_value(&v, p->name);
	}
}

static void print_arguments(const struct program_spec *p, const struct command_spec *command)
{
	struct completion_value v;

	for (int i = 0; completion_argument(p, command, i, &v); i++) {
		const char *name = command ? command->name : "";
		if (v.kind == COMPLETION_NOTHING)
			continue;
		if (v.repeats)
			printf("\t'%s '*) ", name);
		else
			printf("\t'%s %d') ", name, i);
		print_value(&v, p->name);
	}
}

static void print_first(const struct program_spec *p)
{
	const struct command_spec *fallback = completion_fallback(p);
	struct completion_value v;

	fputs("\t' 0') mapfile -t COMPREPLY < <(compgen -W \"", stdout);
	for (const struct command_spec *c = p->commands; c->name; c++)
		if (!c->hidden)
			printf("%s ", c->name);
	if (fallback && completion_argument(p, fallback, 0, &v) && v.kind == COMPLETION_NAMES)
		printf("$(_%s_list %s)", p->name, v.text);
	puts("\" -- \"$word\") ;;");
}

void completion_bash(const struct program_spec *p)
{
	printf("# Completion of %s for bash; made from its tables by '%s --completion bash'.\n\n",
		p->name, p->name);
	if (p->names)
		printf("_%s_list() { # the first column of a list, without its heading\n"
		       "\tlocal first rest\n"
		       "\t%s \"$1\" 2>/dev/null | while read -r first rest; do\n"
		       "\t\t[ \"$first\" = NAME ] || printf '%%s\\n' \"$first\"\n"
		       "\tdone\n}\n\n",
			p->name, p->name);
	printf("_%s() {\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]} command= option= names= at=0 i\n"
	       "\tCOMPREPLY=()\n"
	       "\t[ \"$word\" != = ] || word=\n",
		p->name);
	print_scan(p);
	puts("\tif [ -n \"$option\" ] && ((i > COMP_CWORD)); then # the cursor is at its value\n"
	     "\t\tcase \"$command $option\" in");
	print_option_values(p, NULL, p->options);
	for (const struct command_spec *c = p->commands; c && c->name; c++) {
		if (c->hidden)
			continue;
		print_option_values(p, c, c->options);
		print_option_values(p, c, p->options);
	}
	puts("\t\t*) ;;\n\t\tesac\n\t\treturn\n\tfi\n"
	     "\tif [[ $word == -* ]]; then\n"
	     "\t\tcase $command in");
	for (const struct command_spec *c = p->commands; c && c->name; c++) {
		if (c->hidden || !c->options)
			continue;
		printf("\t\t%s) names='", c->name);
		print_names(c->options);
		puts("' ;;");
	}
	fputs("\t\t*) ;;\n\t\tesac\n\t\tnames+='", stdout);
	print_names(p->options);
	print_names(options_standard);
	puts("'\n\t\tmapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$word\")\n"
	     "\t\treturn\n\tfi\n"
	     "\tcase \"$command $at\" in");
	if (p->commands)
		print_first(p);
	else
		print_arguments(p, NULL);
	for (const struct command_spec *c = p->commands; c && c->name; c++)
		if (!c->hidden)
			print_arguments(p, c);
	printf("\t*) ;;\n\tesac\n}\n\ncomplete -F _%s %s\n", p->name, p->name);
}
