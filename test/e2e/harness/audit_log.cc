#include "test/e2e/harness/audit_log.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "k8s-client/meta/time.h"
#include "test/e2e/harness/story_failure.h"

namespace ffdl::e2e {
namespace {

std::vector<std::filesystem::path> LogFiles() {
  const char* const log = std::getenv("FFDL_AUDIT_LOG");
  if (log == nullptr) throw StoryFailure("FFDL_AUDIT_LOG is not set: run me by test/cluster/run");
  std::vector<std::filesystem::path> files;
  // Older parts, if the log was rotated, have a time in their names.
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(log).parent_path())) {
    files.push_back(entry.path());
  }
  return files;
}

Request ParseRequest(const Json& event) {
  return {.verb = TextAt(event, "/verb"),
          .user = TextAt(event, "/user/username"),
          .credential = TextAt(event, "/user/extra/authentication.kubernetes.io~1credential-id/0"),
          .resource = TextAt(event, "/objectRef/resource"),
          .subresource = TextAt(event, "/objectRef/subresource"),
          .ns = TextAt(event, "/objectRef/namespace"),
          .name = TextAt(event, "/objectRef/name"),
          .code = static_cast<int>(NumberAt(event, "/responseStatus/code")),
          .uri = TextAt(event, "/requestURI"),
          .received = TextAt(event, "/requestReceivedTimestamp"),
          .at = TextAt(event, "/stageTimestamp")};
}

// What the log says of each request whose line has the needle: its last word, by the request's id.
std::map<std::string, Json> LastEventsWith(const std::string& needle) {
  std::map<std::string, Json> events;
  for (const auto& path : LogFiles()) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      if (line.find(needle) == std::string::npos) continue;
      Json event = Json::parse(line, nullptr, /*allow_exceptions=*/false);
      if (event.is_discarded()) continue;  // is being written just now
      Json& last = events[TextAt(event, "/auditID")];
      if (TextAt(last, "/stageTimestamp") <= TextAt(event, "/stageTimestamp")) {
        last = std::move(event);
      }
    }
  }
  return events;
}

}  // namespace

bool Request::Writes() const {
  static constexpr std::array<std::string_view, 5> kVerbs{"create", "update", "patch", "delete",
                                                          "deletecollection"};
  return std::ranges::find(kVerbs, verb) != kVerbs.end();
}

std::vector<Request> RequestsIn(std::string_view ns) {
  std::vector<Request> requests;
  for (const auto& [id, event] : LastEventsWith("\"namespace\":\"" + std::string(ns) + "\"")) {
    if (TextAt(event, "/stage") == "ResponseComplete") requests.push_back(ParseRequest(event));
  }
  std::ranges::sort(requests, {}, &Request::at);
  return requests;
}

std::vector<Request> RequestsBy(std::string_view credential) {
  std::vector<Request> requests;
  for (const auto& [id, event] : LastEventsWith("\"" + std::string(credential) + "\"")) {
    requests.push_back(ParseRequest(event));
  }
  std::ranges::sort(requests, {}, &Request::received);
  return requests;
}

std::chrono::system_clock::time_point MomentOf(const std::string& time) {
  const std::optional<k8s::Time> moment = k8s::ParseTime(time);
  if (!moment) throw StoryFailure("'" + time + "' is no time");
  return *moment;
}

std::vector<Request> WritesIn(std::string_view ns, std::string_view user) {
  std::vector<Request> requests = RequestsIn(ns);
  std::erase_if(requests, [&](const Request& request) {
    return !request.Writes() || !request.Succeeded() || request.user != user;
  });
  return requests;
}

std::string Describe(const std::vector<Request>& requests) {
  std::string text;
  for (const Request& r : requests) {
    text += r.at + " " + r.verb + " " + r.resource + (r.subresource.empty() ? "" : "/") +
            r.subresource + " " + r.ns + "/" + r.name + " " + std::to_string(r.code) + " by " +
            r.user + "\n";
  }
  return text;
}

}  // namespace ffdl::e2e
