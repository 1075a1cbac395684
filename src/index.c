/* SPDX-License-Identifier: MIT */
/*
 * Requests over HTTP with libcurl, which no other file includes (tests/lint/layers.sh).
 *
 * Redirects are followed here and not by libcurl: each hop is then held against the same
 * rules as the first, and gets the credentials of its own origin and no others.
 */
#include "index_impl.h"
#include "path.h"
#include "refusal.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef MC_LATE
#include "gen/late_curl.h"
#define load_library(err) mc_late_load(&late_curl_library, (err))
#else
#define load_library(err) ((void)(err), MC_OK)
#endif

#define CONNECTIONS_MAX 64
#define HEAD_NBYTES_MAX (256 * 1024)
#define HEADER_NBYTES_MAX 2048
#define STALL_NBYTES_S 64
/* In less than that nothing is answered.  */
#define SHORTEST_MS 20
/* A redirect or an error has a page of its own: read it to keep the connection, to here.  */
#define UNWANTED_NBYTES_MAX (64 * 1024)

/* ---- URLs ---- */

/* Want of memory in the middle of a part has other names in libcurl; 'errno' was 0 before.  */
static bool is_no_memory(CURLUcode code)
{
	return code == CURLUE_OUT_OF_MEMORY || (code && errno == ENOMEM);
}

/* One part of the URL as a copy; empty when it has none.  */
static enum mc_status copy_part(struct mc_arena *arena, CURLU *handle, CURLUPart what,
				unsigned flags, struct mc_str *part_out)
{
	char *part = NULL;
	enum mc_status status;
	CURLUcode code;

	*part_out = (struct mc_str){"", 0};
	errno = 0;
	code = curl_url_get(handle, what, &part, flags);
	if (is_no_memory(code))
		return MC_ERR_NOMEM;
	if (code == CURLUE_URLDECODE) /* "%00" and the like */
		return MC_ERR_FORMAT;
	status = part ? mc_arena_copy(arena, mc_str_of(part), part_out) : MC_OK;
	curl_free(part);
	return status;
}

static enum mc_status read_origin(struct mc_arena *arena, CURLU *handle, struct mc_str *origin_out)
{
	struct mc_str scheme, host, port;
	char *text;

	MC_TRY(copy_part(arena, handle, CURLUPART_SCHEME, 0, &scheme));
	if (!mc_str_is(scheme, MC_STR("http")) && !mc_str_is(scheme, MC_STR("https")))
		return MC_ERR_UNSUPPORTED;
	MC_TRY(copy_part(arena, handle, CURLUPART_HOST, 0, &host));
	MC_TRY(copy_part(arena, handle, CURLUPART_PORT, CURLU_DEFAULT_PORT, &port));
	if (!host.len)
		return MC_ERR_FORMAT;
	text = mc_arena_take(arena, scheme.len + host.len + port.len + 5, 1);
	if (!text)
		return MC_ERR_NOMEM;
	sprintf(text, "%s://%s:%s", scheme.ptr, host.ptr, port.ptr);
	*origin_out = mc_str_of(text);
	for (; *text; text++)
		*text = mc_ascii_lower(*text);
	return MC_OK;
}

/* Where a request goes is one thing, with whose name another.  */
static enum mc_status strip_private(CURLU *handle)
{
	static const CURLUPart parts[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS,
					  CURLUPART_FRAGMENT};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (curl_url_set(handle, parts[i], NULL, 0))
			return MC_ERR_NOMEM;
	return MC_OK;
}

static enum mc_status set_url(struct mc_arena *arena, CURLU *handle, struct mc_str text)
{
	struct mc_str copy;
	CURLUcode code;

	if (text.len > MC_URL_NBYTES_MAX)
		return MC_ERR_LIMIT;
	if (text.len && memchr(text.ptr, '\0', text.len))
		return MC_ERR_FORMAT;
	MC_TRY(mc_arena_copy(arena, text, &copy));
	errno = 0;
	/* Unknown schemes are told apart from what is no URL, later.  */
	code = curl_url_set(handle, CURLUPART_URL, copy.ptr,
			    CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE | CURLU_ALLOW_SPACE);
	return is_no_memory(code) ? MC_ERR_NOMEM : code ? MC_ERR_FORMAT : MC_OK;
}

