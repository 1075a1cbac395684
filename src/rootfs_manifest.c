/* SPDX-License-Identifier: MIT */
/*
 * docker's image specification 1.2 (manifest.json of "docker save"), and the OCI image
 * specification 1.1: image-layout.md, image-index.md, manifest.md.
 */
#include "json_read.h"
#include "rootfs_impl.h"

#include <string.h>

static struct mc_str text_of(const json_t *value)
{
	return json_is_string(value)
		       ? (struct mc_str){json_string_value(value), json_string_length(value)}
		       : MC_STR("");
}

static enum mc_status bad(const struct mc_rootfs *rootfs, struct mc_error *err, const char *text)
{
	return mc_fail(err, MC_ERR_FORMAT, rootfs->path, "no image: %s", text);
}

/* The JSON of a blob; NULL when it is not there or no JSON.  */
static json_t *load(const struct mc_rootfs *rootfs, struct mc_str name)
{
	const struct mc_rootfs_blob *blob = mc_rootfs_blob(rootfs, name);

	return blob && blob->text.ptr ? mc_json_load(blob->text, 0, NULL) : NULL;
}

static enum mc_status add_layer(struct mc_rootfs *rootfs, struct mc_str name, struct mc_error *err)
{
	const struct mc_rootfs_blob *blob = name.len ? mc_rootfs_blob(rootfs, name) : NULL;
	struct mc_str copy;

	if (blob && blob->is_other)
		return mc_fail(err, MC_ERR_FORMAT, rootfs->path,
			       "damaged image: layer %zu has another digest than its name says",
			       rootfs->layers_count + 1);
	if (!blob)
		return mc_fail(err, MC_ERR_FORMAT, rootfs->path, "no image: layer %zu, %.*s, is not in it",
			       rootfs->layers_count + 1, (int)(name.len < 80 ? name.len : 80), name.ptr);
	if (rootfs->layers_count == MC_LAYERS_MAX)
		return mc_fail(err, MC_ERR_LIMIT, rootfs->path, "more than %d layers", MC_LAYERS_MAX);
	if (mc_arena_copy(rootfs->arena, name, &copy))
		return mc_no_memory(err);
	rootfs->layers[rootfs->layers_count++] = copy;
	return MC_OK;
}

static enum mc_status keep_tag(struct mc_rootfs *rootfs, struct mc_str tag, struct mc_error *err)
{
	return mc_arena_copy(rootfs->arena, tag, &rootfs->tag) ? mc_no_memory(err) : MC_OK;
}

/* ---- docker ---- */

/* One tar may hold several images, and an answer is about one.  */
static enum mc_status read_docker(struct mc_rootfs *rootfs, const json_t *manifest, struct mc_error *err)
{
	const json_t *image = json_array_get(manifest, 0), *layer;
	const json_t *layers = json_object_get(image, "Layers");
	size_t i;

	if (!json_is_array(layers))
		return bad(rootfs, err, "its manifest.json names no layers");
	json_array_foreach(manifest, i, layer)
		if (!json_equal(json_object_get(layer, "Layers"), layers))
			return bad(rootfs, err, "several are in it: save one at a time");
	json_array_foreach(layers, i, layer)
		MC_TRY(add_layer(rootfs, text_of(layer), err));
	return keep_tag(rootfs, text_of(json_array_get(json_object_get(image, "RepoTags"), 0)), err);
}

/* ---- OCI ---- */

/* "blobs/sha256/ab..." of "sha256:ab...".  */
static struct mc_str blob_name(struct mc_rootfs *rootfs, const json_t *descriptor)
{
	struct mc_str digest = text_of(json_object_get(descriptor, "digest")), rest = digest, algorithm;

	algorithm = mc_str_cut(&rest, ':');
	return mc_arena_printf(&rootfs->scratch, "blobs/%.*s/%.*s", MC_TEXT(algorithm), MC_TEXT(rest));
}

static bool is_platform(const json_t *descriptor, const char *architecture)
{
	const json_t *platform = json_object_get(descriptor, "platform");

	return mc_str_is(text_of(json_object_get(platform, "os")), MC_STR("linux")) &&
	       (!architecture || mc_str_is(text_of(json_object_get(platform, "architecture")),
					   mc_str_of(architecture)));
}

/* For several platforms: amd64's, else the first of Linux, else the first.  */
static const json_t *choose(const json_t *manifests)
{
	const json_t *one;
	size_t i;

	json_array_foreach(manifests, i, one)
		if (is_platform(one, "amd64"))
			return one;
	json_array_foreach(manifests, i, one)
		if (is_platform(one, NULL))
			return one;
	return json_array_get(manifests, 0);
}

/* As json_equal(), for which nothing is not nothing.  */
static bool is_same(const json_t *a, const json_t *b)
{
	return (!a && !b) || json_equal(a, b);
}

/* Another one for the same platform, that is another image; two tags of one have one digest.  */
static bool is_several(const json_t *manifests, const json_t *chosen)
{
	const json_t *one;
	size_t i;

	json_array_foreach(manifests, i, one)
		if (is_same(json_object_get(one, "platform"), json_object_get(chosen, "platform")) &&
		    !is_same(json_object_get(one, "digest"), json_object_get(chosen, "digest")))
			return true;
	return false;
}

static enum mc_status read_layers(struct mc_rootfs *rootfs, const json_t *manifest, struct mc_error *err)
{
	const json_t *layers = json_object_get(manifest, "layers"), *layer;
	size_t i;

	if (!json_is_array(layers))
		return bad(rootfs, err, "its manifest names no layers");
	json_array_foreach(layers, i, layer)
		MC_TRY(add_layer(rootfs, blob_name(rootfs, layer), err));
	return MC_OK;
}

static enum mc_status read_oci(struct mc_rootfs *rootfs, const json_t *index, struct mc_error *err)
{
	static const char key[] = "org.opencontainers.image.ref.name";
	json_t *document = NULL;
	enum mc_status status = MC_OK;

	/* An index may lead to another one, but no further.  */
	for (unsigned depth = 0; depth < 3 && !status; depth++) {
		const json_t *one = choose(json_object_get(index, "manifests"));
		struct mc_str tag = text_of(json_object_get(json_object_get(one, "annotations"), key));
		json_t *next;

		if (is_several(json_object_get(index, "manifests"), one)) {
			status = bad(rootfs, err, "several are in it: save one at a time");
			break;
		}
		next = load(rootfs, blob_name(rootfs, one));
		if (tag.len)
			status = keep_tag(rootfs, tag, err);
		json_decref(document);
		document = next;
		index = document;
		if (!document)
			status = bad(rootfs, err, "its index leads to no manifest");
		else if (!json_object_get(document, "manifests"))
			break;
	}
	if (!status)
		status = read_layers(rootfs, document, err);
	json_decref(document);
	return status;
}

enum mc_status mc_rootfs_read_manifest(struct mc_rootfs *rootfs, struct mc_error *err)
{
	json_t *docker = load(rootfs, MC_STR("manifest.json")), *oci = load(rootfs, MC_STR("index.json"));
	enum mc_status status = MC_END;

	if (docker)
		status = read_docker(rootfs, docker, err);
	else if (oci)
		status = read_oci(rootfs, oci, err);
	json_decref(docker);
	json_decref(oci);
	return status;
}
