#include "k8s-client/meta/compact.h"
#include "k8s-client/meta/compact_format.h"

namespace ffdl::k8s {

using compact::TextForm;

std::uint64_t CompactReader::Unsigned() {
  std::uint64_t number = 0;
  for (unsigned shift = 0;; shift += compact::kBitsPerByte) {
    const auto byte = static_cast<std::uint8_t>(buffer_[at_++]);
    number |= (byte & ~compact::kMore) << shift;
    if ((byte & compact::kMore) == 0) return number;
  }
}

std::int64_t CompactReader::Signed() {
  const std::uint64_t bits = Unsigned();
  const auto magnitude = static_cast<std::int64_t>(bits >> 1U);
  return (bits & 1U) != 0 ? ~magnitude : magnitude;
}

std::string_view CompactReader::Bytes(std::size_t count) {
  const std::string_view bytes = buffer_.substr(at_, count);
  at_ += count;
  return bytes;
}

std::string_view CompactReader::TextView() {
  const std::uint64_t tag = Unsigned();
  const std::uint64_t number = tag >> compact::kFormBits;
  switch (static_cast<TextForm>(tag & ((1U << compact::kFormBits) - 1))) {
    case TextForm::kInline:
      return Bytes(number);
    case TextForm::kPointer:
      return buffer_.substr(Unsigned(), number);
    case TextForm::kWord:
      return words_.WordOf(static_cast<std::uint32_t>(number));
  }
  return {};
}

void CompactReader::Text(std::string& text) { text = TextView(); }

void CompactReader::Uid(std::string& uid) {
  if (Unsigned() == 0) return Text(uid);
  static constexpr std::string_view kDigits = "0123456789abcdef";
  uid.clear();
  uid.reserve(compact::kUuidTextBytes);
  for (const char byte : Bytes(compact::kUuidBytes)) {
    if (compact::IsDash(uid.size())) uid += '-';
    const auto bits = static_cast<std::uint8_t>(byte);
    uid += kDigits[bits / 16];
    uid += kDigits[bits % 16];
  }
}

void CompactReader::Value(Time& time) {
  const std::int64_t number = Signed();
  const bool has_micros = (number & 1) != 0;
  const std::chrono::seconds seconds((number - (has_micros ? 1 : 0)) / 2);
  time = Time(seconds + std::chrono::microseconds(has_micros ? Signed() : 0));
}

void CompactReader::Value(Labels& labels) {
  for (std::uint64_t left = Unsigned(); left > 0; --left) {
    const std::string_view key = TextView();
    labels.emplace_hint(labels.end(), key, TextView());
  }
}

void CompactReader::Value(nlohmann::json& json) {
  const std::string_view text = TextView();
  // The usual podTemplate, and an env that is not given.
  if (text == "{}") {
    json = nlohmann::json::object();
  } else if (text == "[]") {
    json = nlohmann::json::array();
  } else {
    json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  }
}

}  // namespace ffdl::k8s