enum mc_status mc_url_read(struct mc_arena *arena, struct mc_str base, struct mc_str ref,
			   struct mc_url *url_out)
{
	enum mc_status status = load_library(NULL);
	CURLU *handle = status ? NULL : curl_url();

	*url_out = (struct mc_url){.text = {"", 0}};
	if (!handle)
		return status ? status : MC_ERR_NOMEM;
	if (base.len)
		status = set_url(arena, handle, base);
	if (!status && (ref.len || !base.len))
		status = set_url(arena, handle, ref);
	if (!status)
		status = read_origin(arena, handle, &url_out->origin);
	if (!status)
		status = copy_part(arena, handle, CURLUPART_USER, CURLU_URLDECODE, &url_out->user);
	if (!status)
		status = copy_part(arena, handle, CURLUPART_PASSWORD, CURLU_URLDECODE,
				   &url_out->password);
	if (!status)
		status = copy_part(arena, handle, CURLUPART_FRAGMENT, 0, &url_out->fragment);
	if (!status)
		status = strip_private(handle);
	if (!status)
		status = copy_part(arena, handle, CURLUPART_URL, 0, &url_out->text);
	if (!status && url_out->text.len > MC_URL_NBYTES_MAX)
		status = MC_ERR_LIMIT;
	curl_url_cleanup(handle);
	return status;
}

/* ---- what a run of requests needs ---- */

/* Why a callback of ours stopped a transfer.  */
enum stop {
	STOP_NONE,
	STOP_UNWANTED, /* enough of a page that nobody reads */
	STOP_LARGE,
	STOP_HEAD,
	STOP_RANGE,
	STOP_WRITE,
	STOP_MEMORY,
};

/* One of the requests under way.  */
struct slot {
	struct web *net;
	struct mc_net_job *job; /* NULL: free */
	CURL *easy;
	struct curl_slist *headers;
	struct mc_arena texts;     /* of this job: URLs, headers */
	struct mc_arena bodies[2]; /* a body that grows moves from the one to the other */
	unsigned body_turn;
	char *body;
	size_t body_room;
	struct mc_sha256 sum;
	struct mc_url url; /* of this hop */
	size_t head_nbytes, unwanted_nbytes;
	enum stop stop;
	int stop_errno;
	bool is_running;
	unsigned tries, redirects, retry_after_s;
	int64_t end_ms, not_before_ms;
};

