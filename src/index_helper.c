/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* SOCK_CLOEXEC, with glibc and musl */

#include "index_helper.h"

#include "file.h"
#include "index_wire.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

struct helper {
	struct mc_wire *wire;
	const struct mc_index_options *options;
	const struct mc_index_config *config; /* as read without the options of an index */
	bool is_shared, is_required, is_entered;
	bool may_need_pip; /* nothing says where an index is: python3 may be asked, once */
	char pip_default[1024];
	struct mc_arena arena; /* of the index that is open */
	struct mc_index *index;
};

/* ---- its sandbox ---- */

static void allow_in(struct mc_sandbox *box, struct mc_arena *arena, const char *variable, const char *rest)
{
	const char *folder = getenv(variable);

	if (folder && *folder)
		mc_sandbox_allow(box, mc_arena_printf(arena, "%s%s", folder, rest).ptr, MC_SANDBOX_READ);
}

static void allow_files(const struct helper *h, struct mc_sandbox *box, struct mc_arena *arena)
{
	/* Resolvers, certificates, settings of TLS libraries, pip's configuration.  */
	static const char *const paths[] = {
		"/etc/resolv.conf", "/run/systemd/resolve", "/run/resolvconf",	   "/etc/hosts",
		"/etc/host.conf",   "/etc/nsswitch.conf",   "/etc/gai.conf",	   "/etc/services",
		"/etc/protocols",   "/etc/passwd",	    "/etc/ssl",		   "/etc/pki",
		"/etc/pkcs11",	    "/etc/ca-certificates", "/etc/crypto-policies", "/etc/gnutls",
		"/etc/krb5.conf",   "/etc/localtime",	    "/var/lib/ca-certificates", "/dev/urandom", "/dev/random",
		"/etc/pip.conf",    "/etc/xdg/pip",
	};
	const char *dirs = getenv("XDG_CONFIG_DIRS");
	struct mc_str rest = mc_str_of(dirs ? dirs : "");

	mc_sandbox_allow_system(box);
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		mc_sandbox_allow(box, paths[i], MC_SANDBOX_READ);
	while (rest.len)
		mc_sandbox_allow(box, mc_arena_printf(arena, "%.*s/pip", MC_TEXT(mc_str_cut(&rest, ':'))).ptr,
				 MC_SANDBOX_READ);
	allow_in(box, arena, "HOME", "/.pip");
	allow_in(box, arena, "HOME", "/.config/pip");
	allow_in(box, arena, "HOME", "/.netrc");
	allow_in(box, arena, "XDG_CONFIG_HOME", "/pip");
	allow_in(box, arena, "VIRTUAL_ENV", "/pip.conf");
	allow_in(box, arena, "PIP_CONFIG_FILE", "");
	allow_in(box, arena, "NETRC", "");
	allow_in(box, arena, "SSL_CERT_DIR", "");
	if (h->config->ca_file.len)
		mc_sandbox_allow(box, h->config->ca_file.ptr, MC_SANDBOX_READ);
}

static enum mc_status enter(struct helper *h, struct mc_error *err)
{
	unsigned needs = MC_SANDBOX_MESSAGES | (h->options->is_offline ? 0 : MC_SANDBOX_NETWORK);
	struct mc_sandbox box;
	struct mc_arena arena;

	h->is_entered = true;
	mc_arena_init(&arena, NULL);
	mc_sandbox_open(&box, needs);
	allow_files(h, &box, &arena);
	mc_arena_clear(&arena);
	return mc_sandbox_enter(&box, needs, h->is_required, err);
}

/* ---- opening ---- */

static enum mc_status take_options(struct helper *h, struct mc_index_options *options)
{
	struct mc_wire *wire = h->wire;
	struct mc_str text;
	const char **urls;
	bool has_url;

	*options = *h->options;
	has_url = mc_wire_number(wire);
	MC_TRY(mc_arena_copy(&h->arena, mc_wire_text(wire), &text));
	options->index_url = has_url ? text.ptr : NULL;
	options->has_no_index = mc_wire_number(wire);
	options->limits.connect_ms = (unsigned)mc_wire_number(wire);
	options->limits.page_ms = (unsigned)mc_wire_number(wire);
	options->limits.tries = (unsigned)mc_wire_number(wire);
	options->extra_urls_count = (size_t)mc_wire_number(wire);
	if (wire->is_wrong || options->extra_urls_count > MC_WIRE_COUNT_MAX)
		return MC_ERR_FORMAT;
	options->extra_urls = urls = MC_TAKE_ARRAY(&h->arena, const char *, options->extra_urls_count + 1);
	for (size_t i = 0; urls && i < options->extra_urls_count; i++) {
		MC_TRY(mc_arena_copy(&h->arena, mc_wire_text(wire), &text));
		urls[i] = text.ptr;
	}
	if (!urls)
		return MC_ERR_NOMEM;
	return mc_wire_is_whole(wire) ? MC_OK : MC_ERR_FORMAT;
}

