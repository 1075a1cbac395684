/* SPDX-License-Identifier: MIT */
/*
 * Which locked packages an environment gets.  Two ways, by what the format holds:
 *
 * - uv.lock says all that the project requires: wanted is what is reached from there.
 * - Others do not: wanted is all but what its own marker, its groups or being optional leave
 *   out, and what only such dependencies lead to that do not hold or whose owner is left out.
 *   Packages that require each other in a circle stay.  Where the project's own requirements
 *   are not known, it may require anything by itself: then a dependency that does not hold for
 *   its Python leaves nothing out, and only one for another platform does (colorama, pywin32).
 */
#include "muslcheck/lock.h"

#include <stdio.h>

struct chooser {
	struct mc_lock *lock;
	struct mc_arena *scratch;
	const struct mc_lock_wish *wish;
	struct mc_marker_env env; /* for packages */
	struct mc_error *err;
	struct mc_map places;  /* package -> struct node */
	struct node *nodes;    /* one a package */
	struct mc_map visits;  /* (package, extra) */
	struct visit *next, **last; /* to be followed */
	size_t work;
};

struct node {
	const struct mc_lock_package *package;
	size_t incoming, holding;
	bool is_queued;
};

struct visit {
	struct mc_lock_package *package;
	struct mc_str extra; /* empty: the package itself */
	struct visit *next;
};

static bool is_in(struct mc_str text, const struct mc_str *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (mc_str_is(text, list[i]))
			return true;
	return false;
}

/* What cannot be answered holds; only memory is an error.  */
static enum mc_status holds(struct chooser *c, struct mc_str marker, const struct mc_marker_env *env,
			    bool *holds_out)
{
	enum mc_status status;

	*holds_out = true;
	if (!marker.len)
		return MC_OK;
	status = mc_marker_holds(c->scratch, marker, env, holds_out, NULL);
	if (status)
		*holds_out = true;
	return status == MC_ERR_NOMEM ? mc_no_memory(c->err) : MC_OK;
}

/* ---- from the project on ---- */

/* A package whose every dependency is an extra is looked through once for each.  */
#define WORK_MAX ((size_t)1 << 27)

/* More names than a project has extras that conflict.  */
#define CONFLICTS_MAX 1024

static enum mc_status follow(struct chooser *c, struct mc_lock_package *package, struct mc_str extra)
{
	uint64_t hash = mc_hash_pair((uint64_t)(uintptr_t)package, mc_hash_text(extra));
	struct visit *visit;

	for (size_t at = 0; (visit = mc_map_next(&c->visits, hash, &at));)
		if (visit->package == package && mc_str_is(visit->extra, extra))
			return MC_OK;
	visit = MC_TAKE(c->scratch, struct visit);
	if (!visit)
		return mc_no_memory(c->err);
	*visit = (struct visit){package, extra, NULL};
	package->is_wanted = true;
	*c->last = visit;
	c->last = &visit->next;
	return mc_map_add(c->scratch, &c->visits, hash, visit) ? mc_no_memory(c->err) : MC_OK;
}

static enum mc_status follow_edge(struct chooser *c, const struct mc_lock_edge *edge)
{
	bool does;

	MC_TRY(holds(c, edge->marker, &c->env, &does));
	if (!does)
		return MC_OK;
	MC_TRY(follow(c, edge->to, (struct mc_str){"", 0}));
	for (size_t i = 0; i < edge->extras_count; i++)
		MC_TRY(follow(c, edge->to, edge->extras[i]));
	return MC_OK;
}

static enum mc_status follow_edges(struct chooser *c, const struct visit *visit)
{
	const struct mc_lock_package *package = visit->package;

	c->work += package->edges_count;
	if (c->work > WORK_MAX)
		return mc_fail(c->err, MC_ERR_LIMIT, NULL, "the lock takes too long to follow");
	for (size_t i = 0; i < package->edges_count; i++) {
		const struct mc_lock_edge *edge = &package->edges[i];

		if (!mc_str_is(edge->extra, visit->extra))
			continue;
		if (edge->group.len && !(package->is_root && is_in(edge->group, c->wish->groups,
								   c->wish->groups_count)))
			continue;
		MC_TRY(follow_edge(c, edge));
	}
	return MC_OK;
}

/*
 * Projects with conflicting extras: uv writes "extra == 'extra-4-shop-cpu'" and "extra ==
 * 'group-4-shop-dev'" into markers (uv: crates/uv-resolver/src/universal_marker.rs).
 */
static enum mc_status name_conflicts(struct chooser *c)
{
	size_t roots = 0, each = c->wish->extras_count + c->wish->groups_count, count = 0;
	struct mc_str *names;

