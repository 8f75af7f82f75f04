// What the end of a request means. Pure: no I/O.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "operator/object_store/result.h"

namespace ffdl::object_store {

// How one try of a request ended.
struct Answer {
  long status = 0;      // of HTTP; 0 if none came
  std::string problem;  // of the network, of TLS or with what came; "" if none
  ErrorKind problem_kind = ErrorKind::kUnavailable;
  bool problem_passes = false;  // another try may do better
  std::string body;             // of an answer that is not 200
  std::string bucket_region;    // header x-amz-bucket-region
  std::string location;         // header Location
  std::chrono::seconds retry_after{0};
};

struct Failure {
  Error error;
  bool passes = false;  // another try may do better
};

// Nothing when the request did what it should. `request` is how the error names it, `region` the
// one that it was signed for.
[[nodiscard]] std::optional<Failure> FailureOf(const Answer& answer, const std::string& request,
                                               const std::string& region);

}  // namespace ffdl::object_store