/* As if there were no pip: MC_ERR_NOT_FOUND where then no index is known.  */
static enum mc_status read_config(const struct mc_index_options *options, struct mc_arena *arena,
				  struct mc_index_config *config_out)
{
	struct mc_index_env env = mc_index_own_env;
	struct mc_error why = MC_ERROR_INIT;

	env.pip_default = "";
	return mc_index_config_read(options, &env, arena, config_out, &why);
}

/* Later no program can be started: ask now where one of the next indexes may want to know.  */
static void ask_pip(struct helper *h, const struct mc_index_options *options)
{
	struct mc_index_config config;

	if (!h->may_need_pip || mc_index_own_env.pip_default)
		return;
	if (!h->is_shared && read_config(options, &h->arena, &config) != MC_ERR_NOT_FOUND)
		return;
	mc_index_ask_pip(h->config->limits.default_ms, h->pip_default, sizeof(h->pip_default));
	mc_index_own_env.pip_default = h->pip_default;
}

static bool refuse(struct helper *h, const struct mc_error *why)
{
	mc_wire_begin(h->wire, MC_WIRE_REFUSED);
	mc_wire_put_number(h->wire, (uint64_t)-(int)why->status);
	mc_wire_put_number(h->wire, (uint64_t)why->sys_errno);
	mc_wire_put_text(h->wire, mc_str_of(why->subject));
	mc_wire_put_text(h->wire, mc_str_of(why->text));
	return mc_wire_send(h->wire, -1);
}

/* What has a user and a password in it stays here.  */
static bool tell_opened(struct helper *h)
{
	const struct mc_index *index = h->index;
	const struct mc_index_config *config = &index->config;
	struct mc_error why = MC_ERROR_INIT;

	mc_wire_begin(h->wire, MC_WIRE_OPENED);
	mc_wire_put_text(h->wire, config->origin);
	mc_wire_put_text(h->wire, config->cache_dir);
	mc_wire_put_number(h->wire, config->limits.page_ms);
	mc_wire_put_number(h->wire, config->limits.file_ms);
	mc_wire_put_number(h->wire, config->limits.max_age_s);
	mc_wire_put_number(h->wire, config->limits.page_nbytes);
	mc_wire_put_number(h->wire, config->urls_count);
	mc_wire_put_number(h->wire, config->find_links_count);
	for (size_t i = 0; i < config->urls_count; i++) {
		mc_wire_put_text(h->wire, index->urls[i]);
		mc_wire_put_text(h->wire, index->indexes[i].text);
		mc_wire_put_text(h->wire, index->indexes[i].user);
	}
	for (size_t i = 0; i < config->find_links_count; i++)
		mc_wire_put_text(h->wire, index->find_links[i]);
	if (h->wire->is_wrong) {
		mc_fail(&why, MC_ERR_LIMIT, NULL, "more indexes than can be asked");
		return refuse(h, &why);
	}
	return mc_wire_send(h->wire, -1);
}

/* False: the other one is gone, or says what makes no sense.  */
static bool open_index(struct helper *h)
{
	struct mc_index_options options;
	struct mc_error why = MC_ERROR_INIT;

	mc_index_close(h->index);
	h->index = NULL;
	mc_arena_clear(&h->arena);
	if (take_options(h, &options))
		return false;
	ask_pip(h, &options);
	(void)!mc_index_open(&options, &h->arena, &h->index, &why);
	if (!h->is_entered && enter(h, &why)) {
		mc_index_close(h->index);
		h->index = NULL;
	}
	return h->index ? tell_opened(h) : refuse(h, &why);
}

/* ---- requests ---- */

struct run {
	struct helper *helper;
	struct mc_net_job *jobs;
	bool is_lost;
};

static enum mc_status take_text(struct helper *h, struct mc_arena *arena, struct mc_str *text_out)
{
	return mc_arena_copy(arena, mc_wire_text(h->wire), text_out);
}

/* What ends a header would begin another.  */
static bool is_one_line(struct mc_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < ' ')
			return false;
	return true;
}