struct web {
	struct mc_net base;
	const struct mc_index_config *config;
	struct mc_arena *arena;
	struct mc_index_stats *stats;
	const struct mc_url *indexes; /* as many as config->urls, for their credentials */
	CURLM *multi;
	struct slot *slots;
	size_t slots_count;
	const char *ca_path; /* certificates, a file or a folder; NULL: libcurl knows where */
	bool is_ca_folder;
	const char *netrc; /* NULL: there is none */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum mc_status mc_net_fail(struct mc_net_job *job, enum mc_status status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(job->problem, sizeof(job->problem), fmt, args);
	va_end(args);
	job->status = status;
	if (status == MC_ERR_IO)
		mc_refusal_note_errno();
	return status;
}

/* ---- callbacks of libcurl ---- */

static size_t stop_with(struct slot *slot, enum stop why)
{
	slot->stop = why;
	return 0; /* fewer bytes than were given: libcurl ends the transfer */
}

static bool grow_body(struct slot *slot, size_t nbytes)
{
	struct mc_arena *next = &slot->bodies[!slot->body_turn];
	size_t room = slot->body_room ? slot->body_room : 16384;
	char *body;

	while (room < nbytes)
		room *= 2;
	body = mc_arena_take(next, room, 1);
	if (!body)
		return false;
	if (slot->job->nbytes)
		memcpy(body, slot->body, (size_t)slot->job->nbytes);
	mc_arena_clear(&slot->bodies[slot->body_turn]);
	slot->body_turn = !slot->body_turn;
	slot->body = body;
	slot->body_room = room;
	return true;
}

static bool write_file(struct slot *slot, const char *bytes, size_t nbytes)
{
	while (nbytes) {
		ssize_t n = write(slot->job->fd, bytes, nbytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			slot->stop_errno = errno;
			return false;
		}
		bytes += n;
		nbytes -= (size_t)n;
	}
	return true;
}

static size_t take_body(char *bytes, size_t unit, size_t count, void *state)
{
	struct slot *slot = state;
	struct mc_net_job *job = slot->job;
	size_t nbytes = unit * count;
	long code = 0;

	curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &code);
	if (code == 200 && job->range.len)
		return stop_with(slot, STOP_RANGE);
	if (code != 200 && code != 206) {
		slot->unwanted_nbytes += nbytes;
		return slot->unwanted_nbytes > UNWANTED_NBYTES_MAX ? stop_with(slot, STOP_UNWANTED)
								   : nbytes;
	}
	if (nbytes > job->max_nbytes - job->nbytes)
		return stop_with(slot, STOP_LARGE);
	if (job->fd >= 0) {
		if (!write_file(slot, bytes, nbytes))
			return stop_with(slot, STOP_WRITE);
		mc_sha256_add(&slot->sum, bytes, nbytes);
	} else {
		if (nbytes > slot->body_room - job->nbytes &&
		    !grow_body(slot, (size_t)job->nbytes + nbytes))
			return stop_with(slot, STOP_MEMORY);
		memcpy(slot->body + job->nbytes, bytes, nbytes);
	}
	job->nbytes += nbytes;
	return nbytes;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_header(struct mc_str name, const char *wanted)
{
	size_t n = strlen(wanted);

	if (name.len != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (mc_ascii_lower(name.ptr[i]) != wanted[i])
			return false;
	return true;
}

/* Leading digits; what is larger than a million is a million.  */
static unsigned number_of(struct mc_str text)
{
	unsigned number = 0;

	for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
		if (number < 1000000)
			number = number * 10 + (unsigned)(text.ptr[i] - '0');
	return number < 1000000 ? number : 1000000;
}

static void read_cache_control(struct mc_net_job *job, struct mc_str value)
{
	bool is_never_fresh = false;

	while (value.len) {
		struct mc_str one = mc_str_cut(&value, ',');
		struct mc_str name;

		while (one.len && is_blank(one.ptr[0]))
			one = mc_str_skip(one, 1);
		name = mc_str_cut(&one, '=');
		while (name.len && is_blank(name.ptr[name.len - 1]))
			name.len--;
		if (is_header(name, "no-store"))
			job->is_not_stored = true;
		if (is_header(name, "no-cache"))
			is_never_fresh = true;
		if (is_header(name, "max-age"))
			job->max_age_s = number_of(one);
	}
	if (is_never_fresh)
		job->max_age_s = 0;
}

/* Forget what an answer before this one said: a proxy's, "100 Continue", a failed try.  */
static void forget_answer(struct mc_net_job *job)
{
	job->content_type = job->content_range = (struct mc_str){"", 0};
	job->reply_etag = job->reply_modified = job->content_type;
	job->max_age_s = 0;
	job->is_not_stored = false;
}

static enum mc_status read_header(struct slot *slot, struct mc_str value)
{
	struct mc_net_job *job = slot->job;
	struct mc_str name = mc_str_cut(&value, ':');
	struct mc_str *kept = NULL;

	while (value.len && is_blank(value.ptr[0]))
		value = mc_str_skip(value, 1);
	while (value.len && is_blank(value.ptr[value.len - 1]))
		value.len--;
	if (is_header(name, "content-type"))
		kept = &job->content_type;
	else if (is_header(name, "content-range"))
		kept = &job->content_range;
	else if (is_header(name, "etag"))
		kept = &job->reply_etag;
	else if (is_header(name, "last-modified"))
		kept = &job->reply_modified;
	else if (is_header(name, "retry-after"))
		slot->retry_after_s = number_of(value); /* a date is 0: our own pace */
	else if (is_header(name, "cache-control"))
		read_cache_control(job, value);
	return kept && value.len <= HEADER_NBYTES_MAX ? mc_arena_copy(&slot->texts, value, kept)
						      : MC_OK;
}

static size_t take_header(char *bytes, size_t unit, size_t count, void *state)
{
	struct slot *slot = state;
	struct mc_str line = {bytes, unit * count};

	slot->head_nbytes += line.len;
	if (slot->head_nbytes > HEAD_NBYTES_MAX)
		return stop_with(slot, STOP_HEAD);
	if (mc_str_starts(line, MC_STR("HTTP/")))
		forget_answer(slot->job);
	else if (read_header(slot, line))
		return stop_with(slot, STOP_MEMORY);
	return line.len;
}

/* ---- starting a request ---- */

static bool is_trusted(const struct web *net, struct mc_str origin)
{
	const struct mc_index_config *config = net->config;
	struct mc_str host = origin;

	mc_str_cut(&host, '/');
	mc_str_cut(&host, '/');
	for (size_t i = 0; i < config->trusted_hosts_count; i++) {
		struct mc_str trusted = config->trusted_hosts[i];

		if (mc_str_starts(host, trusted) &&
		    (host.len == trusted.len || host.ptr[trusted.len] == ':'))
			return true;
	}
	return false;
}

static const struct mc_url *credentials_of(const struct web *net, struct mc_str origin)
{
	for (size_t i = 0; i < net->config->urls_count; i++)
		if (net->indexes[i].user.len && mc_str_is(net->indexes[i].origin, origin))
			return &net->indexes[i];
	return NULL;
}

static bool add_header(struct slot *slot, const char *name, struct mc_str value)
{
	struct mc_str line;
	struct curl_slist *more;

	if (!value.len)
		return true;
	line = mc_arena_printf(&slot->texts, "%s: %.*s", name, MC_TEXT(value));
	more = line.len ? curl_slist_append(slot->headers, line.ptr) : NULL;
	if (more)
		slot->headers = more;
	return more;
}

static bool add_headers(struct slot *slot)
{
	const struct mc_net_job *job = slot->job;

	curl_slist_free_all(slot->headers);
	slot->headers = NULL;
	return add_header(slot, "Accept", mc_str_of(job->accept)) &&
	       add_header(slot, "If-None-Match", job->etag) &&
	       add_header(slot, "If-Modified-Since", job->modified) &&
	       add_header(slot, "If-Range", job->if_range);
}

/* libcurl refuses an option only for want of memory, or when it was built without.  */
#define SET(option, value) is_set = !curl_easy_setopt(slot->easy, (option), (value)) && is_set

static bool set_connection(struct slot *slot)
{
	const struct web *net = slot->net;
	const struct mc_index_config *config = net->config;
	const struct mc_url *who = credentials_of(net, slot->url.origin);
	bool is_set = true;

	if (who) {
		SET(CURLOPT_USERNAME, who->user.ptr);
		SET(CURLOPT_PASSWORD, who->password.ptr);
	} else if (net->netrc) {
		SET(CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
		SET(CURLOPT_NETRC_FILE, net->netrc);
	}
	if (config->proxy.len)
		SET(CURLOPT_PROXY, config->proxy.ptr);
	if (net->is_ca_folder)
		SET(CURLOPT_CAPATH, net->ca_path);
	else if (net->ca_path)
		SET(CURLOPT_CAINFO, net->ca_path);
	if (is_trusted(net, slot->url.origin)) {
		SET(CURLOPT_SSL_VERIFYPEER, 0L);
		SET(CURLOPT_SSL_VERIFYHOST, 0L);
	}
	return is_set;
}

static bool set_limits(struct slot *slot, int64_t left_ms)
{
	const struct mc_index_limits *limits = &slot->net->config->limits;
	uint64_t most = slot->job->max_nbytes;
	bool is_set = true;

	SET(CURLOPT_TIMEOUT_MS, (long)left_ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)limits->connect_ms);
	SET(CURLOPT_LOW_SPEED_LIMIT, (long)STALL_NBYTES_S);
	SET(CURLOPT_LOW_SPEED_TIME, (long)limits->stall_s);
	/* What says at once that it is too large; take_body() counts the others.  */
	if (most < (uint64_t)INT64_MAX && !slot->job->range.len)
		SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)most);
	return is_set;
}

