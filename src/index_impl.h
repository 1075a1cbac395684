/* SPDX-License-Identifier: MIT */
/*
 * index_impl.h - what the files of the index room share.  Private to that room.
 *
 *	index_config.c  where the indexes are                 environment and files
 *	index_page.c    a page: offers                        text alone
 *	index_cache.c   pages and files on disk               the cache folder
 *	index_ask.c     projects: requests, answers
 *	index_fetch.c   files and pieces of files
 *	index_look.c    the end of a wheel: what its names say
 *	index.c         requests over the network             libcurl
 *	index_helper.c  a process that makes them for another  sockets, pip's configuration
 *	index_remote.c  what that other one has of it
 *	index_wire.c    what the two say to each other
 */
#ifndef MC_INDEX_IMPL_H
#define MC_INDEX_IMPL_H

#include "folder.h"
#include "muslcheck/index.h"
#include "sha256.h"

/* Longer ones are nobody's: signed URLs take up to 2 KB.  */
#define MC_URL_NBYTES_MAX 8192

/* ---- URLs (index.c: what reads them is what fetches them, so no two parsers disagree) ---- */

struct mc_url {
	struct mc_str text;           /* NUL-terminated; no user, password or fragment */
	struct mc_str origin;         /* "https://example.org:443" */
	struct mc_str user, password; /* decoded */
	struct mc_str fragment;
};

/*
 * 'ref' against 'base' (empty: 'ref' must be absolute).  MC_ERR_FORMAT when it is no URL,
 * MC_ERR_UNSUPPORTED when neither http nor https, MC_ERR_LIMIT, MC_ERR_NOMEM.
 */
enum mc_status mc_url_read(struct mc_arena *arena, struct mc_str base, struct mc_str ref,
			   struct mc_url *url_out) MC_MUST_CHECK;

/*
 * For people: "****@" in the place of user and password, no query, no fragment, and bytes
 * that could steer a terminal as %XX.  Any text may come in.  Empty when memory runs out.
 */
struct mc_str mc_url_redact(struct mc_arena *arena, struct mc_str url);

/* ---- configuration ---- */

/* Where settings are looked up; for tests to replace.  */
struct mc_index_env {
	const char *(*get)(const char *name, void *state); /* getenv() */
	void *state;
	const char *etc; /* "/etc" */
	const char *pip_default; /* what python3 says of it, asked before; "": nothing; NULL: ask */
};

struct mc_index_config {
	struct mc_str *urls; /* as given: with credentials */
	size_t urls_count;
	struct mc_str *find_links;
	size_t find_links_count;
	struct mc_str *trusted_hosts; /* "host" or "host:port" */
	size_t trusted_hosts_count;
	struct mc_str origin;
	struct mc_str proxy, ca_file, cache_dir; /* empty: not said */
	struct mc_index_limits limits;           /* no field is 0 */
};

/* As mc_index_open() says.  Where no index is known, all the rest is read nevertheless.  */
enum mc_status mc_index_config_read(const struct mc_index_options *options,
				    const struct mc_index_env *env, struct mc_arena *arena,
				    struct mc_index_config *config_out,
				    struct mc_error *err) MC_MUST_CHECK;

/* Of this process; changed before there are threads.  */
extern struct mc_index_env mc_index_own_env;

/* Run python3 for pip's default: one word, or "" where there is none, NUL-terminated.  */
void mc_index_ask_pip(unsigned limit_ms, char *text, size_t room);

/* ---- pages ---- */

/* What a page says of its files: offers for mc_candidates_add().  */
struct mc_index_page {
	struct mc_candidate *offers;
	size_t count, room;
};

/* A file entry of a JSON page; no index writes as much about one file.  */
#define MC_INDEX_ENTRY_NBYTES_MAX (64 * 1024)
/* The largest projects have some ten thousand.  What adds candidates is quadratic in it.  */
#define MC_INDEX_FILES_MAX 50000
/* Of all links, each with the base it is read against: what takes the time.  */
#define MC_INDEX_LINKS_NBYTES_MAX ((size_t)32 << 20)

/*
 * Read a page that came from 'base' with this content type.  Offers are in 'arena', with
 * absolute URLs without fragments; entries that are no file of an http(s) server, or not
 * sensible, are passed over as pip does.  MC_ERR_FORMAT with one clause in '*problem_out'
 * (static storage) when the page is no such page, MC_ERR_UNSUPPORTED for a later format
 * (PEP 629) or another content type, MC_ERR_LIMIT, MC_ERR_NOMEM.  Memory is bounded by
 * the limits above, however the page is nested.
 */
enum mc_status mc_index_page_read(struct mc_arena *arena, struct mc_str content_type,
				  struct mc_str base, struct mc_str text,
				  struct mc_index_page *page_out,
				  const char **problem_out) MC_MUST_CHECK;

/* ---- requests ---- */

struct mc_net;

/* One request with its redirects and tries.  */
struct mc_net_job {
	struct mc_str url;
	const char *accept;           /* NULL: anything; else compressed answers are taken too */
	struct mc_str etag, modified; /* of what is at hand; empty: nothing is */
	struct mc_str range;          /* "0-99" or "-100"; empty: all of it */
	struct mc_str if_range;       /* an ETag */
	uint64_t max_nbytes;          /* of the body, decoded */
	unsigned limit_ms;
	int fd; /* where the body goes; -1: into memory */

