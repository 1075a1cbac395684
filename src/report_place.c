/* SPDX-License-Identifier: MIT */
#include "report_place.h"

#include "paper.h"

#include <stdlib.h>
#include <string.h>

/* ---- which ---- */

bool mc_is_told(const struct mc_survey *survey, const struct mc_finding *finding)
{
	return !finding->excuse && (!finding->is_against || survey->advice == MC_ADVICE_SLIM);
}

enum mc_status mc_told_findings(const struct mc_survey *survey, struct mc_arena *arena,
				const struct mc_finding ***told_out, size_t *count_out)
{
	const struct mc_finding **told = MC_TAKE_ARRAY(arena, const struct mc_finding *, survey->findings_count + 1);
	size_t count = 0;

	if (!told)
		return MC_ERR_NOMEM;
	/* Those about the target before those about the image to stay on.  */
	for (int rank = 2 * MC_SEVERITY_ERROR + 1; rank >= 0; rank--)
		for (size_t i = 0; i < survey->findings_count; i++) {
			const struct mc_finding *f = &survey->findings[i];

			if ((int)f->severity == rank / 2 && f->is_against == !(rank % 2) && mc_is_told(survey, f))
				told[count++] = f;
		}
	*told_out = told;
	*count_out = count;
	return MC_OK;
}

/* ---- where ---- */

struct mc_str mc_page_url(struct mc_arena *arena, const char *docs_url, const struct mc_rule_info *rule)
{
	struct mc_str base = mc_str_of(docs_url);

	while (mc_str_ends(base, MC_STR("/")))
		base.len--;
	return mc_arena_printf(arena, "%.*s/rules/%s.md", MC_TEXT(base), rule->code);
}

/* mc_arena_printf("%.*s") ends at a NUL, which a name may hold.  */
static struct mc_str joined(struct mc_arena *arena, struct mc_str a, struct mc_str mark, struct mc_str b)
{
	char *text = mc_arena_take(arena, a.len + mark.len + b.len + 1, 1);

	if (!text)
		return MC_STR("");
	if (a.len)
		memcpy(text, a.ptr, a.len);
	memcpy(text + a.len, mark.ptr, mark.len);
	if (b.len)
		memcpy(text + a.len + mark.len, b.ptr, b.len);
	return (struct mc_str){text, a.len + mark.len + b.len};
}

/* It is in a file of that very dist, not in one of the wheel that pip would take.  */
static bool has_file(const struct mc_finding *finding)
{
	return finding->path.len && finding->object && finding->object->dist == finding->dist;
}

static struct mc_str without_dot(struct mc_str path)
{
	while (path.len > 2 && mc_str_starts(path, MC_STR("./")))
		for (path = mc_str_skip(path, 2); path.len > 1 && path.ptr[0] == '/';)
			path = mc_str_skip(path, 1);
	return path;
}

struct mc_str mc_dist_place(const struct mc_dist *dist)
{
	return dist->path.len ? without_dot(dist->path) : MC_STR(".");
}

struct mc_str mc_place_of(struct mc_arena *arena, const struct mc_finding *finding)
{
	const struct mc_dist *dist = finding->dist;
	struct mc_str root = dist->root, path = finding->path;

	if (!has_file(finding))
		return mc_dist_place(dist);
	if (dist->kind == MC_DIST_WHEEL)
		return joined(arena, mc_dist_place(dist), MC_STR("!/"), path);
	if (!root.len || path.ptr[0] == '/')
		return path;
	while (root.len && root.ptr[root.len - 1] == '/')
		root.len--;
	return without_dot(joined(arena, root, MC_STR("/"), path));
}

unsigned mc_line_of(const struct mc_finding *finding)
{
	return has_file(finding) && finding->line ? finding->line : 1;
}

/* ---- in which words ---- */

struct mc_str mc_dist_title(struct mc_arena *arena, const struct mc_dist *dist)
{
	if (!dist->name.len)
		return MC_STR("files that no dist claims");
	return mc_arena_printf(arena, "%.*s%s%.*s", MC_TEXT(dist->name), dist->version.len ? " " : "",
			       MC_TEXT(dist->version));
}

struct mc_str mc_finding_text(struct mc_arena *arena, const struct mc_survey *survey, const struct mc_alike *alike)
{
	const struct mc_finding *f = alike->first;
	struct mc_str text = f->message;

	if (alike->more)
		text = joined(arena, mc_arena_printf(arena, "and %zu more", alike->more), MC_STR(": "), text);
	if (f->subject.len)
		text = joined(arena, f->subject, alike->more ? MC_STR(" ") : MC_STR(": "), text);
	if (f->is_against && !mc_str_find(f->message, mc_str_of(survey->against.name), NULL))
		text = joined(arena, mc_arena_printf(arena, "on %s", survey->against.name), MC_STR(": "), text);
	if (f->path.len && !has_file(f) && !mc_str_is(f->path, f->subject))
		text = joined(arena, text, MC_STR(", in "), f->path);
	return text;
}

