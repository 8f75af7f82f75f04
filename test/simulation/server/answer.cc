#include "test/simulation/server/answer.h"

#include <fmt/format.h>

namespace ffdl::simulation {

Answer Refuse(int status, std::string_view reason, std::string_view message) {
  const Json body{{"kind", "Status"},    {"apiVersion", "v1"}, {"metadata", Json::object()},
                  {"status", "Failure"}, {"message", message}, {"reason", reason},
                  {"code", status}};
  return {.status = status, .body = body.dump()};
}

Answer NotFound(const Kind& kind, const std::string& name) {
  return Refuse(404, "NotFound", fmt::format("{} \"{}\" not found", kind.QualifiedName(), name));
}

Answer AlreadyExists(const Kind& kind, const std::string& name) {
  return Refuse(409, "AlreadyExists",
                fmt::format("{} \"{}\" already exists", kind.QualifiedName(), name));
}

Answer ConflictOf(const Kind& kind, const std::string& name, std::string_view why) {
  return Refuse(409, "Conflict",
                fmt::format("Operation cannot be fulfilled on {} \"{}\": {}", kind.QualifiedName(),
                            name, why));
}

Answer VersionConflict(const Kind& kind, const std::string& name) {
  return ConflictOf(kind, name,
                    "the object has been modified; please apply your changes to the latest version "
                    "and try again");
}

Answer Expired(std::int64_t version, std::int64_t oldest) {
  return Refuse(410, "Expired", fmt::format("too old resource version: {} ({})", version, oldest));
}

Answer TooLargeVersion(std::int64_t version, std::int64_t newest) {
  return Refuse(504, "Timeout",
                fmt::format("Too large resource version: {}, current: {}", version, newest));
}

Answer TooManyRequests(std::chrono::seconds retry_after) {
  Answer answer = Refuse(429, "TooManyRequests",
                         "the server has received too many requests and has asked us to try again "
                         "later");
  answer.retry_after = retry_after;
  return answer;
}

Answer InternalError() {
  return Refuse(500, "InternalError", "Internal error occurred: etcdserver: leader changed");
}

}  // namespace ffdl::simulation
