/* SPDX-License-Identifier: MIT */
/* Against tests/unit/index_server.py, two origins on the loopback interface.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "index_helper.h"
#include "index_wire.h"
#include "muslcheck/index.h"
#include "sha256.h"
#include "starve.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#define WHEEL_NBYTES (4 + 256 * 40)
#define NAMES_MAX 16

static struct fixture server_fixture; /* of the log, for all tests */
static pid_t server;
static int server_stdin;
static unsigned ports[2];
static char log_path[300];

static struct fixture fixture;
static struct mc_arena arena;
static struct mc_index_options options;
static struct mc_index *index_;
static struct mc_candidates set;
static struct mc_index_answer answers[NAMES_MAX];
static struct mc_error error;
static bool has_helper;
static unsigned helpers;

/* ---- the server ---- */

static int start_server(void **state)
{
	int to[2], from[2];
	char line[64] = "";
	FILE *out;

	(void)state;
	fixture_open(&server_fixture);
	snprintf(log_path, sizeof(log_path), "%s/log", server_fixture.dir);
	if (pipe(to) || pipe(from))
		return -1;
	server = fork();
	if (!server) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		close(to[1]);
		close(from[0]);
		execlp("python3", "python3", "tests/unit/index_server.py", log_path, (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	server_stdin = to[1];
	fcntl(server_stdin, F_SETFD, FD_CLOEXEC);
	out = fdopen(from[0], "r");
	if (!out || !fgets(line, sizeof(line), out))
		return -1;
	fclose(out);
	return sscanf(line, "%u %u", &ports[0], &ports[1]) == 2 ? 0 : -1;
}

static int stop_server(void **state)
{
	(void)state;
	close(server_stdin);
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	fixture_close(&server_fixture);
	return 0;
}

/* Lines of the log with 'text' in them.  */
static size_t count_requests(const char *text)
{
	FILE *file = fopen(log_path, "r");
	char line[1000];
	size_t count = 0;

	while (file && fgets(line, sizeof(line), file))
		count += strstr(line, text) != NULL;
	if (file)
		fclose(file);
	return count;
}

/* ---- a scene ---- */

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	mc_arena_init(&arena, NULL);
	mc_candidates_init(&set, &arena);
	index_ = NULL;
	error = MC_ERROR_INIT;
	options = (struct mc_index_options){.index_url = NULL};
	options.cache_dir = mc_arena_printf(&arena, "%s/cache", fixture.dir).ptr;
	options.limits = (struct mc_index_limits){.tries = 3,
						  .backoff_ms = 10,
						  .connect_ms = 1000,
						  .stall_s = 1,
						  .page_ms = 2500,
						  .page_nbytes = 1 << 20};
	unlink(log_path);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mc_index_close(index_);
	mc_index_helper_stop();
	mc_arena_clear(&arena);
	fixture_close(&fixture);
	return 0;
}

static const char *url_of(const char *who, unsigned port, const char *path)
{
	return mc_arena_printf(&arena, "%s://%s127.0.0.1:%u/%s", "http", who, ports[port], path)
		.ptr;
}

/* From here on another process makes the requests.  */
static void start_helper(void)
{
	struct mc_index_needs needs;

	mc_index_helper_stop();
	while (helpers && waitpid(-1, NULL, WNOHANG) > 0)
		helpers--;
	assert_int_equal(mc_index_helper_start(&options, false, false, &arena, &needs, &error), MC_OK);
	assert_string_equal(needs.cache_dir.ptr, options.has_no_cache ? "" : options.cache_dir);
	helpers++;
}

static void open_index(void)
{
	mc_index_close(index_);
	if (has_helper)
		start_helper();
	if (!options.index_url)
		options.index_url = url_of("", 0, "simple");
	assert_int_equal(mc_index_open(&options, &arena, &index_, &error), MC_OK);
}

/* Names are separated by blanks; the answers are in 'answers'.  */
static void ask(const char *text)
{
	struct mc_str names[NAMES_MAX], rest = mc_str_of(text);
	size_t count = 0;

	while (rest.len)
		names[count++] = mc_str_cut(&rest, ' ');
	assert_int_equal(mc_index_ask(index_, names, count, &set, answers, &error), MC_OK);
}

static void assert_failed(size_t i, const char *problem)
{
	char text[300];

	assert_int_equal(answers[i].state, MC_INDEX_FAILED);
	assert_true(answers[i].status < 0);
	snprintf(text, sizeof(text), "%.*s", MC_TEXT(answers[i].problem));
	if (!strstr(text, problem))
		assert_string_equal(text, problem);
	assert_true(mc_str_starts(answers[i].url, MC_STR("http")));
	assert_null(strchr(text, '\n'));
}

static void assert_found(size_t i, size_t files_count)
{
	if (answers[i].state != MC_INDEX_FOUND)
		assert_string_equal(answers[i].problem.ptr, "found");
	assert_int_equal(answers[i].files_count, files_count);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- pages ---- */

static void projects_are_found_or_absent(void **state)
{
	(void)state;
	open_index();
	ask("plain html no-such-thing gzip Plain busy ../x x%2fy");
	assert_found(0, 2);
	assert_found(1, 1);
	assert_int_equal(answers[2].state, MC_INDEX_ABSENT);
	assert_found(3, 1);
	assert_found(4, 2);
	assert_found(5, 1);
	assert_int_equal(answers[6].state, MC_INDEX_FAILED);
	assert_int_equal(answers[7].state, MC_INDEX_FAILED);
	/* plain was asked for once; busy answered the third time */
	assert_int_equal(set.count, 2 + 1 + 1 + 1);
	assert_int_equal(count_requests("/simple/plain/"), 1);
	/* the server is busy twice in its life: where this is done again, not any more */
	assert_int_equal(count_requests("/simple/busy/"), has_helper ? 1 : 3);
	assert_int_equal(mc_index_stats(index_).requests, has_helper ? 5 : 7);
	assert_string_equal(set.items[0]->file_name.ptr, "plain-1.0-py3-none-any.whl");
	assert_string_equal(set.items[0]->place.ptr,
			    url_of("", 0, "files/plain-1.0-py3-none-any.whl"));
	assert_int_equal(set.items[0]->nbytes, WHEEL_NBYTES);
	assert_true(set.items[2]->is_sdist);
	assert_true(mc_str_is(set.items[2]->requires_python, MC_STR(">=3.8")));
}

static void slow_servers_are_errors_in_bounded_time(void **state)
{
	double start = seconds();

	(void)state;
	open_index();
	ask("slow silent");
	assert_failed(0, "Timeout was reached");
	assert_failed(1, "Timeout was reached");
	assert_true(seconds() - start < 10);
}

static void bad_servers_are_errors_of_one_line(void **state)
{
	struct rusage before, after;

	(void)state;
	getrusage(RUSAGE_SELF, &before);
	options.limits.connections = 16;
	options.limits.connect_ms = options.limits.page_ms = 30000; /* also where the machine is busy */
	options.limits.stall_s = 30;
	open_index();
	ask("cut garbage nonsense circle to-file endless huge heads later broken nested odd bomb plain");
	assert_failed(0, "Transferred a partial file (3 tries)");
	assert_failed(1, "no JSON object");
	assert_failed(2, "answers what is not HTTP");
	assert_failed(3, "redirects more than 5 times");
	assert_failed(4, "redirects to what is no URL of http or https");
	assert_failed(5, "sends more than 1048576 bytes");
	assert_failed(6, "sends more than 1048576 bytes");
	assert_failed(7, ""); /* by libcurl, where it has a bound of its own */
	assert_failed(8, "answers 503 (and there is no time to try again)");
	assert_failed(9, "answers 500 (3 tries)");
	assert_failed(10, "its JSON ends in the middle");
	assert_failed(11, "content type");
	assert_failed(12, "sends more than 1048576 bytes");
	assert_found(13, 2);
	assert_int_equal(set.count, 2);
	assert_int_equal(count_requests("/simple/broken/"), 3);
	assert_int_equal(count_requests("/simple/circle/"), 6);
	getrusage(RUSAGE_SELF, &after);
#ifndef __SANITIZE_ADDRESS__
	assert_true(after.ru_maxrss - before.ru_maxrss < 64 * 1024);
#endif
}

static void no_server_at_all(void **state)
{
	(void)state;
	options.index_url = mc_arena_printf(&arena, "%s://127.0.0.1:1/simple", "http").ptr;
	open_index();
	ask("plain");
	assert_failed(0, "(3 tries)");
	assert_int_equal(answers[0].status, MC_ERR_NETWORK);
}

static void the_run_has_a_time_of_its_own(void **state)
{
	double start = seconds();

	(void)state;
	options.limits.run_ms = 300;
	open_index();
	ask("silent");
	assert_failed(0, "Timeout was reached");
	ask("plain");
	assert_failed(0, "the time for all requests of a run is used up");
	assert_true(seconds() - start < 2);
}

/*
 * As pip 23.2 and 26.3 do it: the last of equal files stays, and what tells files apart
 * (here: yanked) keeps both.
 */
static void two_indexes_are_one(void **state)
{
	const char *const extra[] = {url_of("", 1, "second/")};

	(void)state;
	options.extra_urls = extra;
	options.extra_urls_count = 1;
	open_index();
	ask("both plain nothing same");
	assert_found(0, 3);
	assert_found(1, 2);
	assert_int_equal(answers[2].state, MC_INDEX_ABSENT);
	assert_found(3, 2);
	assert_int_equal(set.count, 3 + 2 + 2);
	assert_false(set.items[0]->is_yanked);
	assert_true(set.items[1]->is_yanked);
	assert_string_equal(set.items[1]->file_name.ptr, "both-1.0-py3-none-any.whl");
	assert_string_equal(set.items[2]->file_name.ptr, "both-2.0-py3-none-any.whl");
	assert_string_equal(set.items[5]->place.ptr,
			    url_of("", 0, "files/same-2.0-py3-none-any.whl"));
	assert_string_equal(set.items[6]->place.ptr,
			    url_of("", 1, "second/files/same-1.0-py3-none-any.whl"));
	/* One that fails makes the answer uncertain, but what there is counts.  */
	options.index_url = url_of("", 0, "private/simple");
	open_index();
	ask("both");
	assert_failed(0, "answers 401");
	assert_int_equal(answers[0].files_count, 2);
}

/* ---- credentials ---- */

static void credentials_go_to_their_own_origin_only(void **state)
{
	size_t count;

	(void)state;
	options.index_url = url_of("me:se%2Fcret@", 0, "private/simple/");
	open_index();
	ask("mine moved");
	assert_found(0, 1);
	assert_found(1, 0); /* the files are of another project */
	assert_int_equal(count_requests("/simple/plain/ \n"), 1);
	assert_int_equal(count_requests("authorization=Basic"), 2);
	assert_null(strstr(set.items[0]->place.ptr, "@"));
	assert_string_equal(mc_index_urls(index_, &count)->ptr,
			    url_of("****@", 0, "private/simple/"));
	options.index_url = url_of("me:wrong@", 0, "private/simple/");
	options.has_no_cache = true;
	open_index();
	ask("mine");
	assert_failed(0, "answers 401: user and password are missing or refused");
	assert_true(mc_str_is(answers[0].url, mc_str_of(url_of("", 0, "private/simple/mine/"))));
}

static void netrc_is_read(void **state)
{
	(void)state;
	put_text(&fixture, "netrc", "machine 127.0.0.1 login me password se/cret\n");
	setenv("NETRC", fixture.path, 1);
	options.index_url = url_of("", 0, "private/simple");
	open_index();
	ask("mine");
	unsetenv("NETRC");
	assert_found(0, 1);
}

static void no_other_scheme_is_asked(void **state)
{
	static const char *const urls[] = {"ftp://u:secret@example.org/", "file:///etc/",
					   "nonsense", "//x/", "gopher://example.org/"};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		error = MC_ERROR_INIT;
		options.index_url = urls[i];
		assert_int_equal(mc_index_open(&options, &arena, &index_, &error),
				 MC_ERR_UNSUPPORTED);
		assert_null(index_);
		assert_null(strstr(error.subject, "secret"));
	}
}

static void links_of_pip_are_handed_on(void **state)
{
	const struct mc_str *links;
	size_t count;

	(void)state;
	setenv("PIP_FIND_LINKS", "/a@b#c https://me:secret@example.org/links", 1);
	open_index();
	unsetenv("PIP_FIND_LINKS");
	links = mc_index_find_links(index_, &count);
	assert_int_equal(count, 2);
	assert_string_equal(links[0].ptr, "/a@b#c");
	assert_string_equal(links[1].ptr, "https://****@example.org/links");
}

/* ---- the cache of pages ---- */

static void a_page_is_asked_for_again_only_when_it_is_old(void **state)
{
	(void)state;
	open_index();
	ask("fresh etag no-such");
	assert_false(answers[0].is_from_cache);
	open_index();
	mc_candidates_init(&set, &arena);
	ask("fresh etag no-such");
	assert_found(0, 1);
	assert_true(answers[0].is_from_cache);
	assert_found(1, 1);
	assert_false(answers[1].is_from_cache);
	assert_int_equal(set.count, 2);
	assert_string_equal(set.items[1]->place.ptr,
			    url_of("", 0, "files/etag-1.0-py3-none-any.whl"));
	assert_int_equal(count_requests("/simple/fresh/"), 1);
	assert_int_equal(count_requests("/simple/etag/ if-none-match=\"one\""), 1);
	assert_int_equal(mc_index_stats(index_).revalidated, 1);
	assert_int_equal(mc_index_stats(index_).cache_hits, 1);
	options.has_no_cache = true;
	open_index();
	ask("fresh");
	assert_int_equal(count_requests("/simple/fresh/"), 2);
}

static void offline_only_the_cache_answers(void **state)
{
	(void)state;
	open_index();
	ask("plain no-such");
	options.is_offline = true;
	open_index();
	ask("plain no-such html");
	assert_found(0, 2);
	assert_true(answers[0].is_from_cache);
	assert_int_equal(answers[1].state, MC_INDEX_ABSENT);
	assert_failed(2, "offline");
	assert_int_equal(mc_index_stats(index_).requests, 0);
}

static void spoil_below(const char *rel)
{
	DIR *dir = opendir(fixture_path(&fixture, rel));
	const struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		int fd = openat(dirfd(dir), entry->d_name, O_WRONLY | O_APPEND);

		if (fd < 0)
			continue;
		assert_int_equal(write(fd, " ", 1), 1);
		close(fd);
	}
	closedir(dir);
}