static bool set_request(struct slot *slot, int64_t left_ms)
{
	const struct mc_net_job *job = slot->job;
	bool is_set = true;

	curl_easy_reset(slot->easy);
	SET(CURLOPT_URL, slot->url.text.ptr);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_USERAGENT, "muslcheck/" MC_VERSION);
	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, slot);
	SET(CURLOPT_HEADERFUNCTION, take_header);
	SET(CURLOPT_HEADERDATA, slot);
	SET(CURLOPT_PRIVATE, slot);
	SET(CURLOPT_HTTPHEADER, slot->headers);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* A name server that does not answer must not hold up the end of a run.  */
	SET(CURLOPT_QUICK_EXIT, 1L);
#endif
	if (job->accept)
		SET(CURLOPT_ACCEPT_ENCODING, "gzip");
	if (job->range.len)
		SET(CURLOPT_RANGE, job->range.ptr);
	is_set = set_connection(slot) && is_set;
	return set_limits(slot, left_ms) && is_set;
}

#undef SET

static void reset_answer(struct slot *slot)
{
	struct mc_net_job *job = slot->job;

	forget_answer(job);
	job->nbytes = 0;
	job->code = 0;
	slot->head_nbytes = slot->unwanted_nbytes = 0;
	slot->retry_after_s = 0;
	slot->stop = STOP_NONE;
	mc_sha256_init(&slot->sum);
}