	for (size_t i = 0; i < c->lock->packages_count; i++)
		roots += c->lock->packages[i]->is_root;
	if (!each || each > CONFLICTS_MAX || roots > CONFLICTS_MAX / each)
		return MC_OK;
	names = MC_TAKE_ARRAY(c->scratch, struct mc_str, roots * each + 1);
	if (!names)
		return mc_no_memory(c->err);
	for (size_t i = 0; i < c->lock->packages_count; i++) {
		const struct mc_lock_package *root = c->lock->packages[i];

		for (size_t k = 0; root->is_root && k < each; k++) {
			bool is_extra = k < c->wish->extras_count;
			struct mc_str name = is_extra ? c->wish->extras[k]
						      : c->wish->groups[k - c->wish->extras_count];

			names[count] = mc_arena_printf(c->scratch, "%s-%zu-%.*s-%.*s",
						       is_extra ? "extra" : "group", root->name.len,
						       MC_TEXT(root->name), MC_TEXT(name));
			if (!names[count++].len)
				return mc_no_memory(c->err);
		}
	}
	c->env.extras = names;
	c->env.extras_count = count;
	return MC_OK;
}

static enum mc_status choose_from_roots(struct chooser *c)
{
	c->last = &c->next;
	MC_TRY(name_conflicts(c));
	for (size_t i = 0; i < c->lock->packages_count; i++)
		c->lock->packages[i]->is_wanted = false;
	for (size_t i = 0; i < c->lock->packages_count; i++) {
		struct mc_lock_package *package = c->lock->packages[i];

		if (!package->is_root)
			continue;
		MC_TRY(follow(c, package, (struct mc_str){"", 0}));
		for (size_t k = 0; k < c->wish->extras_count; k++)
			MC_TRY(follow(c, package, c->wish->extras[k]));
	}
	for (const struct visit *visit = c->next; visit; visit = visit->next)
		MC_TRY(follow_edges(c, visit));
	return MC_OK;
}

/* ---- what is left out ---- */

static bool is_of_group(const struct chooser *c, const struct mc_lock_package *package)
{
	if (!package->groups_count)
		return true;
	for (size_t i = 0; i < package->groups_count; i++)
		if (!package->groups[i].len ||
		    is_in(package->groups[i], c->wish->groups, c->wish->groups_count))
			return true;
	return false;
}

static bool is_of_extra(const struct chooser *c, const struct mc_lock_package *package,
			const struct node *node)
{
	if (!package->is_optional)
		return true;
	if (!c->wish->extras_count)
		return false;
	/* Not named by any: another optional package may need it, and so for one that is.  */
	if (!package->extras_count || node->incoming)
		return true;
	for (size_t i = 0; i < package->extras_count; i++)
		if (is_in(package->extras[i], c->wish->extras, c->wish->extras_count))
			return true;
	return false;
}

static struct node *node_of(const struct chooser *c, const struct mc_lock_package *package)
{
	uint64_t hash = mc_hash_pair((uint64_t)(uintptr_t)package, 0);
	struct node *node;

	for (size_t at = 0; (node = mc_map_next(&c->places, hash, &at));)
		if (node->package == package)
			return node;
	return NULL; /* edges lead to packages of the lock only */
}

static enum mc_status make_nodes(struct chooser *c)
{
	c->nodes = MC_TAKE_ARRAY(c->scratch, struct node, c->lock->packages_count + 1);
	if (!c->nodes)
		return mc_no_memory(c->err);
	for (size_t i = 0; i < c->lock->packages_count; i++) {
		const struct mc_lock_package *package = c->lock->packages[i];

		c->nodes[i].package = package;
		if (mc_map_add(c->scratch, &c->places, mc_hash_pair((uint64_t)(uintptr_t)package, 0),
			       &c->nodes[i]))
			return mc_no_memory(c->err);
	}
	return MC_OK;
}

static bool names(struct mc_str marker, struct mc_str variable)
{
	for (size_t i = 0; i + variable.len <= marker.len; i++)
		if (mc_str_starts(mc_str_skip(marker, i), variable))
			return true;
	return false;
}

static bool names_platform(struct mc_str marker)
{
	return names(marker, MC_STR("platform")) || names(marker, MC_STR("os_name"));
}

/* Does the edge count?  The answer is the same each time it is asked.  */
static enum mc_status edge_holds(struct chooser *c, const struct mc_lock_edge *edge, bool *does_out)
{
	const struct mc_lock_wish *wish = c->wish;