static void a_spoiled_page_is_not_used(void **state)
{
	struct stat info;

	(void)state;
	open_index();
	ask("fresh");
	assert_int_equal(stat(options.cache_dir, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	spoil_below("cache/pages");
	ask("fresh");
	assert_found(0, 1);
	assert_false(answers[0].is_from_cache);
	assert_int_equal(count_requests("/simple/fresh/"), 2);
}

static void a_folder_of_others_is_no_cache(void **state)
{
	(void)state;
	assert_int_equal(mkdir(options.cache_dir, 0700), 0);
	assert_int_equal(chmod(options.cache_dir, 0777), 0);
	open_index();
	ask("fresh");
	ask("fresh");
	assert_found(0, 1);
	assert_int_equal(count_requests("/simple/fresh/"), 2);
	options.cache_dir = "/dev/null/cache";
	open_index();
	ask("fresh");
	assert_found(0, 1);
}

/* ---- files ---- */

static const struct mc_candidate *candidate_of(const char *name)
{
	for (size_t i = 0; i < set.count; i++)
		if (mc_str_starts(set.items[i]->file_name, mc_str_of(name)))
			return set.items[i];
	fail_msg("no candidate %s", name);
	return NULL;
}

/* The sum of the server's wheel.  */
static struct mc_str wheel_sum(void)
{
	static char hex[MC_SHA256_HEX_NBYTES + 1];
	uint8_t bytes[WHEEL_NBYTES] = "PK\5\6";

	for (size_t i = 4; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i - 4);
	mc_sha256_of((struct mc_bytes){bytes, sizeof(bytes)}, hex);
	return mc_str_of(hex);
}

static void offer_files(void)
{
	static const char *const names[] = {"good",   "lie",   "endless", "noranges",
					    "change", "shift", "nohash", "lpure"};

	open_index();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct mc_candidate offer = {.is_remote = true, .nbytes = 0};
		char path[80];

		snprintf(path, sizeof(path), "files/%s-1.0-py3-none-any.whl", names[i]);
		offer.file_name = mc_str_of(path + 6);
		offer.place = mc_str_of(url_of("", 0, path));
		offer.sha256 = i < 3 ? wheel_sum() : MC_STR("");
		assert_int_equal(mc_candidates_add(&set, &offer), MC_OK);
	}
}

static void wheels_are_fetched_once_and_checked(void **state)
{
	struct mc_str path, again;
	struct stat info;

	(void)state;
	offer_files();
	assert_int_equal(mc_index_fetch_file(index_, candidate_of("good"), 0, &path, &error),
			 MC_OK);
	assert_true(mc_str_ends(path, MC_STR("/good-1.0-py3-none-any.whl")));
	assert_int_equal(stat(path.ptr, &info), 0);
	assert_int_equal(info.st_size, WHEEL_NBYTES);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(mc_index_fetch_file(index_, candidate_of("good"), 0, &again, &error),
			 MC_OK);
	assert_true(mc_str_is(path, again));
	assert_int_equal(count_requests("/files/good"), 1);
	/* One byte more, and it is another file.  */
	assert_int_equal(truncate(path.ptr, WHEEL_NBYTES + 1), 0);
	assert_int_equal(mc_index_fetch_file(index_, candidate_of("good"), 0, &again, &error),
			 MC_OK);
	assert_int_equal(stat(again.ptr, &info), 0);
	assert_int_equal(info.st_size, WHEEL_NBYTES);
	assert_int_equal(count_requests("/files/good"), 2);
	options.is_offline = true;
	open_index();
	assert_int_equal(mc_index_fetch_file(index_, candidate_of("good"), 0, &again, &error),
			 MC_OK);
	assert_int_equal(mc_index_fetch_file(index_, candidate_of("lie"), 0, &again, &error),
			 MC_ERR_NETWORK);
}

static void bytes_of_another_hash_are_never_handed_out(void **state)
{
	struct mc_str path;
	const char *folder;
	DIR *dir;

	(void)state;
	offer_files();
	assert_int_equal(mc_index_fetch_file(index_, candidate_of("lie"), 0, &path, &error),
			 MC_ERR_FORMAT);
	assert_non_null(strstr(error.text, "its sha256 begins with"));
	assert_non_null(strstr(error.subject, "/files/lie-1.0"));
	assert_int_equal(path.len, 0);
	folder = mc_arena_printf(&arena, "%s/wheels/%s", options.cache_dir, wheel_sum().ptr).ptr;
	dir = opendir(folder);
	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir));)
		assert_true(entry->d_name[0] == '.' && strlen(entry->d_name) < 3);
	closedir(dir);
	error = MC_ERROR_INIT;
	assert_int_equal(
		mc_index_fetch_file(index_, candidate_of("endless"), 1 << 20, &path, &error),
		MC_ERR_LIMIT);
	error = MC_ERROR_INIT;
	assert_int_equal(mc_index_fetch_file(index_, candidate_of("good"), 100, &path, &error),
			 MC_ERR_LIMIT);
}