static enum mc_status start(struct slot *slot)
{
	struct mc_net_job *job = slot->job;
	int64_t left_ms = slot->end_ms - now_ms();

	reset_answer(slot);
	if (job->fd >= 0 && (ftruncate(job->fd, 0) || lseek(job->fd, 0, SEEK_SET) < 0))
		return mc_net_fail(job, MC_ERR_IO, "cannot write the file again");
	if (!add_headers(slot) || !set_request(slot, left_ms > 1 ? left_ms : 1) ||
	    curl_multi_add_handle(slot->net->multi, slot->easy))
		return MC_ERR_NOMEM;
	slot->is_running = true;
	slot->net->stats->requests++;
	return MC_OK;
}

/* ---- what became of it ---- */

/* MC_END: the slot goes on with the job.  */
static enum mc_status try_again(struct slot *slot, const char *why)
{
	const struct mc_index_limits *limits = &slot->net->config->limits;
	struct mc_net_job *job = slot->job;
	int64_t asked_s = slot->retry_after_s;
	int64_t wait_ms = (int64_t)limits->backoff_ms << (slot->tries < 6 ? slot->tries : 6);

	slot->tries++;
	if (asked_s * 1000 > wait_ms)
		wait_ms = asked_s * 1000;
	if (slot->tries >= limits->tries)
		return mc_net_fail(job, MC_ERR_NETWORK, "%s (%u tries)", why, slot->tries);
	if (now_ms() + wait_ms >= slot->end_ms)
		return mc_net_fail(job, MC_ERR_NETWORK, "%s (and there is no time to try again)",
				   why);
	slot->not_before_ms = now_ms() + wait_ms;
	return MC_END;
}

static enum mc_status redirect(struct slot *slot)
{
	struct mc_net_job *job = slot->job;
	const char *where = NULL;
	struct mc_str was = slot->url.origin;
	enum mc_status status;

	curl_easy_getinfo(slot->easy, CURLINFO_REDIRECT_URL, &where);
	if (!where)
		return mc_net_fail(job, MC_ERR_NETWORK, "redirects without saying where to");
	if (++slot->redirects > slot->net->config->limits.redirects)
		return mc_net_fail(job, MC_ERR_NETWORK, "redirects more than %u times",
				   slot->net->config->limits.redirects);
	status = mc_url_read(&slot->texts, (struct mc_str){"", 0}, mc_str_of(where), &slot->url);
	if (status == MC_ERR_NOMEM)
		return status;
	if (status)
		return mc_net_fail(job, MC_ERR_NETWORK,
				   "redirects to what is no URL of http or https");
	if (mc_str_starts(was, MC_STR("https:")) &&
	    mc_str_starts(slot->url.origin, MC_STR("http:")))
		return mc_net_fail(job, MC_ERR_NETWORK, "redirects from https to http");
	slot->not_before_ms = 0;
	return MC_END;
}

static bool is_worth_a_try(long code)
{
	/* pip's own list (_internal/network/session.py) and 408, 429, 504 */
	return code == 408 || code == 429 || code == 500 || code == 502 || code == 503 ||
	       code == 504 || code == 520 || code == 524 || code == 527;
}

static enum mc_status judge_code(struct slot *slot, long code)
{
	struct mc_net_job *job = slot->job;
	char why[64];