struct mc_str mc_finding_line(struct mc_arena *arena, const struct mc_survey *survey, const struct mc_alike *alike)
{
	struct mc_str text = mc_finding_text(arena, survey, alike);

	return alike->first->fix.len ? joined(arena, text, MC_STR(" -> "), alike->first->fix) : text;
}

struct mc_str mc_titled_line(struct mc_arena *arena, const struct mc_survey *survey, const struct mc_finding *finding)
{
	return joined(arena, mc_dist_title(arena, finding->dist), MC_STR(": "),
		      mc_finding_line(arena, survey, &(struct mc_alike){finding, 0}));
}

/* ---- together ---- */

bool mc_is_alike(const struct mc_finding *a, const struct mc_finding *b)
{
	return a->dist == b->dist && a->rule == b->rule && a->severity == b->severity &&
	       a->is_against == b->is_against && mc_str_is(a->message, b->message) && mc_str_is(a->fix, b->fix);
}

enum mc_status mc_group_alike(const struct mc_finding *const *items, size_t count, size_t groups_max,
			      struct mc_arena *arena, const struct mc_alike **groups_out, size_t *count_out,
			      size_t *left_out)
{
	struct mc_alike *groups = MC_TAKE_ARRAY(arena, struct mc_alike, groups_max + 1);
	bool *is_done = MC_TAKE_ARRAY(arena, bool, count + 1);
	size_t groups_count = 0;

	*left_out = 0;
	if (!groups || !is_done)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		if (is_done[i])
			continue;
		if (groups_count == groups_max) {
			++*left_out;
			continue;
		}
		groups[groups_count].first = items[i];
		for (size_t n = i + 1; n < count && items[n]->dist == items[i]->dist; n++) {
			if (is_done[n] || !mc_is_alike(items[i], items[n]))
				continue;
			is_done[n] = true;
			groups[groups_count].more++;
		}
		groups_count++;
	}
	*groups_out = groups;
	*count_out = groups_count;
	return MC_OK;
}

/* ---- known again ---- */

static void add_text(struct mc_sha256 *sum, struct mc_str text)
{
	/* Its length before it: "ab" and "c" are not "a" and "bc".  */
	char length[32];

	mc_sha256_add(sum, length, (size_t)snprintf(length, sizeof(length), "%zu:", text.len));
	if (text.len)
		mc_sha256_add(sum, text.ptr, text.len);
}

static void take_print(const struct mc_finding *f, size_t order, struct mc_fingerprint *print_out)
{
	struct mc_sha256 sum;
	char number[32];

	print_out->finding = f;
	mc_sha256_init(&sum);
	add_text(&sum, mc_str_of(mc_rule_info(f->rule)->code));
	add_text(&sum, f->dist->name);
	add_text(&sum, mc_short_path(f->path));
	add_text(&sum, f->subject);
	if (f->is_against)
		add_text(&sum, MC_STR("against"));
	if (order)
		mc_sha256_add(&sum, number, (size_t)snprintf(number, sizeof(number), "#%zu", order));
	mc_sha256_end(&sum, print_out->hex);
}

/* By digits, then as the findings stand in the survey.  */
static int order_of_prints(const void *a, const void *b)
{
	const struct mc_fingerprint *x = *(struct mc_fingerprint *const *)a, *y = *(struct mc_fingerprint *const *)b;
	int order = strcmp(x->hex, y->hex);

	return order ? order : (x->finding > y->finding) - (x->finding < y->finding);
}

enum mc_status mc_fingerprints(const struct mc_finding *const *told, size_t count, struct mc_arena *arena,
			       const struct mc_fingerprint **prints_out)
{
	struct mc_fingerprint *prints = MC_TAKE_ARRAY(arena, struct mc_fingerprint, count + 1);
	struct mc_fingerprint **sorted = MC_TAKE_ARRAY(arena, struct mc_fingerprint *, count + 1);
	char hex[MC_SHA256_HEX_NBYTES + 1] = "";
	size_t order = 0;

	if (!prints || !sorted)
		return MC_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		take_print(told[i], 0, &prints[i]);
		sorted[i] = &prints[i];
	}
	if (count)
		qsort(sorted, count, sizeof(*sorted), order_of_prints);
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(sorted[i]->hex, hex)) {
			take_print(sorted[i]->finding, ++order, sorted[i]);
			continue;
		}
		memcpy(hex, sorted[i]->hex, sizeof(hex));
		order = 0;
	}
	*prints_out = prints;
	return MC_OK;
}
