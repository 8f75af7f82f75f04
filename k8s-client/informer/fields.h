// Reading objects field by field with simdjson. Private to this folder.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s-client/informer/padded_json.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/meta/time.h"

namespace ffdl::k8s {

using JsonValue = simdjson::ondemand::value;

// What only begins like null is not null; whoever reads it then says what it should have been.
// (simdjson's own answer, taken for a bool, throws.)
[[nodiscard]] inline bool IsNull(JsonValue& value) {
  bool is_null = false;
  return value.is_null().get(is_null) == simdjson::SUCCESS && is_null;
}

// The first thing that went wrong and where. Readers return false after it, all the way out.
class Trouble {
 public:
  bool Is(std::string_view what) { return what_ = what, false; }
  // Names the field around what went wrong; from the inside out.
  bool In(std::string_view field);
  [[nodiscard]] std::string text() const { return path_.empty() ? what_ : path_ + ": " + what_; }

 private:
  std::string path_;
  std::string what_;
};

// Calls `take(key, value)` for each field; fields that it does not consume are skipped. A null in
// place of the object has no fields.
template <typename Take>
bool ForEachField(simdjson::ondemand::object& object, Trouble& trouble, Take&& take) {
  for (auto item : object) {
    simdjson::ondemand::field field;
    if (std::move(item).get(field) != simdjson::SUCCESS) return trouble.Is("malformed JSON");
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return trouble.Is("malformed key");
    if (!take(key, field.value())) return trouble.In(key);
  }
  return true;
}

template <typename Take>
bool ForEachField(JsonValue value, Trouble& trouble, Take&& take) {
  if (IsNull(value)) return true;
  simdjson::ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return trouble.Is("not an object");
  return ForEachField(object, trouble, std::forward<Take>(take));
}

// Calls `take(value)` for each element. A null in place of the array has none.
template <typename Take>
bool ForEachElement(JsonValue value, Trouble& trouble, Take&& take) {
  if (IsNull(value)) return true;
  simdjson::ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return trouble.Is("not an array");
  std::size_t index = 0;
  for (auto item : array) {
    JsonValue element;
    if (item.get(element) != simdjson::SUCCESS) return trouble.Is("malformed JSON");
    if (!take(element)) return trouble.In("[" + std::to_string(index) + "]");
    ++index;
  }
  return true;
}

// Each leaves `out` as it is for null.
bool Read(JsonValue value, Trouble& trouble, std::string& out);
bool Read(JsonValue value, Trouble& trouble, std::int32_t& out);
bool Read(JsonValue value, Trouble& trouble, std::int64_t& out);
bool Read(JsonValue value, Trouble& trouble, bool& out);
bool Read(JsonValue value, Trouble& trouble, Time& out);
bool Read(JsonValue value, Trouble& trouble, std::optional<Time>& out);
// Only the entries whose key starts with `prefix`.
bool Read(JsonValue value, Trouble& trouble, Labels& out, std::string_view prefix = "");
bool Read(JsonValue value, Trouble& trouble, ObjectMeta& out);

// Parses one object and calls `take(key, value)` for its fields. One parser a thread: not to be
// nested.
class RootParser {
 public:
  template <typename Take>
  static bool ForEachRootField(PaddedJson json, Trouble& trouble, Take&& take) {
    return ForEachRootField(OfThisThread(json.text.size()), json, trouble,
                            std::forward<Take>(take));
  }

  template <typename Take>
  static bool ForEachRootField(simdjson::ondemand::parser& parser, PaddedJson json,
                               Trouble& trouble, Take&& take) {
    simdjson::ondemand::document document;
    const simdjson::padded_string_view text(json.text.data(), json.text.size(),
                                            json.text.size() + PaddedJson::kBytes);
    if (parser.iterate(text).get(document) != simdjson::SUCCESS) {
      return trouble.Is("malformed JSON");
    }
    simdjson::ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) return trouble.Is("not an object");
    if (!ForEachField(object, trouble, std::forward<Take>(take))) return false;
    const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    return at_end || trouble.Is("text after the object");
  }

 private:
  // A parser keeps about five bytes for each byte of the largest text it has seen; beyond this it
  // is replaced by a new one.
  static constexpr std::size_t kKeptTextBytesMax = std::size_t{256} << 10U;

  static simdjson::ondemand::parser& OfThisThread(std::size_t text_bytes);
};

// Reads a whole object whose reader is `take(key, value, object)`; an object without a name is an
// error.
template <typename T, typename Take>
Result<T> ReadWhole(PaddedJson json, Take&& take) {
  T object;
  Trouble trouble;
  const bool ok =
      RootParser::ForEachRootField(json, trouble, [&](std::string_view key, JsonValue value) {
        if (key == "metadata") return Read(value, trouble, object.meta);
        return take(key, value, trouble, object);
      });
  if (!ok) return Fail(ErrorCode::kBadResponse, trouble.text());
  if (object.meta.key.name.empty()) return Fail(ErrorCode::kBadResponse, "metadata.name: missing");
  return object;
}

}  // namespace ffdl::k8s