static void without_a_cache_files_go_with_the_index(void **state)
{
	struct mc_index_file files[3] = {{.candidate = NULL}};
	struct stat info;
	const char *paths[3];

	(void)state;
	options.has_no_cache = true;
	setenv("TMPDIR", fixture.dir, 1);
	offer_files();
	files[0].candidate = candidate_of("good");
	files[1].candidate = candidate_of("nohash");
	files[2].candidate = candidate_of("lie");
	assert_int_equal(mc_index_fetch(index_, files, 3, &error), MC_OK);
	unsetenv("TMPDIR");
	assert_int_equal(files[0].status, MC_OK);
	assert_int_equal(files[1].status, MC_OK);
	assert_string_equal(files[1].sha256, wheel_sum().ptr);
	assert_int_equal(files[2].status, MC_ERR_FORMAT);
	for (size_t i = 0; i < 2; i++) {
		paths[i] = files[i].path.ptr;
		assert_int_equal(stat(paths[i], &info), 0);
	}
	mc_index_close(index_);
	index_ = NULL;
	assert_int_not_equal(stat(paths[0], &info), 0);
	assert_int_equal(rmdir(fixture.dir), 0); /* nothing is left */
}

/* ---- pieces ---- */

static enum mc_status read_piece(struct mc_index_remote *remote, uint64_t off, size_t nbytes,
				 size_t wanted)
{
	uint8_t buf[512];
	size_t got;
	enum mc_status status;

	error = MC_ERROR_INIT;
	status = mc_index_read_range(index_, remote, off, buf, nbytes, &got, &error);
	if (status)
		return status;
	assert_int_equal(got, wanted);
	if (off == UINT64_MAX)
		off = WHEEL_NBYTES - wanted;
	for (size_t i = 0; i < got; i++)
		if (off + i >= 4)
			assert_int_equal(buf[i], (off + i - 4) & 255);
	return MC_OK;
}

