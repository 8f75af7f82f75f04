#include "test/e2e/harness/audit_log.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

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
          .at = TextAt(event, "/stageTimestamp")};
}

void ReadFile(const std::filesystem::path& path, std::string_view ns,
              std::vector<Request>& requests) {
  const std::string needle = "\"namespace\":\"" + std::string(ns) + "\"";
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.find(needle) == std::string::npos) continue;
    const Json event = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (TextAt(event, "/stage") == "ResponseComplete") requests.push_back(ParseRequest(event));
  }
}

}  // namespace

bool Request::Writes() const {
  static constexpr std::array<std::string_view, 5> kVerbs{"create", "update", "patch", "delete",
                                                          "deletecollection"};
  return std::ranges::find(kVerbs, verb) != kVerbs.end();
}

std::vector<Request> RequestsIn(std::string_view ns) {
  std::vector<Request> requests;
  for (const auto& path : LogFiles()) ReadFile(path, ns, requests);
  std::ranges::stable_sort(requests, {}, &Request::at);
  return requests;
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
