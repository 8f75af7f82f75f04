#include "test/simulation/faults/fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace ffdl::simulation {
namespace {

using enum FaultKind;

template <typename Enum>
using Word = std::pair<Enum, std::string_view>;

constexpr std::array kPlaceWords{
    Word<Where>{Where::kWrite, "write"}, Word<Where>{Where::kLease, "lease"},
    Word<Where>{Where::kRead, "read"},   Word<Where>{Where::kEvent, "event"},
    Word<Where>{Where::kFill, "fill"},
};

constexpr std::array kKindWords{
    Word<FaultKind>{kCrashBefore, "crash-before"},
    Word<FaultKind>{kCrashAfter, "crash-after"},
    Word<FaultKind>{kCrashToLagging, "crash-to-lagging"},
    Word<FaultKind>{kPause, "pause"},
    Word<FaultKind>{kStop, "stop"},
    Word<FaultKind>{kNotSent, "not-sent"},
    Word<FaultKind>{kLost, "lost"},
    Word<FaultKind>{kAnswerLost, "answer-lost"},
    Word<FaultKind>{kLate, "late"},
    Word<FaultKind>{kSlow, "slow"},
    Word<FaultKind>{kConflict, "conflict"},
    Word<FaultKind>{kThrottled, "throttled"},
    Word<FaultKind>{kThrottledBare, "throttled-bare"},
    Word<FaultKind>{kErrorBefore, "error-before"},
    Word<FaultKind>{kErrorAfter, "error-after"},
    Word<FaultKind>{kPartition, "partition"},
    Word<FaultKind>{kDelay, "delay"},
    Word<FaultKind>{kCut, "cut"},
    Word<FaultKind>{kBreak, "break"},
    Word<FaultKind>{kExpire, "expire"},
    Word<FaultKind>{kExpireStatus, "expire-status"},
    Word<FaultKind>{kCoalesce, "coalesce"},
    Word<FaultKind>{kTimeTravel, "time-travel"},
    Word<FaultKind>{kNoStreaming, "no-streaming"},
    Word<FaultKind>{kNeverEnds, "never-ends"},
    Word<FaultKind>{kForbidden, "forbidden"},
    Word<FaultKind>{kAbsent, "absent"},
};

constexpr std::array kAtWrite{kCrashBefore,   kCrashAfter,  kCrashToLagging, kPause,
                              kStop,          kNotSent,     kLost,           kAnswerLost,
                              kLate,          kSlow,        kConflict,       kThrottled,
                              kThrottledBare, kErrorBefore, kErrorAfter,     kPartition};
constexpr std::array kAtRead{kCrashBefore, kPause,     kNotSent,     kLost,
                             kSlow,        kThrottled, kErrorBefore, kPartition};
constexpr std::array kAtEvent{kCrashBefore, kCrashAfter, kCrashToLagging, kPause,  kStop,
                              kDelay,       kCut,        kBreak,          kExpire, kExpireStatus,
                              kCoalesce,    kTimeTravel};
constexpr std::array kAtFill{kCrashBefore,  kCrashAfter,  kThrottled, kErrorBefore, kBreak,
                             kExpireStatus, kNoStreaming, kNeverEnds, kForbidden,   kAbsent};

template <typename Enum, std::size_t N>
std::string_view WordOf(const std::array<Word<Enum>, N>& words, Enum value) {
  return std::ranges::find(words, value, &Word<Enum>::first)->second;
}

template <typename Enum, std::size_t N>
std::optional<Enum> ValueOf(const std::array<Word<Enum>, N>& words, std::string_view word) {
  const auto it = std::ranges::find(words, word, &Word<Enum>::second);
  return it == words.end() ? std::nullopt : std::optional<Enum>(it->first);
}

std::optional<Fault> ParseFault(std::string_view text) {
  const std::size_t at = text.find('@');
  const std::size_t colon = text.find(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon < at) return {};
  const auto kind = ValueOf(kKindWords, text.substr(0, at));
  const auto where = ValueOf(kPlaceWords, text.substr(at + 1, colon - at - 1));
  const std::string_view number = text.substr(colon + 1);
  int nth = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), nth);
  if (!kind || !where || error != std::errc{} || end != number.data() + number.size()) return {};
  return Fault{.place = {.where = *where, .nth = nth}, .kind = *kind};
}

}  // namespace

std::span<const FaultKind> KindsAt(Where where) {
  switch (where) {
    case Where::kWrite:
    case Where::kLease:
      return kAtWrite;
    case Where::kRead:
      return kAtRead;
    case Where::kEvent:
      return kAtEvent;
    case Where::kFill:
      return kAtFill;
  }
  return {};
}

std::string_view ToString(FaultKind kind) { return WordOf(kKindWords, kind); }

std::string ToString(const Fault& fault) {
  return fmt::format("{}@{}:{}", ToString(fault.kind), WordOf(kPlaceWords, fault.place.where),
                     fault.place.nth);
}

std::string ToString(const FaultPlan& plan) {
  std::string text;
  for (const Fault& fault : plan) text.append(text.empty() ? "" : ",").append(ToString(fault));
  return text.empty() ? "none" : text;
}

k8s::Result<FaultPlan> ParseFaultPlan(std::string_view text) {
  FaultPlan plan;
  if (text == "none") return plan;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const auto fault = ParseFault(text.substr(0, end));
    if (!fault) {
      return k8s::Fail(k8s::ErrorCode::kInvalid,
                       fmt::format("'{}' is no fault; one is KIND@PLACE:NTH, like "
                                   "crash-after@write:7",
                                   text.substr(0, end)));
    }
    plan.push_back(*fault);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return plan;
}

}  // namespace ffdl::simulation
