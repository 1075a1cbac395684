/* SPDX-License-Identifier: MIT */
/* Which file or variable wins: pip 23.2 to 26, _internal/configuration.py (load order) and
 * _internal/cli/parser.py (sections, empty values).  */
#include "index_impl.h"

#include "dist.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define CONFIG_NBYTES_MAX (256 * 1024)
#define VALUE_NBYTES_MAX (16 * 1024)

enum key {
	KEY_INDEX_URL,
	KEY_EXTRA_INDEX_URL,
	KEY_NO_INDEX,
	KEY_FIND_LINKS,
	KEY_TRUSTED_HOST,
	KEY_PROXY,
	KEY_CERT,
	KEY_TIMEOUT,
	KEY_DEFAULT_TIMEOUT, /* another name of the same option */
	KEY_RETRIES,
	KEYS_COUNT
};

static const char *const key_names[KEYS_COUNT] = {
	"index-url", "extra-index-url", "no-index",        "find-links", "trusted-host", "proxy",
	"cert",      "timeout",         "default-timeout", "retries",
};

/* A value and who said it; empty: nobody.  */
struct setting {
	struct mc_str value;
	struct mc_str origin;
};

struct reader {
	const struct mc_index_options *options;
	const struct mc_index_env *env;
	struct mc_arena *arena;
	struct mc_index_config *config;
	struct mc_error *err;
	struct setting global[KEYS_COUNT], install[KEYS_COUNT]; /* sections of pip.conf */
};

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct mc_str trim(struct mc_str text)
{
	while (text.len && is_space(text.ptr[0]))
		text = mc_str_skip(text, 1);
	while (text.len && is_space(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

static struct mc_str get(const struct reader *r, const char *name)
{
	return mc_str_of(r->env->get(name, r->env->state));
}

/* ---- pip.conf: Python's configparser.RawConfigParser ---- */

struct parser {
	struct setting *section; /* NULL: one that does not matter */
	struct setting *current; /* what continuation lines go on with */
	struct mc_str origin;
	size_t indent; /* of the line that began the current value */
	bool has_section, has_key;
};

static enum mc_status fail_line(struct reader *r, struct mc_str path, size_t number)
{
	/* The line itself may hold a password.  */
	return mc_fail(r->err, MC_ERR_FORMAT, path.ptr, "line %zu is no line of a pip.conf",
		       number);
}

static struct setting *section_of(struct reader *r, struct mc_str name)
{
	if (mc_str_is(name, MC_STR("global")))
		return r->global;
	return mc_str_is(name, MC_STR("install")) ? r->install : NULL;
}

/* pip's _normalize_name(): case, '_' for '-', leading dashes.  */
static int key_of(struct mc_str raw)
{
	char name[32];

	if (mc_str_starts(raw, MC_STR("--")))
		raw = mc_str_skip(raw, 2);
	if (raw.len >= sizeof(name))
		return -1;
	for (size_t i = 0; i < raw.len; i++) {
		char c = raw.ptr[i];

		name[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	for (int i = 0; i < KEYS_COUNT; i++)
		if (mc_str_is((struct mc_str){name, raw.len}, mc_str_of(key_names[i])))
			return i;
	return -1;
}

static enum mc_status go_on(struct reader *r, struct parser *p, struct mc_str more)
{
	struct mc_str *value;

	if (!p->current)
		return MC_OK;
	value = &p->current->value;
	if (value->len + more.len > VALUE_NBYTES_MAX) /* each line is a copy of all before */
		return mc_fail(r->err, MC_ERR_LIMIT, p->origin.ptr,
			       "a value goes on without an end");
	*value = mc_arena_printf(r->arena, "%.*s\n%.*s", MC_TEXT(*value), MC_TEXT(more));
	return value->len ? MC_OK : mc_no_memory(r->err);
}

static void take_pair(struct parser *p, struct mc_str line, size_t sep)
{
	int key = key_of(trim((struct mc_str){line.ptr, sep}));

	p->current = NULL;
	p->has_key = true;
	if (key < 0 || !p->section)
		return;
	p->current = &p->section[key];
	*p->current = (struct setting){trim(mc_str_skip(line, sep + 1)), p->origin};
}

static enum mc_status take_line(struct reader *r, struct parser *p, struct mc_str raw,
				size_t number)
{
	struct mc_str line = trim(raw);
	size_t indent = line.len ? (size_t)(line.ptr - raw.ptr) : 0;

	if (!line.len || line.ptr[0] == '#' || line.ptr[0] == ';')
		return MC_OK; /* an empty line ends no value */
	if (p->has_key && indent > p->indent)
		return go_on(r, p, line);
	p->indent = indent;
	if (line.ptr[0] == '[' && memchr(line.ptr, ']', line.len)) {
		struct mc_str rest = mc_str_skip(line, 1);

		p->section = section_of(r, mc_str_cut(&rest, ']'));
		p->has_section = true;
		p->has_key = false;
		return MC_OK;
	}
	for (size_t i = 1; i < line.len && p->has_section; i++) {
		if (line.ptr[i] != '=' && line.ptr[i] != ':')
			continue;
		take_pair(p, line, i);
		return MC_OK;
	}
	return fail_line(r, p->origin, number);
}

/* A file that is not there says nothing; one that cannot be read might have said "not there".  */
static enum mc_status read_file(struct reader *r, struct mc_str path)
{
	struct parser p = {.origin = path};
	struct mc_str text, line;
	enum mc_status status =
		mc_read_text(r->arena, AT_FDCWD, path.ptr, CONFIG_NBYTES_MAX, &text);
	size_t number = 0;

	if (status == MC_ERR_NOT_FOUND || status == MC_ERR_UNSUPPORTED) /* /dev/null stands for none */
		return MC_OK;
	if (status == MC_ERR_NOMEM)
		return mc_no_memory(r->err);
	if (status)
		return mc_fail(r->err, status, path.ptr, "cannot read pip's configuration");
	if (mc_str_starts(text, MC_STR("\xef\xbb\xbf")))
		text = mc_str_skip(text, 3);
	while (mc_text_line(&text, &line))
		MC_TRY(take_line(r, &p, line, ++number));
	return MC_OK;
}

static enum mc_status read_below(struct reader *r, struct mc_str folder, const char *rest)
{
	struct mc_str path;

	if (!folder.len)
		return MC_OK;
	path = mc_arena_printf(r->arena, "%.*s/%s", MC_TEXT(folder), rest);
	return path.len ? read_file(r, path) : mc_no_memory(r->err);
}

static enum mc_status read_global_files(struct reader *r)
{
	struct mc_str dirs = get(r, "XDG_CONFIG_DIRS");
	struct mc_str dir;

	if (!dirs.len)
		MC_TRY(read_below(r, mc_str_of(r->env->etc), "xdg/pip/pip.conf"));
	while (dirs.len) {
		dir = mc_str_cut(&dirs, ':');
		MC_TRY(read_below(r, dir, "pip/pip.conf"));
	}
	return read_below(r, mc_str_of(r->env->etc), "pip.conf");
}

static enum mc_status read_user_files(struct reader *r)
{
	struct mc_str home = get(r, "HOME"), folder = get(r, "XDG_CONFIG_HOME");

	MC_TRY(read_below(r, home, ".pip/pip.conf"));
	if (folder.len)
		return read_below(r, folder, "pip/pip.conf");
	return read_below(r, home, ".config/pip/pip.conf");
}

/* Later files win, key by key.  */
static enum mc_status read_files(struct reader *r)
{
	struct mc_str named = get(r, "PIP_CONFIG_FILE");
	struct stat info;

	if (mc_str_is(named, MC_STR("/dev/null"))) /* os.devnull: pip then reads none at all */
		return MC_OK;
	MC_TRY(read_global_files(r));
	if (!named.len || stat(named.ptr, &info))
		MC_TRY(read_user_files(r));
	MC_TRY(read_below(r, get(r, "VIRTUAL_ENV"), "pip.conf"));
	return named.len ? read_file(r, named) : MC_OK;
}

/* ---- one setting ---- */

/* PIP_EXTRA_INDEX_URL for "extra-index-url".  */
static struct setting pip_variable(const struct reader *r, enum key key)
{
	char name[40] = "PIP_";
	size_t n = 4;

	for (const char *at = key_names[key]; *at; at++)
		name[n++] = *at == '-' ? '_' : (char)(*at - 'a' + 'A');
	name[n] = '\0';
	return (struct setting){trim(get(r, name)), mc_arena_printf(r->arena, "%s", name)};
}

static struct setting uv_variable(const struct reader *r, enum key key)
{
	static const char *const names[][2] = {{"UV_DEFAULT_INDEX", "UV_INDEX_URL"},
					       {"UV_INDEX", "UV_EXTRA_INDEX_URL"}};
	struct setting none = {{"", 0}, {"", 0}};

	if (key > KEY_EXTRA_INDEX_URL)
		return none;
	for (size_t i = 0; i < 2; i++) {
		struct mc_str value = trim(get(r, names[key][i]));

		if (value.len)
			return (struct setting){value, mc_str_of(names[key][i])};
	}
	return none;
}

/* Empty values are none (pip's _get_ordered_configuration_items()).  */
static struct setting find_setting(const struct reader *r, enum key key)
{
	struct setting found = pip_variable(r, key);

	if (!found.value.len)
		found = uv_variable(r, key);
	if (!found.value.len)
		found = r->install[key];
	if (!found.value.len)
		found = r->global[key];
	found.value = trim(found.value);
	return found;
}

/* distutils.util.strtobool(), which pip reads switches with.  */
static bool is_true(struct mc_str text)
{
	static const char *const words[] = {"y", "yes", "t", "true", "on", "1"};
	char lower[8];

	if (!text.len || text.len >= sizeof(lower))
		return false;
	for (size_t i = 0; i < text.len; i++)
		lower[i] =
			(char)(text.ptr[i] | (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? 0x20 : 0));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mc_str_is((struct mc_str){lower, text.len}, mc_str_of(words[i])))
			return true;
	return false;
}

/* A whole number of at most 'most'; 0 for what is none.  pip's timeout may be "1.5".  */
static unsigned number_of(struct mc_str text, unsigned most)
{
	unsigned number = 0;

	for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
		if (number <= most)
			number = number * 10 + (unsigned)(text.ptr[i] - '0');
	return number < most ? number : most;
}

/* ---- lists ---- */

static struct mc_str cut_word(struct mc_str *rest)
{
	struct mc_str word;

	*rest = trim(*rest);
	word = (struct mc_str){rest->ptr, 0};
	while (word.len < rest->len && !is_space(rest->ptr[word.len]))
		word.len++;
	*rest = mc_str_skip(*rest, word.len);
	return word;
}

static size_t count_words(struct mc_str text)
{
	size_t count = 0;

	while (cut_word(&text).len)
		count++;
	return count;
}

static enum mc_status copy_words(struct reader *r, struct mc_str text, struct mc_str **words_out,
				 size_t *count_out)
{
	*count_out = count_words(text);
	*words_out = MC_TAKE_ARRAY(r->arena, struct mc_str, *count_out + 1);
	if (!*words_out)
		return mc_no_memory(r->err);
	for (size_t i = 0; i < *count_out; i++)
		if (mc_arena_copy(r->arena, cut_word(&text), &(*words_out)[i]))
			return mc_no_memory(r->err);
	return MC_OK;
}

/* uv lets an index have a name: "internal=https://...".  */
static struct mc_str without_name(struct mc_str url)
{
	for (size_t i = 0; i < url.len; i++) {
		char c = url.ptr[i];

		if (c == '=' && i)
			return mc_str_skip(url, i + 1);
		if (c == ':' || c == '/')
			break;
	}
	return url;
}

static enum mc_status add_url(struct reader *r, struct mc_str url)
{
	struct mc_index_config *config = r->config;

	url = without_name(trim(url));
	for (size_t i = 0; i < config->urls_count; i++)
		if (mc_str_is(config->urls[i], url)) /* to ask twice gives nothing more */
			return MC_OK;
	if (mc_arena_copy(r->arena, url, &config->urls[config->urls_count]))
		return mc_no_memory(r->err);
	config->urls_count++;
	return MC_OK;
}

/* ---- pip's default ---- */

/* What comes through 'fd' until it ends or time is up; false then.  */
static bool read_until(int fd, unsigned limit_ms, char *text, size_t room, size_t *nbytes_out)
{
	struct timespec now;
	int64_t end_ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	end_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + limit_ms;
	*nbytes_out = 0;
	for (;;) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		int64_t left_ms;
		ssize_t got;

		clock_gettime(CLOCK_MONOTONIC, &now);
		left_ms = end_ms - ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
		if (left_ms <= 0 || *nbytes_out == room)
			return false;
		if (poll(&wait, 1, (int)(left_ms < INT_MAX ? left_ms : INT_MAX)) <= 0)
			continue;
		got = read(fd, text + *nbytes_out, room - *nbytes_out);
		if (got < 0 && errno != EINTR)
			return false;
		if (!got)
			return true;
		*nbytes_out += got > 0 ? (size_t)got : 0;
	}
}

/* Start Python with its output at 'fd_out'; 0 or an errno value.  */
static int start_python(pid_t *pid_out, int *fd_out)
{
	/* -I: neither the working directory, which may be what is judged, nor PYTHONPATH.  */
	static const char *const words[] = {
		"python3", "-I", "-c",
		"from pip._internal.models.index import PyPI; print(PyPI.simple_url)", NULL};
	posix_spawn_file_actions_t actions;
	int fds[2], error;

	if (pipe(fds))
		return errno;
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	error = posix_spawn_file_actions_init(&actions);
	if (!error) {
		error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
		if (!error)
			error = posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
		if (!error)
			error = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY,
								 0);
		if (!error)
			error = posix_spawnp(pid_out, words[0], &actions, NULL,
					     (char **)(uintptr_t)words, environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	mc_close_fd(fds[1]);
	if (error)
		mc_close_fd(fds[0]);
	*fd_out = fds[0];
	return error;
}

static bool ask_pip(unsigned limit_ms, char *text, size_t room, size_t *nbytes_out)
{
	bool is_done;
	int fd = -1, code;
	pid_t pid;

	if (start_python(&pid, &fd))
		return false;
	is_done = read_until(fd, limit_ms, text, room, nbytes_out);
	mc_close_fd(fd);
	if (!is_done)
		kill(pid, SIGKILL);
	while (waitpid(pid, &code, 0) < 0)
		if (errno != EINTR)
			return false;
	return is_done && WIFEXITED(code) && !WEXITSTATUS(code);
}

void mc_index_ask_pip(unsigned limit_ms, char *text, size_t room)
{
	size_t nbytes = 0;
	struct mc_str word = {text, 0};

	if (ask_pip(limit_ms, text, room - 1, &nbytes) && count_words((struct mc_str){text, nbytes}) == 1)
		word = trim((struct mc_str){text, nbytes});
	memmove(text, word.ptr, word.len);
	text[word.len] = '\0';
}

static enum mc_status add_default(struct reader *r)
{
	const char *url = r->env->pip_default;
	char text[1024] = "";

	if (!url) {
		mc_index_ask_pip(r->config->limits.default_ms, text, sizeof(text));
		url = text;
	}
	if (*url) {
		r->config->origin = MC_STR("pip's default");
		return add_url(r, mc_str_of(url));
	}
	return mc_fail(r->err, MC_ERR_NOT_FOUND, NULL,
		       "no package index: give one with --index-url or PIP_INDEX_URL "
		       "(neither pip's configuration nor python3 -m pip knows one)");
}

/* ---- all of it ---- */

static enum mc_status read_urls(struct reader *r)
{
	const struct mc_index_options *options = r->options;
	struct setting main = find_setting(r, KEY_INDEX_URL);
	struct setting extra = find_setting(r, KEY_EXTRA_INDEX_URL);
	bool is_given = options->index_url && *options->index_url;

	r->config->urls = MC_TAKE_ARRAY(r->arena, struct mc_str,
					2 + count_words(extra.value) + options->extra_urls_count);
	if (!r->config->urls)
		return mc_no_memory(r->err);
	if (options->has_no_index || (!is_given && is_true(find_setting(r, KEY_NO_INDEX).value))) {
		r->config->origin = MC_STR("--no-index");
		return MC_OK;
	}
	if (is_given) {
		r->config->origin = MC_STR("--index-url");
		MC_TRY(add_url(r, mc_str_of(options->index_url)));
	} else if (main.value.len) {
		r->config->origin = main.origin;
		MC_TRY(add_url(r, main.value));
	} else {
		MC_TRY(add_default(r));
	}
	while (count_words(extra.value))
		MC_TRY(add_url(r, cut_word(&extra.value)));
	for (size_t i = 0; i < options->extra_urls_count; i++)
		MC_TRY(add_url(r, mc_str_of(options->extra_urls[i])));
	return MC_OK;
}

static struct mc_str first_of(const struct reader *r, const char *const *names)
{
	struct mc_str value = {"", 0};

	while (!value.len && *names)
		value = get(r, *names++);
	return value;
}

/* What pip's own libraries (requests, OpenSSL) go by comes after what pip is told.  */
static enum mc_status read_places(struct reader *r)
{
	static const char *const bundles[] = {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
					      "SSL_CERT_FILE", NULL};
	struct mc_index_config *config = r->config;
	struct mc_str cache = mc_str_of(r->options->cache_dir);
	struct mc_str proxy = mc_str_of(r->options->proxy),
		      ca_file = mc_str_of(r->options->ca_file);

	if (!ca_file.len)
		ca_file = find_setting(r, KEY_CERT).value;
	if (!ca_file.len)
		ca_file = first_of(r, bundles);
	if (!proxy.len)
		proxy = find_setting(r, KEY_PROXY).value;
	if (!cache.len && get(r, "XDG_CACHE_HOME").len)
		cache = mc_arena_printf(r->arena, "%s/muslcheck", get(r, "XDG_CACHE_HOME").ptr);
	if (!cache.len && get(r, "HOME").len)
		cache = mc_arena_printf(r->arena, "%s/.cache/muslcheck", get(r, "HOME").ptr);
	if (r->options->has_no_cache)
		cache.len = 0;
	if (mc_arena_copy(r->arena, ca_file, &config->ca_file) ||
	    mc_arena_copy(r->arena, proxy, &config->proxy) ||
	    mc_arena_copy(r->arena, cache, &config->cache_dir))
		return mc_no_memory(r->err);
	return MC_OK;
}

static void fill(unsigned *field, unsigned by_default)
{
	if (!*field)
		*field = by_default;
}

static void read_limits(struct reader *r)
{
	struct mc_index_limits *limits = &r->config->limits;
	unsigned timeout_s = number_of(find_setting(r, KEY_TIMEOUT).value, 600);
	struct mc_str retries = find_setting(r, KEY_RETRIES).value;

	if (!timeout_s)
		timeout_s = number_of(find_setting(r, KEY_DEFAULT_TIMEOUT).value, 600);
	fill(&timeout_s, 15);
	*limits = r->options->limits;
	fill(&limits->connections, 8);
	fill(&limits->tries, retries.len ? number_of(retries, 20) + 1 : 4);
	fill(&limits->redirects, 5);
	fill(&limits->backoff_ms, 500);
	fill(&limits->connect_ms, timeout_s * 1000);
	fill(&limits->stall_s, timeout_s);
	fill(&limits->page_ms, timeout_s > 60 ? timeout_s * 1000 : 60000);
	fill(&limits->file_ms, 600000);
	fill(&limits->run_ms, 1800000);
	fill(&limits->default_ms, 60000);
	fill(&limits->max_age_s, 600);
	if (!limits->page_nbytes)
		limits->page_nbytes = (uint64_t)32 << 20;
}

enum mc_status mc_index_config_read(const struct mc_index_options *options,
				    const struct mc_index_env *env, struct mc_arena *arena,
				    struct mc_index_config *config_out, struct mc_error *err)
{
	struct reader r = {
		options, env, arena, config_out, err, {{{"", 0}, {"", 0}}}, {{{"", 0}, {"", 0}}}};

	*config_out = (struct mc_index_config){.origin = MC_STR("")};
	MC_TRY(read_files(&r));
	read_limits(&r);
	MC_TRY(read_places(&r));
	MC_TRY(copy_words(&r, find_setting(&r, KEY_FIND_LINKS).value, &config_out->find_links,
			  &config_out->find_links_count));
	MC_TRY(copy_words(&r, find_setting(&r, KEY_TRUSTED_HOST).value, &config_out->trusted_hosts,
			  &config_out->trusted_hosts_count));
	return read_urls(&r);
}