	/* Answered; texts are gone when the callback returns: */
	enum mc_status status; /* MC_OK for 200, 206, 304, 404 and 410 */
	char problem[192];
	long code; /* 0 when no answer came */
	struct mc_str final_url, content_type, content_range, reply_etag, reply_modified;
	struct mc_str body; /* when fd is -1 */
	uint64_t nbytes;    /* of the body */
	char sha256[MC_SHA256_HEX_NBYTES + 1];
	unsigned max_age_s; /* of Cache-Control; 0: none */
	bool is_not_stored; /* Cache-Control: no-store */

	void *user;
};

/*
 * begin() is called when a job's turn comes, once (NULL: nothing to prepare); when it fails,
 * with problem and status set, the job is done.  done() is called for each job as it ends,
 * in no certain order.  MC_ERR_NOMEM of either ends the run; they return nothing else.
 */
struct mc_net_calls {
	enum mc_status (*begin)(void *state, struct mc_net_job *job);
	enum mc_status (*done)(void *state, struct mc_net_job *job);
	void *state;
};

/* Who does the requests: this process (index.c), or one beside it (index_remote.c).  */
struct mc_net {
	enum mc_status (*run)(struct mc_net *net, struct mc_net_job *jobs, size_t count,
			      const struct mc_net_calls *calls);
	void (*close)(struct mc_net *net);
};

/* Do these jobs, several at once.  Only MC_ERR_NOMEM can happen.  */
static inline MC_MUST_CHECK enum mc_status mc_net_run(struct mc_net *net, struct mc_net_job *jobs, size_t count,
						       const struct mc_net_calls *calls)
{
	return net->run(net, jobs, count, calls);
}

/* 'indexes' are config->urls, read.  All that is given outlives the net.  */
enum mc_status mc_net_open(const struct mc_index_config *config, const struct mc_url *indexes,
			   struct mc_arena *arena, struct mc_index_stats *stats,
			   struct mc_net **net_out, struct mc_error *err) MC_MUST_CHECK;

/* Note what went wrong; 'status' again.  */
enum mc_status mc_net_fail(struct mc_net_job *job, enum mc_status status, const char *fmt, ...)
	MC_PRINTF(3, 4);

/* ---- the cache ---- */

/* Make the folder where it is missing; 'cache_out->fd' is -1 where it is not to be had.  */
enum mc_status mc_index_open_cache(struct mc_arena *arena, struct mc_str path,
				   struct mc_folder *cache_out) MC_MUST_CHECK;

/* A page as it was answered; texts are slices of 'text'.  */
struct mc_cached_page {
	struct mc_str final_url, content_type, etag, modified, body;
	long code;      /* 200 or 404 */
	int64_t time_s; /* when it was last known to be current */
	unsigned max_age_s;
};

/* 'key' is anything that tells pages apart.  MC_END when there is none that can be used.  */
enum mc_status mc_cache_get_page(const struct mc_folder *cache, struct mc_arena *arena,
				 struct mc_str key, struct mc_cached_page *page_out) MC_MUST_CHECK;

/* Failing to keep a page is nobody's trouble.  */
void mc_cache_put_page(const struct mc_folder *cache, struct mc_arena *arena,
		       struct mc_str key, const struct mc_cached_page *page);

/* The file of this hash and name, its bytes checked; a bad one is removed.  MC_END: none.  */
enum mc_status mc_cache_get_file(const struct mc_folder *cache, struct mc_arena *arena,
				 struct mc_str folder, struct mc_str name, struct mc_str sha256,
				 uint64_t *nbytes_out, struct mc_str *path_out) MC_MUST_CHECK;

/* ---- the index ---- */

/* A file outside of the cache, to be removed.  */
struct mc_index_temp {
	struct mc_index_temp *older;
	struct mc_str folder, name;
};

struct mc_index {
	struct mc_arena *arena;
	struct mc_index_config config;
	struct mc_folder cache;
	struct mc_folder temp; /* made when first needed */
	struct mc_index_temp *temps;
	size_t temps_count;
	struct mc_url *indexes; /* parsed config.urls */
	struct mc_str *urls;    /* redacted, and so is the next */
	struct mc_str *find_links;
	struct mc_net *net; /* NULL when offline */
	struct mc_index_stats stats;
};

/* Note in the arena of the index what a job or a cache says; MC_ERR_NOMEM alone can happen.  */
enum mc_status mc_index_keep_text(struct mc_index *index, const char *text,
				  struct mc_str *kept_out) MC_MUST_CHECK;

/*
 * A folder of its own below the temporary one, for a file 'name'; it goes with the index.
 * MC_ERR_IO, MC_ERR_NOMEM.
 */
enum mc_status mc_index_add_temp(struct mc_index *index, struct mc_str name,
				 struct mc_str *folder_out) MC_MUST_CHECK;

/* It becomes a path: candidates may come from elsewhere than index_page.c.  */
bool mc_index_is_file_name(struct mc_str name);

/* The piece that came is the one of 'nbytes' at 'off' (UINT64_MAX: the last ones).  */
bool mc_index_is_piece(const struct mc_net_job *job, uint64_t off, size_t nbytes, uint64_t *whole_out);

/* What mc_index_close() has to do for index_fetch.c.  */
void mc_index_remove_temps(struct mc_index *index);

#endif /* MC_INDEX_IMPL_H */
