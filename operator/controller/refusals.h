#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/meta/time.h"

namespace ffdl::server {

// The writes for jobs that the server refused in a way that only a person can mend: a quota that is
// full, a name that is taken. What a person mends need not be an object that we watch, so a job is
// tried again after kFirst, and after twice that time each time that it is refused again, up to
// kLongest; an edit of the job is tried at once.
//
// Thread-safe. Lost with the process: the next one gets them again by trying.
class Refusals {
 public:
  struct Refusal {
    k8s::Error error;
    k8s::Time again_at;  // when the job is to be tried again
  };

  static constexpr std::chrono::seconds kFirst{5};
  static constexpr std::chrono::minutes kLongest{5};
  static constexpr std::size_t kMax = 10'000;  // further ones take the place of another job's

  // `generation` is the job's metadata.generation of the spec that was refused.
  void Add(const k8s::ObjectKey& job, std::int64_t generation, const k8s::Error& error,
           k8s::Time now);

  // What to report in place of writing; nothing when the job is to be tried.
  [[nodiscard]] std::optional<Refusal> Standing(const k8s::ObjectKey& job, std::int64_t generation,
                                                k8s::Time now);

  void Forget(const k8s::ObjectKey& job);

 private:
  struct Entry {
    Refusal refusal;
    std::int64_t generation = 0;
    std::chrono::milliseconds wait{0};
  };

  std::mutex mutex_;
  std::map<k8s::ObjectKey, Entry> entries_;
};

}  // namespace ffdl::server
