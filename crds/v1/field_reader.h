// Reads the fields of a JSON object into C++ values and says by path what is wrong with it. Only
// for crds/v1: no type of simdjson goes further.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/meta/time.h"

namespace ffdl::v1 {

// One object of the document. A field that is missing or null leaves its target as it is, so a
// target's initial value is the default. The first field of a wrong type ends up in `problem`; what
// is read after that has no meaning. Never throws. Borrows all it is given, and what the parser of
// the document holds; a reader of an inner object must not outlive the reader it came from.
class FieldReader {
 public:
  FieldReader(simdjson::dom::object object, std::optional<k8s::Error>& problem)
      : object_(object), problem_(problem) {}

  void Read(std::string_view name, std::string& target);
  void Read(std::string_view name, std::optional<std::string>& target);
  void Read(std::string_view name, std::int32_t& target);
  void Read(std::string_view name, std::int64_t& target);
  void Read(std::string_view name, std::optional<std::int64_t>& target);
  void Read(std::string_view name, bool& target);
  void Read(std::string_view name, k8s::Time& target);  // RFC 3339
  void Read(std::string_view name, std::optional<k8s::Time>& target);
  void Read(std::string_view name, std::vector<std::string>& target);
  void Read(std::string_view name, std::vector<std::int32_t>& target);
  void Read(std::string_view name, k8s::Labels& target);
  // A quantity: text, or an integer that becomes text.
  void ReadQuantity(std::string_view name, std::string& target);
  // Any value of the same JSON type as `target`, as it is.
  void ReadAsIs(std::string_view name, nlohmann::json& target);

  // One of the words of `table`, a range of pairs of value and word.
  template <typename Enum>
  void ReadWord(std::string_view name, std::span<const std::pair<Enum, std::string_view>> table,
                Enum& target) {
    std::string word;
    Read(name, word);
    if (word.empty()) return;
    for (const auto& [value, text] : table) {
      if (text != word) continue;
      target = value;
      return;
    }
    RefuseWord(name, word);
  }

  // The inner object of that name; nothing when it is missing.
  [[nodiscard]] std::optional<FieldReader> Enter(std::string_view name);
  // Calls `visit` for each item of a list of objects, in order.
  void ForEach(std::string_view name, const std::function<void(FieldReader&)>& visit);

 private:
  using Element = simdjson::dom::element;
  struct Range {
    std::int64_t min;
    std::int64_t max;
  };
  static constexpr Range kInt32{std::numeric_limits<std::int32_t>::min(),
                                std::numeric_limits<std::int32_t>::max()};
  static constexpr Range kInt64{std::numeric_limits<std::int64_t>::min(),
                                std::numeric_limits<std::int64_t>::max()};

  FieldReader(simdjson::dom::object object, const FieldReader& parent, std::string_view name,
              std::optional<std::size_t> index)
      : object_(object), problem_(parent.problem_), parent_(&parent), name_(name), index_(index) {}

  [[nodiscard]] std::optional<Element> Find(std::string_view name) const;
  // "spec.storage.shared"; made only when there is something to complain about.
  [[nodiscard]] std::string Path() const;
  [[nodiscard]] std::string PathOf(std::string_view name) const;
  void Refuse(std::string_view path, std::string_view must, Element found);
  void RefuseWord(std::string_view name, std::string_view word);
  // The text of a field that is there and is a string.
  [[nodiscard]] std::optional<std::string_view> FindString(std::string_view name);
  // The integer of a field, or of the item `index` of a list.
  void ReadInteger(std::string_view name, std::optional<std::size_t> index, Element value,
                   const Range& range, std::int64_t& target);

  const simdjson::dom::object object_;
  std::optional<k8s::Error>& problem_;
  const FieldReader* parent_ = nullptr;
  std::string_view name_;
  std::optional<std::size_t> index_;
};

}  // namespace ffdl::v1