static void pieces_are_what_was_asked_for(void **state)
{
	struct mc_index_remote remote = {.nbytes = 0}, other = {.nbytes = 0};

	(void)state;
	offer_files();
	remote.url = candidate_of("good")->place;
	assert_int_equal(read_piece(&remote, UINT64_MAX, 100, 100), MC_OK);
	assert_int_equal(remote.nbytes, WHEEL_NBYTES);
	assert_int_equal(read_piece(&remote, 10, 300, 300), MC_OK);
	assert_int_equal(read_piece(&remote, WHEEL_NBYTES - 7, 300, 7), MC_OK);
	assert_int_equal(read_piece(&remote, WHEEL_NBYTES, 300, 0), MC_OK);
	other.url = candidate_of("shift")->place;
	assert_int_equal(read_piece(&other, 10, 300, 300), MC_ERR_FORMAT);
	assert_non_null(strstr(error.text, "another piece"));
}

static void servers_without_ranges_and_files_that_change(void **state)
{
	struct mc_index_remote none = {.nbytes = 0}, change = {.nbytes = 0}, gone = {.nbytes = 0};

	(void)state;
	offer_files();
	none.url = candidate_of("noranges")->place;
	assert_int_equal(read_piece(&none, 0, 100, 0), MC_ERR_UNSUPPORTED);
	assert_non_null(strstr(error.text, "ignores ranges"));
	change.url = candidate_of("change")->place;
	assert_int_equal(read_piece(&change, 0, 100, 100), MC_OK);
	assert_int_equal(read_piece(&change, 100, 100, 0), MC_ERR_FORMAT);
	assert_non_null(strstr(error.text, "changed"));
	gone.url = mc_str_of(url_of("", 0, "files/gone"));
	assert_int_equal(read_piece(&gone, 0, 100, 0), MC_ERR_NOT_FOUND);
}

