#include "operator/agent/fetch_progress.h"

#include <algorithm>

namespace ffdl::agent {
namespace {

constexpr std::chrono::seconds kBetweenLines{5};
constexpr std::int64_t kMebibyte = 1 << 20;

}  // namespace

std::string MebibytesOf(std::int64_t bytes) {
  return std::to_string(bytes / kMebibyte) + "." +
         std::to_string(bytes % kMebibyte * 10 / kMebibyte) + " MiB";
}

FetchProgress::FetchProgress(const Say& say, Clock::time_point now) : say_(say), said_(now) {}

void FetchProgress::Update(std::int64_t bytes, std::int64_t total, Clock::time_point now) {
  if (now - said_ < kBetweenLines) return;
  said_ = now;
  if (total == 0) return say_(MebibytesOf(bytes) + " so far");
  say_(std::to_string(std::min<std::int64_t>(bytes * 100 / total, 100)) + "% of " +
       MebibytesOf(total));
}

}  // namespace ffdl::agent
