#include "k8s-client/meta/time.h"

#include <fmt/format.h>

#include <charconv>
#include <ctime>

namespace ffdl::k8s {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::microseconds;
using std::chrono::seconds;

std::string Format(Time time, bool fraction) {
  const auto day = floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (fraction) text += fmt::format(".{:06}", clock.subseconds().count());
  return text + "Z";
}

// Reads exactly `digits` decimal digits at the front of `text` and drops them; -1 when they are not
// there.
int TakeNumber(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  const char* const end = text.data() + digits;
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || value < 0) return -1;
  text.remove_prefix(digits);
  return value;
}

bool TakeChar(std::string_view& text, char wanted) {
  if (text.empty() || (text.front() | 0x20) != (wanted | 0x20)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<microseconds> TakeFraction(std::string_view& text) {
  if (text.empty() || text.front() != '.') return microseconds{0};
  text.remove_prefix(1);
  int micros = 0;
  int digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
    if (digits++ < 6) micros = micros * 10 + (text.front() - '0');
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 6; ++digits) micros *= 10;
  return microseconds{micros};
}

std::optional<seconds> TakeOffset(std::string_view& text) {
  if (TakeChar(text, 'Z')) return seconds{0};
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '+' ? 1 : -1;
  text.remove_prefix(1);
  const int hours = TakeNumber(text, 2);
  if (hours < 0 || !TakeChar(text, ':')) return std::nullopt;
  const int minutes = TakeNumber(text, 2);
  if (minutes < 0) return std::nullopt;
  return sign * seconds{hours * 3600 + minutes * 60};
}

// An offset can lead out of the years that have four digits.
bool IsWritable(Time time) {
  const std::chrono::year year = std::chrono::year_month_day(floor<days>(time)).year();
  return year >= std::chrono::year(0) && year <= std::chrono::year(9999);
}

class MachineClock final : public Clock {
 public:
  [[nodiscard]] Time Now() const override {
    return floor<microseconds>(std::chrono::system_clock::now());
  }
  [[nodiscard]] std::chrono::nanoseconds Steady() const override {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
  }
};

}  // namespace

std::string FormatTime(Time time) { return Format(time, /*fraction=*/false); }
std::string FormatMicroTime(Time time) { return Format(time, /*fraction=*/true); }

std::optional<Time> ParseTime(std::string_view text) {
  const int year = TakeNumber(text, 4);
  if (year < 0 || !TakeChar(text, '-')) return std::nullopt;
  const int month = TakeNumber(text, 2);
  if (month < 0 || !TakeChar(text, '-')) return std::nullopt;
  const int day = TakeNumber(text, 2);
  if (day < 0 || !TakeChar(text, 'T')) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  const int hour = TakeNumber(text, 2);
  if (hour < 0 || hour > 23 || !TakeChar(text, ':')) return std::nullopt;
  const int minute = TakeNumber(text, 2);
  if (minute < 0 || minute > 59 || !TakeChar(text, ':')) return std::nullopt;
  const int second = TakeNumber(text, 2);
  if (second < 0 || second > 60) return std::nullopt;
  const std::optional<microseconds> fraction = TakeFraction(text);
  if (!fraction) return std::nullopt;
  const std::optional<seconds> offset = TakeOffset(text);
  if (!offset || !text.empty()) return std::nullopt;
  const Time time = Time(std::chrono::sys_days(date)) +
                    seconds{hour * 3600 + minute * 60 + second} + *fraction - *offset;
  return IsWritable(time) ? std::optional(time) : std::nullopt;
}

const Clock& SystemClock() {
  static const MachineClock clock;
  return clock;
}

}  // namespace ffdl::k8s