/* ---- lists of files ---- */

static void the_end_of_a_wheel_tells_whether_it_is_pure(void **state)
{
	static const struct {
		const char *name;
		bool is_pure;
		size_t requests;
	} cases[] = {
		{"lpure", true, 1},	 {"lnative", false, 1}, {"lopen", false, 1},
		{"llong", true, 2},	 {"lnoranges", false, 1}, {"lshift", false, 1},
		{"lnozip", false, 1}, {"lother", false, 1},	  {"lcut", false, 1},
		{"lscript", false, 1}, {"lhidden", false, 1},	  {"lleads", false, 1},
		{"lchange", false, 2},
	};
	enum { COUNT = sizeof(cases) / sizeof(*cases) };
	struct mc_index_look looks[COUNT];
	struct stat info;

	(void)state;
	open_index();
	for (size_t i = 0; i < COUNT; i++) {
		struct mc_candidate offer = {.is_remote = true, .nbytes = 500000};
		char path[80];

		snprintf(path, sizeof(path), "files/%s-1.0-py3-none-any.whl", cases[i].name);
		offer.file_name = mc_str_of(path + 6);
		offer.place = mc_str_of(url_of("", 0, path));
		assert_int_equal(mc_candidates_add(&set, &offer), MC_OK);
		looks[i].candidate = candidate_of(cases[i].name);
	}
	assert_int_equal(mc_index_look(index_, looks, COUNT, &error), MC_OK);
	for (size_t i = 0; i < COUNT; i++) {
		char path[80];

		snprintf(path, sizeof(path), "/files/%s-", cases[i].name);
		assert_int_equal(looks[i].is_pure, cases[i].is_pure);
		assert_int_equal(count_requests(path), cases[i].requests);
	}
	assert_int_equal(stat(looks[0].path.ptr, &info), 0);
	assert_true(info.st_size > 500000);
	assert_true(mc_index_stats(index_).nbytes < 2500000); /* of 7 MB */
}

