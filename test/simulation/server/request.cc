#include "test/simulation/server/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace ffdl::simulation {
namespace {

using Verb = Request::Verb;

constexpr std::array<std::string_view, 8> kVerbWords{"get",   "list",  "watch",   "create",
                                                     "apply", "patch", "replace", "delete"};

std::string Decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(&text[i + 1], &text[i + 1] + 2, code, 16).ec == std::errc{}) {
      decoded += static_cast<char>(code);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// /api/v1/... or /apis/GROUP/VERSION/..., then [namespaces/NS/]PLURAL[/NAME[/status]]
void ReadPath(std::string_view path, Request& request) {
  std::vector<std::string_view> parts = Split(path, '/');
  std::size_t at = 0;
  std::string_view group;
  if (parts.empty()) return;
  if (parts[at++] == "apis" && at < parts.size()) group = parts[at++];
  ++at;  // the version
  if (at + 1 < parts.size() && parts[at] == "namespaces") {
    request.key.ns = Decode(parts[at + 1]);
    at += 2;
  }
  if (at < parts.size()) request.kind = FindKind(group, parts[at++]);
  if (at < parts.size()) request.key.name = Decode(parts[at++]);
  request.status = at < parts.size() && parts[at] == "status";
}

Verb VerbOf(const k8s::HttpRequest& http, const Request& request) {
  if (http.method == "POST") return Verb::kCreate;
  if (http.method == "PUT") return Verb::kReplace;
  if (http.method == "DELETE") return Verb::kDelete;
  if (http.method == "PATCH") {
    return http.content_type == "application/apply-patch+yaml" ? Verb::kApply : Verb::kMergePatch;
  }
  if (!request.key.name.empty()) return Verb::kGet;
  return request.query.contains("watch") ? Verb::kWatch : Verb::kList;
}

Answer List(Frontend& frontend, const Request& request) {
  // Version 0 means "whatever you have"; without one the answer is as new as can be.
  const bool any = request.Query("resourceVersion") == "0";
  WatchCache& cache = frontend.CacheOf(*request.kind);
  const ObjectLog& log = frontend.api().log();
  const Objects& objects = any ? cache.objects() : log.All(*request.kind);
  std::string body =
      fmt::format(R"({{"kind":"{}List","apiVersion":"v1","metadata":{{"resourceVersion":"{}"}},)"
                  R"("items":[)",
                  request.kind->name, any ? cache.version() : log.version());
  bool first = true;
  for (const auto& [key, object] : objects) {
    if (!Matches(request, *object)) continue;
    body.append(std::exchange(first, false) ? "" : ",").append(object->Text());
  }
  return {.body = body + "]}"};
}

Answer Delete(Frontend& frontend, const Request& request, const Writer& writer) {
  DeleteOptions options;
  const Json expected = request.body.value("preconditions", Json::object());
  options.uid = expected.value("uid", "");
  options.resource_version = expected.value("resourceVersion", "");
  if (const auto it = request.body.find("gracePeriodSeconds"); it != request.body.end()) {
    options.grace_seconds = it->get<std::int64_t>();
  }
  return frontend.api().Delete(writer, *request.kind, request.key, options);
}

}  // namespace

std::string_view Request::Query(std::string_view name) const {
  const auto it = query.find(name);
  return it == query.end() ? std::string_view() : std::string_view(it->second);
}

std::string Request::Text() const {
  return fmt::format("{}{} {} {}", kVerbWords.at(static_cast<std::size_t>(verb)),
                     status ? " status" : "", kind == nullptr ? "?" : kind->name,
                     k8s::ToString(key));
}

Request ParseRequest(const k8s::HttpRequest& http) {
  Request request;
  const std::string_view path = http.path;
  const std::size_t question = std::min(path.find('?'), path.size());
  ReadPath(path.substr(0, question), request);
  for (const std::string_view part : Split(path.substr(question), '&')) {
    const std::string_view pair = part.starts_with('?') ? part.substr(1) : part;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    request.query.emplace(pair.substr(0, equals),
                          Decode(pair.substr(std::min(equals + 1, pair.size()))));
  }
  request.verb = VerbOf(http, request);
  if (!http.body.empty()) request.body = Json::parse(http.body);
  if (request.verb == Verb::kCreate) {
    request.key.name = request.body["metadata"].value("name", "");
    request.body["metadata"]["namespace"] = request.key.ns;
  }
  return request;
}

bool Matches(const Request& request, const Stored& object) {
  if (!request.key.ns.empty() && request.key.ns != object.key.ns) return false;
  constexpr std::string_view kByName = "metadata.name=";  // the only field that is selected by
  const std::string_view field = request.Query("fieldSelector");
  if (field.starts_with(kByName) && field.substr(kByName.size()) != object.key.name) return false;
  const std::string_view selector = request.Query("labelSelector");
  if (selector.empty()) return true;
  const std::size_t equals = selector.find('=');
  const auto& metadata = object.object["metadata"];
  const auto labels = metadata.find("labels");
  if (labels == metadata.end()) return false;
  const auto label = labels->find(std::string(selector.substr(0, equals)));
  return label != labels->end() && *label == selector.substr(equals + 1);
}

Answer Serve(Frontend& frontend, const Request& request, const Writer& writer) {
  if (request.kind == nullptr) return Refuse(404, "NotFound", "not served");
  ApiServer& api = frontend.api();
  switch (request.verb) {
    case Verb::kGet:
      return api.Get(*request.kind, request.key);
    case Verb::kList:
      return List(frontend, request);
    case Verb::kCreate:
      return api.Create(writer, *request.kind, request.body);
    case Verb::kApply:
      return api.Apply(writer, *request.kind, request.key, request.body,
                       {.status = request.status, .force = request.Query("force") == "true"});
    case Verb::kMergePatch:
      return api.MergePatch(writer, *request.kind, request.key, request.body, request.status);
    case Verb::kReplace:
      return api.Replace(writer, *request.kind, request.key, request.body);
    case Verb::kDelete:
      return Delete(frontend, request, writer);
    case Verb::kWatch:
      break;
  }
  return Refuse(405, "MethodNotAllowed", "a watch is no request");
}

}  // namespace ffdl::simulation