	*does_out = false;
	if ((edge->group.len && !is_in(edge->group, wish->groups, wish->groups_count)) ||
	    (edge->extra.len && !is_in(edge->extra, wish->extras, wish->extras_count)))
		return MC_OK;
	*does_out = true;
	/* Which extras of a package are asked for is not gathered: rather one too many.  */
	if (names(edge->marker, MC_STR("extra")))
		return MC_OK;
	if (!c->lock->knows_project && !names_platform(edge->marker))
		return MC_OK;
	return holds(c, edge->marker, &c->env, does_out);
}

static enum mc_status count_edges(struct chooser *c)
{
	for (size_t i = 0; i < c->lock->packages_count; i++) {
		const struct mc_lock_package *from = c->lock->packages[i];

		for (size_t k = 0; k < from->edges_count; k++) {
			struct node *to = node_of(c, from->edges[k].to);
			bool does;

			if (!to || to->package == from)
				continue;
			MC_TRY(edge_holds(c, &from->edges[k], &does));
			to->incoming++;
			to->holding += does;
		}
	}
	return MC_OK;
}

/* Take its edges away; whoever loses the last one is next.  'queue' has room for all.  */
static enum mc_status leave_out(struct chooser *c, struct mc_lock_package *from,
				struct mc_lock_package **queue, size_t *queued)
{
	from->is_wanted = false;
	for (size_t k = 0; k < from->edges_count; k++) {
		struct mc_lock_package *to = from->edges[k].to;
		struct node *node = node_of(c, to);
		bool does;

		if (!node || to == from)
			continue;
		MC_TRY(edge_holds(c, &from->edges[k], &does));
		if (!does || --node->holding || node->is_queued)
			continue;
		node->is_queued = true;
		queue[(*queued)++] = to;
	}
	return MC_OK;
}

static enum mc_status is_left_out(struct chooser *c, const struct mc_lock_package *package,
				  const struct node *node, bool *is_out)
{
	bool does;

	MC_TRY(holds(c, package->marker, &c->env, &does));
	*is_out = !does || !is_of_group(c, package) || !is_of_extra(c, package, node) ||
		  (node->incoming && !node->holding);
	return MC_OK;
}

static enum mc_status choose_by_leaving_out(struct chooser *c)
{
	struct mc_lock *lock = c->lock;
	struct mc_lock_package **queue =
		MC_TAKE_ARRAY(c->scratch, struct mc_lock_package *, lock->packages_count + 1);
	size_t queued = 0;

	if (!queue)
		return mc_no_memory(c->err);
	c->env.extras = c->wish->extras;
	c->env.extras_count = c->wish->extras_count;
	MC_TRY(make_nodes(c));
	MC_TRY(count_edges(c));
	for (size_t i = 0; i < lock->packages_count; i++) {
		lock->packages[i]->is_wanted = true;
		MC_TRY(is_left_out(c, lock->packages[i], &c->nodes[i], &c->nodes[i].is_queued));
		if (c->nodes[i].is_queued)
			queue[queued++] = lock->packages[i];
	}
	for (size_t i = 0; i < queued; i++)
		MC_TRY(leave_out(c, queue[i], queue, &queued));
	return MC_OK;
}

/* PEP 751: the groups asked for come on top of those that a lock has by itself.  */
static enum mc_status join_groups(struct chooser *c)
{
	const struct mc_lock *lock = c->lock;
	size_t count = lock->default_groups_count + c->wish->groups_count;
	struct mc_str *groups = MC_TAKE_ARRAY(c->scratch, struct mc_str, count + 1);

	if (!groups)
		return mc_no_memory(c->err);
	for (size_t i = 0; i < count; i++)
		groups[i] = i < lock->default_groups_count
				    ? lock->default_groups[i]
				    : c->wish->groups[i - lock->default_groups_count];
	c->env.is_lock = true;
	c->env.groups = groups;
	c->env.groups_count = count;
	return MC_OK;
}

static enum mc_status choose(struct chooser *c)
{
	c->env.extras_count = c->env.groups_count = 0;
	c->env.is_lock = false;
	if (c->lock->is_pep751)
		MC_TRY(join_groups(c));
	return c->lock->has_roots ? choose_from_roots(c) : choose_by_leaving_out(c);
}

enum mc_status mc_lock_choose(struct mc_lock *lock, struct mc_arena *scratch,
			      const struct mc_marker_env *env, const struct mc_lock_wish *wish,
			      struct mc_error *err)
{
	struct chooser c = {.lock = lock, .scratch = scratch, .wish = wish, .env = *env, .err = err};
	struct mc_mark mark = mc_arena_mark(scratch);
	enum mc_status status = choose(&c);

	mc_arena_rewind(scratch, mark);
	return status;
}