static void small_and_native_wheels_are_not_looked_at(void **state)
{
	struct mc_index_look looks[2];
	struct mc_candidate small = {.file_name = MC_STR("lpure-1.0-py3-none-any.whl"), .is_remote = true,
				     .nbytes = 1000};
	struct mc_candidate native = {.file_name = MC_STR("lnative-1.0-py3-none-musllinux_1_2_x86_64.whl"),
				      .is_remote = true, .nbytes = 500000};

	(void)state;
	open_index();
	small.place = native.place = mc_str_of(url_of("", 0, "files/lpure-1.0-py3-none-any.whl"));
	assert_int_equal(mc_candidates_add(&set, &small), MC_OK);
	assert_int_equal(mc_candidates_add(&set, &native), MC_OK);
	looks[0].candidate = candidate_of("lpure");
	looks[1].candidate = candidate_of("lnative");
	assert_int_equal(mc_index_look(index_, looks, 2, &error), MC_OK);
	assert_false(looks[0].is_pure);
	assert_false(looks[1].is_pure);
	assert_int_equal(mc_index_stats(index_).requests, 0);
}

/* ---- memory ---- */

static enum mc_status do_some_of_all(struct mc_arena *starved)
{
	const struct mc_str names[] = {MC_STR("plain"), MC_STR("html"), MC_STR("etag"),
				       MC_STR("broken")};
	struct mc_index_file file = {.candidate = candidate_of("good")};
	struct mc_index_look look = {.candidate = candidate_of("lpure")};
	struct mc_index_remote remote = {.url = file.candidate->place};
	struct mc_candidates mine;
	struct mc_index *index;
	char buf[10];
	size_t got;
	enum mc_status status = mc_index_open(&options, starved, &index, NULL);

	mc_candidates_init(&mine, starved);
	if (!status)
		status = mc_index_ask(index, names, 4, &mine, answers, NULL);
	if (!status)
		status = mc_index_fetch(index, &file, 1, NULL);
	if (!status)
		status = mc_index_look(index, &look, 1, NULL);
	if (!status)
		status = mc_index_read_range(index, &remote, 0, buf, sizeof(buf), &got, NULL);
	if (!status)
		assert_int_equal(mine.count, 4);
	mc_index_close(index);
	return status;
}

static void memory_may_run_out_anywhere(void **state)
{
	enum mc_status status = MC_ERR_NOMEM;

	(void)state;
	options.limits.backoff_ms = 1;
	offer_files();
	for (size_t n = 0; status; n++) {
		struct starve starve = {n, 0};
		const struct mc_alloc alloc = {starve_take, starve_give, &starve};
		struct mc_arena starved;

		mc_arena_init(&starved, &alloc);
		status = do_some_of_all(&starved);
		assert_true(status == MC_OK || status == MC_ERR_NOMEM);
		mc_arena_clear(&starved);
		assert_int_equal(starve.live, 0);
		assert_true(n < 1000);
	}
}

/* ---- two processes ---- */

/* A helper that says what 'speak' says, and no more.  */
static void start_liar(void (*speak)(struct mc_wire *wire))
{
	struct mc_wire *wire = MC_TAKE(&arena, struct mc_wire);
	int ends[2];

	assert_non_null(wire);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	if (!fork()) {
		close(ends[0]);
		wire->fd = ends[1];
		wire->passed_fd = -1;
		speak(wire);
		_exit(0);
	}
	close(ends[1]);
	wire->fd = ends[0];
	wire->passed_fd = -1;
	mc_index_wire = wire;
}

