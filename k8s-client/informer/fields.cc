#include "k8s-client/informer/fields.h"

#include <algorithm>
#include <limits>

#include "k8s-client/informer/readers.h"

namespace ffdl::k8s {

bool Trouble::In(std::string_view field) {
  const bool dot = !path_.empty() && path_.front() != '[';
  path_.insert(0, std::string(field) + (dot ? "." : ""));
  return false;
}

bool Read(JsonValue value, Trouble& trouble, std::string& out) {
  if (IsNull(value)) return true;
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return trouble.Is("not a string");
  out = text;
  return true;
}

bool Read(JsonValue value, Trouble& trouble, std::int64_t& out) {
  if (IsNull(value)) return true;
  return value.get_int64().get(out) == simdjson::SUCCESS || trouble.Is("not an integer");
}

bool Read(JsonValue value, Trouble& trouble, std::int32_t& out) {
  std::int64_t wide = out;
  if (!Read(value, trouble, wide)) return false;
  if (wide < std::numeric_limits<std::int32_t>::min() ||
      wide > std::numeric_limits<std::int32_t>::max()) {
    return trouble.Is("out of range");
  }
  out = static_cast<std::int32_t>(wide);
  return true;
}

bool Read(JsonValue value, Trouble& trouble, bool& out) {
  if (IsNull(value)) return true;
  return value.get_bool().get(out) == simdjson::SUCCESS || trouble.Is("not a boolean");
}

bool Read(JsonValue value, Trouble& trouble, std::optional<Time>& out) {
  if (IsNull(value)) return true;
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return trouble.Is("not a string");
  const std::optional<Time> time = ParseTime(text);
  if (!time) return trouble.Is("not a time");
  out = time;
  return true;
}

bool Read(JsonValue value, Trouble& trouble, Time& out) {
  std::optional<Time> time;
  if (!Read(value, trouble, time)) return false;
  out = time.value_or(out);
  return true;
}

bool Read(JsonValue value, Trouble& trouble, Labels& out, std::string_view prefix) {
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue entry) {
    if (!key.starts_with(prefix)) return true;
    return Read(entry, trouble, out[std::string(key)]);
  });
}

namespace {

bool ReadOwner(JsonValue value, Trouble& trouble, OwnerReference& owner) {
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    if (key == "apiVersion") return Read(field, trouble, owner.api_version);
    if (key == "kind") return Read(field, trouble, owner.kind);
    if (key == "name") return Read(field, trouble, owner.name);
    if (key == "uid") return Read(field, trouble, owner.uid);
    if (key == "controller") return Read(field, trouble, owner.controller);
    return true;
  });
}

bool ReadOwners(JsonValue value, Trouble& trouble, std::vector<OwnerReference>& owners) {
  return ForEachElement(value, trouble, [&](JsonValue element) {
    return ReadOwner(element, trouble, owners.emplace_back());
  });
}

bool ReadMetaField(std::string_view key, JsonValue field, Trouble& trouble, ObjectMeta& meta) {
  if (key == "name") return Read(field, trouble, meta.key.name);
  if (key == "namespace") return Read(field, trouble, meta.key.ns);
  if (key == "uid") return Read(field, trouble, meta.uid);
  if (key == "resourceVersion") return Read(field, trouble, meta.resource_version);
  if (key == "generation") return Read(field, trouble, meta.generation);
  if (key == "creationTimestamp") return Read(field, trouble, meta.creation_time);
  if (key == "deletionTimestamp") return Read(field, trouble, meta.deletion_time);
  if (key == "labels") return Read(field, trouble, meta.labels);
  if (key == "annotations") return Read(field, trouble, meta.annotations, kKeptAnnotationPrefix);
  if (key == "ownerReferences") return ReadOwners(field, trouble, meta.owners);
  return true;
}

}  // namespace

bool Read(JsonValue value, Trouble& trouble, ObjectMeta& out) {
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    return ReadMetaField(key, field, trouble, out);
  });
}

std::optional<ObjectMeta> ReadIdentity(PaddedJson json) {
  ObjectMeta meta;
  Trouble ignored;
  // Whatever cannot be read is left out, and so is everything behind a place that is no JSON.
  RootParser::ForEachRootField(json, ignored, [&](std::string_view key, JsonValue value) {
    if (key != "metadata") return true;
    ForEachField(value, ignored, [&](std::string_view name, JsonValue field) {
      if (name == "labels" || name == "annotations") return true;
      ReadMetaField(name, field, ignored, meta);
      return true;
    });
    return true;
  });
  if (meta.key.name.empty()) return std::nullopt;
  return meta;
}

simdjson::ondemand::parser& RootParser::OfThisThread(std::size_t text_bytes) {
  thread_local simdjson::ondemand::parser parser;
  if (parser.capacity() > kKeptTextBytesMax && text_bytes <= kKeptTextBytesMax) {
    parser = simdjson::ondemand::parser();
  }
  return parser;
}

}  // namespace ffdl::k8s