	switch (code) {
	case 200:
	case 206:
		if (code == 200 && job->range.len)
			return mc_net_fail(job, MC_ERR_UNSUPPORTED, "the server ignores ranges");
		if (code == 206 && !job->range.len)
			return mc_net_fail(job, MC_ERR_NETWORK,
					   "answers a piece, and was asked for all");
		return MC_OK;
	case 304:
		if (!job->etag.len && !job->modified.len)
			return mc_net_fail(job, MC_ERR_NETWORK,
					   "says that nothing changed since never");
		return MC_OK;
	case 404:
	case 410: return MC_OK;
	case 301:
	case 302:
	case 303:
	case 307:
	case 308: return redirect(slot);
	case 401:
	case 403:
		return mc_net_fail(job, MC_ERR_NETWORK,
				   "answers %ld: user and password are missing or refused", code);
	case 416: return mc_net_fail(job, MC_ERR_FORMAT, "has no such range");
	default: break;
	}
	snprintf(why, sizeof(why), "answers %ld", code);
	return is_worth_a_try(code) ? try_again(slot, why)
				    : mc_net_fail(job, MC_ERR_NETWORK, "%s", why);
}

static enum mc_status judge_stop(struct slot *slot)
{
	struct mc_net_job *job = slot->job;

	switch (slot->stop) {
	case STOP_LARGE:
		return mc_net_fail(job, MC_ERR_LIMIT, "sends more than %llu bytes",
				   (unsigned long long)job->max_nbytes);
	case STOP_HEAD: return mc_net_fail(job, MC_ERR_LIMIT, "sends headers without an end");
	case STOP_WRITE:
		errno = slot->stop_errno;
		return mc_net_fail(job, MC_ERR_IO, "cannot write the file (errno %d)", errno);
	case STOP_RANGE:
	case STOP_UNWANTED:
	case STOP_NONE: return judge_code(slot, job->code);
	case STOP_MEMORY: break;
	}
	return MC_ERR_NOMEM;
}

/* What may be over the next time.  */
static bool is_passing(CURLcode result)
{
	switch ((int)result) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM: return true;
	default: return false;
	}
}

static enum mc_status judge(struct slot *slot, CURLcode result)
{
	struct mc_net_job *job = slot->job;
	curl_off_t nbytes = 0;

	curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &job->code);
	curl_easy_getinfo(slot->easy, CURLINFO_SIZE_DOWNLOAD_T, &nbytes);
	slot->net->stats->nbytes += nbytes > 0 ? (uint64_t)nbytes : 0;
	if (result == CURLE_OK || slot->stop)
		return judge_stop(slot);
	/* run_all() has cleared errno, for codes that do not say it.  */
	if (result == CURLE_OUT_OF_MEMORY || errno == ENOMEM)
		return MC_ERR_NOMEM;
	if (result == CURLE_FILESIZE_EXCEEDED) {
		slot->stop = STOP_LARGE;
		return judge_stop(slot);
	}
	if (result == CURLE_UNSUPPORTED_PROTOCOL || result == CURLE_WEIRD_SERVER_REPLY)
		return mc_net_fail(job, MC_ERR_NETWORK, "answers what is not HTTP");
	/* The texts of libcurl's own table: nothing of the server's is in them.  */
	if (is_passing(result))
		return try_again(slot, curl_easy_strerror(result));
	return mc_net_fail(job, MC_ERR_NETWORK, "%s", curl_easy_strerror(result));
}

/* ---- the run ---- */

struct run {
	struct web *net;
	struct mc_net_job *jobs;
	size_t count, next;
	const struct mc_net_calls *calls;
	int64_t end_ms;
};

static void free_slot(struct slot *slot)
{
	if (slot->is_running)
		curl_multi_remove_handle(slot->net->multi, slot->easy);
	slot->is_running = false;
	slot->job = NULL;
	slot->body = NULL;
	slot->body_room = 0;
	curl_slist_free_all(slot->headers);
	slot->headers = NULL;
	mc_arena_clear(&slot->bodies[0]);
	mc_arena_clear(&slot->bodies[1]);
	mc_arena_clear(&slot->texts);
}

static enum mc_status end_job(struct run *run, struct slot *slot, enum mc_status status)
{
	struct mc_net_job *job = slot->job;