static void say(struct mc_wire *wire, enum mc_wire_kind kind, const uint64_t *numbers, size_t count)
{
	mc_wire_begin(wire, kind);
	for (size_t i = 0; i < count; i++)
		mc_wire_put_number(wire, numbers[i]);
	mc_wire_send(wire, -1);
}

static void say_nothing(struct mc_wire *wire)
{
	mc_wire_receive(wire);
}

static void say_another_kind(struct mc_wire *wire)
{
	say(wire, MC_WIRE_END, (const uint64_t[]){0, 0, 0}, 3);
}

static void say_too_little(struct mc_wire *wire)
{
	say(wire, MC_WIRE_OPENED, (const uint64_t[]){0}, 1);
}

/* origin, cache, four limits, and the rest of the world.  */
static void say_too_many_indexes(struct mc_wire *wire)
{
	say(wire, MC_WIRE_OPENED, (const uint64_t[]){0, 0, 1, 1, 1, 1, UINT64_MAX / 8, 0}, 8);
}

static void say_a_text_without_an_end(struct mc_wire *wire)
{
	say(wire, MC_WIRE_OPENED, (const uint64_t[]){UINT64_MAX, 0, 1, 1, 1, 1, 0, 0}, 8);
}

static void say_too_much(struct mc_wire *wire)
{
	say(wire, MC_WIRE_OPENED, (const uint64_t[]){0, 0, 1, 1, 1, 1, 0, 0, 7}, 9);
}

/* (int)-x of it has no value.  */
static void refuse_with_no_status(struct mc_wire *wire)
{
	say(wire, MC_WIRE_REFUSED, (const uint64_t[]){UINT64_C(1) << 31, 0, 0, 0}, 4);
}

static void a_helper_that_lies_is_none(void **state)
{
	void (*const lies[])(struct mc_wire *) = {say_nothing,		 say_another_kind,	    say_too_little,
						   say_too_many_indexes, say_a_text_without_an_end, say_too_much,
						   refuse_with_no_status};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		start_liar(lies[i]);
		error = MC_ERROR_INIT;
		assert_int_equal(mc_index_open(&options, &arena, &index_, &error), MC_ERR_NETWORK);
		assert_null(index_);
		wait(NULL);
		mc_index_helper_stop();
	}
}

/* An index without a URL of its own: page requests then come from the test.  */
static void open_then(struct mc_wire *wire)
{
	mc_wire_receive(wire);
	mc_wire_begin(wire, MC_WIRE_OPENED);
	for (int i = 0; i < 2; i++)
		mc_wire_put_text(wire, MC_STR(""));
	for (int i = 0; i < 4; i++)
		mc_wire_put_number(wire, 1000);
	mc_wire_put_number(wire, 1);
	mc_wire_put_number(wire, 0);
	for (int i = 0; i < 2; i++)
		mc_wire_put_text(wire, MC_STR("http://index.example/simple"));
	mc_wire_put_text(wire, MC_STR(""));
	mc_wire_send(wire, -1);
	mc_wire_receive(wire); /* RUN */
	mc_wire_receive(wire); /* JOB */
}

static void end_in_the_middle(struct mc_wire *wire)
{
	open_then(wire);
}

static void end_without_an_answer(struct mc_wire *wire)
{
	open_then(wire);
	say(wire, MC_WIRE_END, (const uint64_t[]){1, 1, 1}, 3);
}

static void begin_what_wants_no_file(struct mc_wire *wire)
{
	open_then(wire);
	say(wire, MC_WIRE_BEGIN, (const uint64_t[]){0}, 1);
}

static void finish(struct mc_wire *wire, uint64_t which, uint64_t status, uint64_t nbytes)
{
	const uint64_t numbers[] = {which, status, 200, nbytes, 0, 0, 0, 0, 0, 0, 0, 0, 0};

	say(wire, MC_WIRE_DONE, numbers, 13);
}

static void finish_another(struct mc_wire *wire)
{
	open_then(wire);
	finish(wire, 1, 0, 0);
}

static void finish_with_too_much(struct mc_wire *wire)
{
	open_then(wire);
	finish(wire, 0, 0, UINT64_MAX);
}

static void finish_with_no_status(struct mc_wire *wire)
{
	open_then(wire);
	finish(wire, 0, 99, 0);
}

static void say_more_than_was_told(struct mc_wire *wire)
{
	open_then(wire);
	finish(wire, 0, 0, 3);
	mc_wire_begin(wire, MC_WIRE_BODY);
	mc_wire_put_text(wire, MC_STR("four"));
	mc_wire_send(wire, -1);
}

static void finish_twice(struct mc_wire *wire)
{
	open_then(wire);
	finish(wire, 0, 8, 0);
	finish(wire, 0, 8, 0);
}