static enum mc_status take_job(struct helper *h, struct mc_arena *arena, struct mc_net_job *job)
{
	struct mc_str accept;

	if (mc_wire_receive(h->wire) != MC_WIRE_JOB)
		return MC_ERR_FORMAT;
	*job = (struct mc_net_job){.fd = -1};
	MC_TRY(take_text(h, arena, &job->url));
	MC_TRY(take_text(h, arena, &accept));
	MC_TRY(take_text(h, arena, &job->etag));
	MC_TRY(take_text(h, arena, &job->modified));
	MC_TRY(take_text(h, arena, &job->range));
	MC_TRY(take_text(h, arena, &job->if_range));
	job->accept = accept.len ? accept.ptr : NULL;
	job->max_nbytes = mc_wire_number(h->wire);
	job->limit_ms = (unsigned)mc_wire_number(h->wire);
	if (!is_one_line(accept) || !is_one_line(job->etag) || !is_one_line(job->modified) ||
	    !is_one_line(job->range) || !is_one_line(job->if_range))
		return MC_ERR_FORMAT;
	return mc_wire_is_whole(h->wire) ? MC_OK : MC_ERR_FORMAT;
}

/* The other one has it already when the answer is that there is no file.  */
static enum mc_status begin(void *state, struct mc_net_job *job)
{
	struct run *run = state;
	struct mc_wire *wire = run->helper->wire;

	mc_wire_begin(wire, MC_WIRE_BEGIN);
	mc_wire_put_number(wire, (uint64_t)(job - run->jobs));
	if (!mc_wire_send(wire, -1) || mc_wire_receive(wire) != MC_WIRE_FILE) {
		run->is_lost = true;
		return MC_ERR_NOMEM; /* all that ends a run */
	}
	if (wire->passed_fd < 0)
		return mc_net_fail(job, MC_ERR_IO, "there is no file for it");
	job->fd = wire->passed_fd;
	wire->passed_fd = -1;
	return MC_OK;
}

static bool send_body(struct mc_wire *wire, struct mc_str body)
{
	while (body.len) {
		struct mc_str piece = {body.ptr, body.len < MC_WIRE_BODY_NBYTES ? body.len : MC_WIRE_BODY_NBYTES};

		mc_wire_begin(wire, MC_WIRE_BODY);
		mc_wire_put_text(wire, piece);
		if (!mc_wire_send(wire, -1))
			return false;
		body = mc_str_skip(body, piece.len);
	}
	return true;
}

static enum mc_status done(void *state, struct mc_net_job *job)
{
	struct run *run = state;
	struct mc_wire *wire = run->helper->wire;
	bool has_file = job->fd >= 0;

	mc_wire_begin(wire, MC_WIRE_DONE);
	mc_wire_put_number(wire, (uint64_t)(job - run->jobs));
	mc_wire_put_number(wire, (uint64_t)-(int)job->status);
	mc_wire_put_number(wire, (uint64_t)job->code);
	/* What came of a request that failed is nobody's.  */
	mc_wire_put_number(wire, has_file || !job->status ? job->nbytes : 0);
	mc_wire_put_number(wire, job->max_age_s);
	mc_wire_put_number(wire, job->is_not_stored);
	mc_wire_put_text(wire, mc_str_of(job->problem));
	mc_wire_put_text(wire, mc_str_of(job->sha256));
	mc_wire_put_text(wire, job->final_url);
	mc_wire_put_text(wire, job->content_type);
	mc_wire_put_text(wire, job->content_range);
	mc_wire_put_text(wire, job->reply_etag);
	mc_wire_put_text(wire, job->reply_modified);
	mc_close_fd(job->fd);
	job->fd = -1;
	run->is_lost = !mc_wire_send(wire, -1) ||
		       (!has_file && !job->status && !send_body(wire, job->body));
	return run->is_lost ? MC_ERR_NOMEM : MC_OK;
}