	if (status == MC_ERR_NOMEM)
		return status;
	job->status = status;
	job->final_url = slot->url.text;
	if (job->fd < 0)
		job->body = (struct mc_str){slot->body ? slot->body : "", (size_t)job->nbytes};
	mc_sha256_end(&slot->sum, job->sha256);
	status = run->calls->done(run->calls->state, job);
	free_slot(slot);
	return status;
}

static enum mc_status begin_job(struct run *run, struct slot *slot)
{
	struct mc_net_job *job = &run->jobs[run->next++];
	enum mc_status status = MC_OK;

	slot->job = job;
	slot->tries = slot->redirects = 0;
	slot->not_before_ms = 0;
	slot->end_ms = now_ms() + job->limit_ms;
	if (slot->end_ms > run->end_ms)
		slot->end_ms = run->end_ms;
	slot->url = (struct mc_url){.text = {"", 0}};
	reset_answer(slot);
	if (run->calls->begin)
		status = run->calls->begin(run->calls->state, job);
	if (status)
		return end_job(run, slot, status);
	if (now_ms() + SHORTEST_MS > run->end_ms)
		return end_job(run, slot,
			       mc_net_fail(job, MC_ERR_NETWORK,
					   "the time for all requests of a run is used up"));
	status = mc_url_read(&slot->texts, (struct mc_str){"", 0}, job->url, &slot->url);
	if (!status)
		return MC_OK;
	return end_job(run, slot,
		       status == MC_ERR_NOMEM
			       ? status
			       : mc_net_fail(job, status, "it is no URL of http or https"));
}

/* Fill the slots and start what has waited long enough.  */
static enum mc_status start_some(struct run *run, bool *is_idle)
{
	*is_idle = true;
	for (size_t i = 0; i < run->net->slots_count; i++) {
		struct slot *slot = &run->net->slots[i];
		enum mc_status status;

		while (!slot->job && run->next < run->count)
			MC_TRY(begin_job(run, slot));
		if (!slot->job)
			continue;
		*is_idle = false;
		if (slot->is_running || now_ms() < slot->not_before_ms)
			continue;
		status = start(slot);
		MC_TRY(status == MC_ERR_IO ? end_job(run, slot, status) : status);
	}
	return MC_OK;
}

static enum mc_status end_some(struct run *run)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(run->net->multi, &left))) {
		CURLcode result = message->data.result;
		struct slot *slot = NULL;
		enum mc_status status;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
		curl_multi_remove_handle(run->net->multi, message->easy_handle);
		slot->is_running = false;
		status = judge(slot, result);
		if (status != MC_END)
			MC_TRY(end_job(run, slot, status));
	}
	return MC_OK;
}

/* How long nothing can happen but on the network.  */
static int wait_ms(const struct run *run)
{
	int64_t now = now_ms(), wait = 1000;
	bool is_idle = true;

	for (size_t i = 0; i < run->net->slots_count; i++) {
		const struct slot *slot = &run->net->slots[i];
		int64_t its = slot->not_before_ms - now;

		if (!slot->job ? run->next < run->count : !slot->is_running && its <= 0)
			return 0;
		if (slot->job && !slot->is_running && its < wait)
			wait = its;
		is_idle = is_idle && !slot->job;
	}
	return is_idle ? 0 : (int)wait;
}

static enum mc_status run_all(struct run *run)
{
	int running;
	bool is_idle;

	for (;;) {
		MC_TRY(start_some(run, &is_idle));
		if (is_idle)
			return MC_OK;
		errno = 0;
		/* Fails for want of memory; other reasons are mistakes of ours.  */
		if (curl_multi_perform(run->net->multi, &running))
			return MC_ERR_NOMEM;
		MC_TRY(end_some(run));
		if (curl_multi_poll(run->net->multi, NULL, 0, wait_ms(run), NULL))
			return MC_ERR_NOMEM;
	}
}

static enum mc_status run_jobs(struct mc_net *base, struct mc_net_job *jobs, size_t count,
			       const struct mc_net_calls *calls)
{
	struct web *net = (struct web *)base;
	uint64_t spent_ms = net->stats->spent_ms, most_ms = net->config->limits.run_ms;
	int64_t begin_ms = now_ms();
	struct run run = {net, jobs, count, 0, calls, begin_ms};
	enum mc_status status;

	if (spent_ms < most_ms)
		run.end_ms += (int64_t)(most_ms - spent_ms);
	status = run_all(&run);
	for (size_t i = 0; i < net->slots_count; i++)
		free_slot(&net->slots[i]);
	net->stats->spent_ms += (uint64_t)(now_ms() - begin_ms);
	return status;
}