static void what_a_lying_helper_had_to_do_has_failed(void **state)
{
	void (*const lies[])(struct mc_wire *) = {
		end_in_the_middle, end_without_an_answer, begin_what_wants_no_file, finish_another,
		finish_with_too_much, finish_with_no_status, say_more_than_was_told, finish_twice,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		start_liar(lies[i]);
		assert_int_equal(mc_index_open(&options, &arena, &index_, &error), MC_OK);
		ask("one");
		assert_int_equal(answers[0].state, MC_INDEX_FAILED);
		assert_int_equal(answers[0].status, MC_ERR_NETWORK);
		mc_index_close(index_);
		index_ = NULL;
		wait(NULL);
		mc_index_helper_stop();
	}
}

static void a_judge_that_lies_ends_the_helper(void **state)
{
	static const uint64_t numbers[][8] = {{1, UINT64_MAX}, {0, 0, 0, 0, 0, 0, UINT64_MAX}, {0, 0, 0, 0, 0, 0, 2}};
	int status;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		start_helper();
		say(mc_index_wire, MC_WIRE_OPEN, numbers[i], 7);
		assert_int_equal(mc_wire_receive(mc_index_wire), 0);
		assert_true(wait(&status) > 0 && WIFEXITED(status));
		start_helper();
		say(mc_index_wire, MC_WIRE_RUN, numbers[i], 2); /* of no index */
		assert_int_equal(mc_wire_receive(mc_index_wire), 0);
		assert_true(wait(&status) > 0 && WIFEXITED(status));
		helpers = 0;
	}
}

static int use_helper(void **state)
{
	has_helper = true;
	return set_up(state);
}

static int end_helper(void **state)
{
	has_helper = false;
	return tear_down(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
/* The same by another process.  */
#define AGAIN(test)                                                         \
	{                                                                   \
		.name = #test "_by_helper", .test_func = test, .setup_func = use_helper, \
		.teardown_func = end_helper                                 \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(projects_are_found_or_absent),
		TEST(slow_servers_are_errors_in_bounded_time),
		TEST(bad_servers_are_errors_of_one_line),
		TEST(no_server_at_all),
		TEST(the_run_has_a_time_of_its_own),
		TEST(two_indexes_are_one),
		TEST(credentials_go_to_their_own_origin_only),
		TEST(netrc_is_read),
		TEST(no_other_scheme_is_asked),
		TEST(links_of_pip_are_handed_on),
		TEST(a_page_is_asked_for_again_only_when_it_is_old),
		TEST(offline_only_the_cache_answers),
		TEST(a_spoiled_page_is_not_used),
		TEST(a_folder_of_others_is_no_cache),
		TEST(wheels_are_fetched_once_and_checked),
		TEST(bytes_of_another_hash_are_never_handed_out),
		TEST(without_a_cache_files_go_with_the_index),
		TEST(pieces_are_what_was_asked_for),
		TEST(servers_without_ranges_and_files_that_change),
		TEST(the_end_of_a_wheel_tells_whether_it_is_pure),
		TEST(small_and_native_wheels_are_not_looked_at),
		TEST(memory_may_run_out_anywhere),
		AGAIN(projects_are_found_or_absent),
		AGAIN(no_server_at_all),
		AGAIN(the_run_has_a_time_of_its_own),
		AGAIN(two_indexes_are_one),
		AGAIN(credentials_go_to_their_own_origin_only),
		AGAIN(netrc_is_read),
		AGAIN(no_other_scheme_is_asked),
		AGAIN(links_of_pip_are_handed_on),
		AGAIN(a_page_is_asked_for_again_only_when_it_is_old),
		AGAIN(offline_only_the_cache_answers),
		AGAIN(wheels_are_fetched_once_and_checked),
		AGAIN(bytes_of_another_hash_are_never_handed_out),
		AGAIN(without_a_cache_files_go_with_the_index),
		AGAIN(pieces_are_what_was_asked_for),
		AGAIN(servers_without_ranges_and_files_that_change),
		AGAIN(the_end_of_a_wheel_tells_whether_it_is_pure),
		TEST(a_helper_that_lies_is_none),
		TEST(what_a_lying_helper_had_to_do_has_failed),
		TEST(a_judge_that_lies_ends_the_helper),
	};
	static const char *const unset[] = {"PIP_INDEX_URL",
					    "PIP_EXTRA_INDEX_URL",
					    "UV_INDEX_URL",
					    "UV_INDEX",
					    "UV_EXTRA_INDEX_URL",
					    "UV_DEFAULT_INDEX",
					    "PIP_NO_INDEX",
					    "PIP_PROXY",
					    "PIP_FIND_LINKS",
					    "VIRTUAL_ENV",
					    "NETRC",
					    "http_proxy",
					    "all_proxy",
					    "ALL_PROXY"};

	for (size_t i = 0; i < sizeof(unset) / sizeof(*unset); i++)
		unsetenv(unset[i]);
	setenv("PIP_CONFIG_FILE", "/dev/null", 1);
	return cmocka_run_group_tests_name("index", tests, start_server, stop_server);
}
