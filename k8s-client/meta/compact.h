// Values as few bytes: what caches hold instead of objects full of strings and maps. A pod of 9 kB
// of JSON, 3 kB as a value, takes some 250 bytes.
//
// A type takes part by one table of its fields, found by argument-dependent lookup, that serves
// both directions:
//
//   template <typename Codec>
//   void VisitFields(Codec& codec, CompactFields<Codec, Claim>& claim) {
//     codec.Value(claim.meta);
//     codec.Word(claim.phase);
//   }
//
// The bytes are for this process only; they have no version and are never stored.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "k8s-client/meta/interner.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/time.h"

namespace ffdl::k8s {

// T as a codec sees it: read-only for the writer.
template <typename Codec, typename T>
using CompactFields = std::conditional_t<Codec::kWrites, const T, T>;

// Appends to a buffer. Equal values give equal bytes as long as the interner and what stood in the
// buffer before are the same, so bytes can be compared in place of values.
class CompactWriter {
 public:
  static constexpr bool kWrites = true;

  // Borrows both. Text that the buffer holds already, such as the object's name, is not written
  // again but pointed to.
  CompactWriter(Interner& words, std::string& buffer) : words_(words), buffer_(buffer) {}

  void Text(std::string_view text);
  // Text from a small set, such as a phase or a label's key.
  void Word(std::string_view word);
  // Text that is mostly a UUID (RFC 9562, lower case).
  void Uid(std::string_view uid);

  template <typename T>
  void Value(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      Unsigned(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_integral_v<T>) {
      Signed(value);
    } else {
      VisitFields(*this, value);
    }
  }
  void Value(const std::string& text) { Text(text); }
  void Value(Time time);
  void Value(const Labels& labels);
  void Value(const nlohmann::json& json);
  template <typename T>
  void Value(const std::optional<T>& value) {
    Unsigned(value ? 1 : 0);
    if (value) Value(*value);
  }
  template <typename T>
  void Value(const std::vector<T>& values) {
    Unsigned(values.size());
    for (const T& value : values) Value(value);
  }

 private:
  void Unsigned(std::uint64_t number);
  void Signed(std::int64_t number);

  Interner& words_;
  std::string& buffer_;
};

// Reads what a CompactWriter wrote, with the same tables in the same order; anything else is
// undefined.
class CompactReader {
 public:
  static constexpr bool kWrites = false;

  // Borrows both. `buffer` is the writer's, whole; reading begins at `start`.
  CompactReader(const Interner& words, std::string_view buffer, std::size_t start)
      : words_(words), buffer_(buffer), at_(start) {}

  void Text(std::string& text);
  void Word(std::string& word) { Text(word); }
  void Uid(std::string& uid);

  template <typename T>
  void Value(T& value) {
    if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(Unsigned());
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(Signed());
    } else {
      VisitFields(*this, value);
    }
  }
  void Value(std::string& text) { Text(text); }
  void Value(Time& time);
  void Value(Labels& labels);
  void Value(nlohmann::json& json);
  template <typename T>
  void Value(std::optional<T>& value) {
    if (Unsigned() == 0) return;
    Value(value.emplace());
  }
  template <typename T>
  void Value(std::vector<T>& values) {
    values.resize(Unsigned());
    for (T& value : values) Value(value);
  }

 private:
  [[nodiscard]] std::uint64_t Unsigned();
  [[nodiscard]] std::int64_t Signed();
  [[nodiscard]] std::string_view Bytes(std::size_t count);
  [[nodiscard]] std::string_view TextView();

  const Interner& words_;
  const std::string_view buffer_;
  std::size_t at_;
};

}  // namespace ffdl::k8s