static bool run_jobs(struct helper *h)
{
	uint64_t count = mc_wire_number(h->wire);
	bool has_files = mc_wire_number(h->wire), is_done = false;
	struct run run = {.helper = h};
	const struct mc_net_calls calls = {has_files ? begin : NULL, done, &run};
	struct mc_index_stats before;
	struct mc_arena arena;

	if (!mc_wire_is_whole(h->wire) || !h->index || !h->index->net || count > SIZE_MAX / sizeof(*run.jobs) - 1)
		return false;
	before = h->index->stats;
	mc_arena_init(&arena, NULL);
	run.jobs = MC_TAKE_ARRAY(&arena, struct mc_net_job, (size_t)count + 1);
	for (uint64_t i = 0; run.jobs && i < count && !run.is_lost; i++)
		run.is_lost = take_job(h, &arena, &run.jobs[i]);
	if (run.jobs && !run.is_lost)
		is_done = !mc_net_run(h->index->net, run.jobs, (size_t)count, &calls);
	mc_arena_clear(&arena);
	mc_wire_begin(h->wire, MC_WIRE_END);
	mc_wire_put_number(h->wire, h->index->stats.requests - before.requests);
	mc_wire_put_number(h->wire, h->index->stats.nbytes - before.nbytes);
	mc_wire_put_number(h->wire, h->index->stats.spent_ms - before.spent_ms);
	return is_done && mc_wire_send(h->wire, -1);
}

/* ---- the process ---- */

/* It has no file of the other one, but where a sanitizer complains: it ends before who reads that waits.  */
static void keep_only(struct mc_wire *wire)
{
	int null, fd = fcntl(wire->fd, F_DUPFD, 3);

	null = open("/dev/null", O_RDWR);
	for (int i = 0; i < 2 && null >= 0; i++)
		dup2(null, i);
	wire->fd = dup2(fd, 3);
	fcntl(wire->fd, F_SETFD, FD_CLOEXEC);
	mc_close_from(4);
}

/* The next thing that the other one wants; false: nothing more.  */
static bool hear(struct helper *h)
{
	switch ((int)mc_wire_receive(h->wire)) {
	case MC_WIRE_OPEN: return open_index(h);
	case MC_WIRE_RUN: return run_jobs(h);
	default: return false;
	}
}

static void serve(struct helper *h)
{
	struct mc_error why = MC_ERROR_INIT;

	keep_only(h->wire);
	mc_index_wire = NULL; /* here it is this process that asks */
	mc_arena_init(&h->arena, NULL);
	if (!h->may_need_pip && enter(h, &why))
		h->is_entered = false; /* then again, when somebody hears it */
	while (hear(h))
		;
	_exit(0);
}

static enum mc_status open_wire(struct mc_arena *arena, struct mc_wire **wire_out, int *other_out,
				struct mc_error *err)
{
	struct mc_wire *wire = MC_TAKE(arena, struct mc_wire);
	int ends[2];

	if (!wire)
		return mc_no_memory(err);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return mc_fail(err, MC_ERR_IO, NULL, "no socket for the process that asks indexes");
	wire->fd = ends[0];
	wire->passed_fd = -1;
	*other_out = ends[1];
	*wire_out = wire;
	return MC_OK;
}

enum mc_status mc_index_helper_start(const struct mc_index_options *options, bool is_shared, bool is_required,
				     struct mc_arena *arena, struct mc_index_needs *needs_out, struct mc_error *err)
{
	struct mc_index_config *config = MC_TAKE(arena, struct mc_index_config);
	struct helper h = {.options = options, .config = config, .is_shared = is_shared, .is_required = is_required};
	struct mc_folder cache;
	enum mc_status status;
	pid_t parent = getpid(), pid;
	int other = -1;

	*needs_out = (struct mc_index_needs){.cache_dir = MC_STR("")};
	if (!config)
		return mc_no_memory(err);
	/* What is wrong with it is told when an index is opened.  */
	status = read_config(options, arena, config);
	h.may_need_pip = status == MC_ERR_NOT_FOUND;
	if (status == MC_ERR_NOMEM || mc_index_open_cache(arena, config->cache_dir, &cache))
		return mc_no_memory(err);
	mc_folder_close(&cache);
	MC_TRY(open_wire(arena, &h.wire, &other, err));
	pid = fork();
	if (!pid) {
		h.wire->fd = other;
#ifdef __linux__
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
#endif
		serve(&h);
	}
	mc_close_fd(other);
	if (pid < 0) {
		mc_wire_close(h.wire);
		return mc_fail(err, MC_ERR_IO, NULL, "no process to ask indexes");
	}
	mc_index_wire = h.wire;
	needs_out->cache_dir = config->cache_dir;
	needs_out->find_links = config->find_links;
	needs_out->find_links_count = config->find_links_count;
	return MC_OK;
}

void mc_index_helper_stop(void)
{
	if (mc_index_wire)
		mc_wire_close(mc_index_wire);
	mc_index_wire = NULL;
}