/* ---- opening ---- */

static enum mc_status make_slots(struct web *net, size_t count)
{
	count = count < CONNECTIONS_MAX ? count : CONNECTIONS_MAX;
	net->slots = MC_TAKE_ARRAY(net->arena, struct slot, count);
	net->multi = curl_multi_init();
	if (!net->slots || !net->multi)
		return MC_ERR_NOMEM;
	for (; net->slots_count < count; net->slots_count++) {
		struct slot *slot = &net->slots[net->slots_count];

		slot->easy = curl_easy_init();
		if (!slot->easy)
			return MC_ERR_NOMEM;
		slot->net = net;
		mc_arena_init(&slot->texts, net->arena->alloc);
		mc_arena_init(&slot->bodies[0], net->arena->alloc);
		mc_arena_init(&slot->bodies[1], net->arena->alloc);
	}
	curl_multi_setopt(net->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)count);
	return MC_OK;
}

/*
 * A libcurl of a distribution knows where that one has its certificates.  One that is linked into a
 * program for all of them does not.
 */
static const char *usual_certificates(void)
{
	static const char *const paths[] = {
		"/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
		"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora and its kin */
		"/etc/ssl/ca-bundle.pem",             /* openSUSE */
		"/etc/ssl/cert.pem",                  /* Alpine's base, BSDs */
		"/etc/ssl/certs",
	};
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

	if (info->age >= CURLVERSION_SEVENTH && !info->cainfo && !info->capath)
		for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
			if (!access(paths[i], R_OK))
				return paths[i];
	return NULL;
}

static enum mc_status find_certificates(struct web *net, struct mc_error *err)
{
	struct stat info;

	net->ca_path = net->config->ca_file.len ? net->config->ca_file.ptr : usual_certificates();
	if (net->ca_path && stat(net->ca_path, &info))
		return mc_fail(err, MC_ERR_IO, net->ca_path, "cannot read the certificates");
	net->is_ca_folder = net->ca_path && S_ISDIR(info.st_mode);
	return MC_OK;
}

/*
 * As requests, and so pip, has it.  libcurl is told where it is, or it would ask for the home folder in
 * ways of libc that do not bear a want of memory.
 */
static enum mc_status find_netrc(struct web *net)
{
	const char *path = getenv("NETRC"), *home = getenv("HOME");
	struct mc_str text = {"", 0};

	if (path && *path)
		MC_TRY(mc_arena_copy(net->arena, mc_str_of(path), &text));
	else if (home && *home == '/')
		MC_TRY(mc_path_join(net->arena, mc_str_of(home), MC_STR(".netrc"), &text));
	if (text.len && !access(text.ptr, R_OK))
		net->netrc = text.ptr;
	return MC_OK;
}

static void close_web(struct mc_net *base)
{
	struct web *net = (struct web *)base;

	for (size_t i = 0; i < net->slots_count; i++)
		curl_easy_cleanup(net->slots[i].easy);
	curl_multi_cleanup(net->multi); /* NULL is allowed */
	curl_global_cleanup();
}

enum mc_status mc_net_open(const struct mc_index_config *config, const struct mc_url *indexes,
			   struct mc_arena *arena, struct mc_index_stats *stats,
			   struct mc_net **net_out, struct mc_error *err)
{
	struct web *net = MC_TAKE(arena, struct web);
	enum mc_status status;

	*net_out = NULL;
	MC_TRY(load_library(err));
	if (!net || curl_global_init(CURL_GLOBAL_DEFAULT))
		return mc_no_memory(err);
	*net = (struct web){.base = {run_jobs, close_web}, .config = config, .indexes = indexes, .arena = arena,
			    .stats = stats};
	status = find_certificates(net, err);
	if (status) {
		close_web(&net->base);
		return status;
	}
	if (find_netrc(net) || make_slots(net, config->limits.connections)) {
		close_web(&net->base);
		return mc_no_memory(err);
	}
	*net_out = &net->base;
	return MC_OK;
}
