// Answers of the API server, refusals in the real one's words.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "test/simulation/server/object_log.h"

namespace ffdl::simulation {

struct Answer {
  int status = 200;
  std::string body;
  std::chrono::milliseconds retry_after{0};
  bool changed = false;  // whether a new version was stored

  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

[[nodiscard]] Answer Refuse(int status, std::string_view reason, std::string_view message);

[[nodiscard]] Answer NotFound(const Kind& kind, const std::string& name);
[[nodiscard]] Answer AlreadyExists(const Kind& kind, const std::string& name);
// "Operation cannot be fulfilled on <kind> "<name>": <why>"
[[nodiscard]] Answer ConflictOf(const Kind& kind, const std::string& name, std::string_view why);
[[nodiscard]] Answer VersionConflict(const Kind& kind, const std::string& name);
[[nodiscard]] Answer Expired(std::int64_t version, std::int64_t oldest);
[[nodiscard]] Answer TooLargeVersion(std::int64_t version, std::int64_t newest);
[[nodiscard]] Answer TooManyRequests(std::chrono::seconds retry_after);
[[nodiscard]] Answer InternalError();

}  // namespace ffdl::simulation
