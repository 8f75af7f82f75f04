#include <algorithm>
#include <array>

#include "k8s-client/meta/compact.h"
#include "k8s-client/meta/compact_format.h"
#include "k8s-client/meta/json_text.h"

namespace ffdl::k8s {
namespace {

using compact::TextForm;

// Pointing to a shorter text would cost as much as the text.
constexpr std::size_t kPointedBytesMin = 4;

int HexDigit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

bool PackUuid(std::string_view text, std::array<char, compact::kUuidBytes>& bytes) {
  if (text.size() != compact::kUuidTextBytes) return false;
  std::size_t at = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (compact::IsDash(i)) {
      if (text[i] != '-') return false;
      continue;
    }
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[++i]);
    if (high < 0 || low < 0) return false;
    bytes.at(at++) = static_cast<char>((high * 16) + low);
  }
  return true;
}

}  // namespace

void CompactWriter::Unsigned(std::uint64_t number) {
  while (number >= compact::kMore) {
    buffer_ += static_cast<char>(number | compact::kMore);
    number >>= compact::kBitsPerByte;
  }
  buffer_ += static_cast<char>(number);
}

void CompactWriter::Signed(std::int64_t number) {
  // The sign goes last, so that small negative numbers stay short.
  const auto bits = static_cast<std::uint64_t>(number);
  Unsigned(number < 0 ? ~(bits << 1U) : bits << 1U);
}

void CompactWriter::Text(std::string_view text) {
  if (text.size() >= kPointedBytesMin) {
    const std::size_t found = buffer_.find(text);
    if (found != std::string::npos) {
      Unsigned(compact::Tag(TextForm::kPointer, text.size()));
      return Unsigned(found);
    }
  }
  Unsigned(compact::Tag(TextForm::kInline, text.size()));
  buffer_ += text;
}

void CompactWriter::Word(std::string_view word) {
  if (word.empty()) return Text(word);
  const auto number = words_.NumberOf(word);
  if (!number) return Text(word);
  Unsigned(compact::Tag(TextForm::kWord, *number));
}

void CompactWriter::Uid(std::string_view uid) {
  std::array<char, compact::kUuidBytes> bytes{};
  const bool packed = PackUuid(uid, bytes);
  Unsigned(packed ? 1 : 0);
  if (!packed) return Text(uid);
  buffer_.append(bytes.data(), bytes.size());
}

void CompactWriter::Value(Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::int64_t micros = (time - seconds).count();
  // Most times of the API are whole seconds.
  Signed((seconds.time_since_epoch().count() * 2) + (micros != 0 ? 1 : 0));
  if (micros != 0) Signed(micros);
}

void CompactWriter::Value(const Labels& labels) {
  Unsigned(labels.size());
  for (const auto& [key, value] : labels) {
    Word(key);
    Text(value);
  }
}

void CompactWriter::Value(const nlohmann::json& json) { Text(JsonText(json)); }

}  // namespace ffdl::k8s
