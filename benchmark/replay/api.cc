#include "benchmark/replay/api.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "benchmark/replay/world.h"

namespace ffdl::benchmarks {
namespace {

using nlohmann::json;

// A list is sent in pieces of this size, as a server does that encodes one object after the other.
constexpr std::size_t kPieceBytes = 32'768;

std::string_view PathOf(std::string_view target) { return target.substr(0, target.find('?')); }

std::string_view LastPart(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string Bookmark(long version) {
  return EventLine("BOOKMARK", json{{"kind", "Any"},
                                    {"apiVersion", "v1"},
                                    {"metadata",
                                     {{"resourceVersion", std::to_string(version)},
                                      {"creationTimestamp", nullptr},
                                      {"annotations", {{"k8s.io/initial-events-end", "true"}}}}}}
                                   .dump());
}

// What the server makes of a body that was created or applied.
json Complete(json object, const json& before, long version) {
  json& meta = object["metadata"];
  meta["uid"] = before.contains("metadata")
                    ? before["metadata"]["uid"]
                    : json(fmt::format("77{:06x}-0000-4000-8000-000000000000", version % 0xffffff));
  meta["resourceVersion"] = std::to_string(version);
  meta["generation"] = 1;
  meta["creationTimestamp"] = "2026-03-01T10:00:00Z";
  return object;
}

}  // namespace

void ReplayApi::SetList(const std::string& plural, std::string lines) {
  const std::scoped_lock lock(mutex_);
  kinds_[plural].list = std::move(lines);
}

void ReplayApi::Push(const std::string& plural, std::string line) {
  const std::scoped_lock lock(mutex_);
  kinds_[plural].events.push_back(std::move(line));
  changed_.notify_all();
}

long ReplayApi::NextVersion() {
  const std::scoped_lock lock(mutex_);
  return ++version_;
}

void ReplayApi::Put(const std::string& path, std::string object) {
  const std::scoped_lock lock(mutex_);
  written_[path] = std::move(object);
}

void ReplayApi::RefuseNames(std::string prefix) {
  const std::scoped_lock lock(mutex_);
  refused_ = std::move(prefix);
}

bool ReplayApi::IsRefused(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  return !refused_.empty() && LastPart(path).starts_with(refused_) &&
         path.find("/trainingjobs/") == std::string::npos;
}

void ReplayApi::Close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void ReplayApi::Serve(const test::SeenRequest& request, test::Peer& peer) {
  const std::string_view path = PathOf(request.target);
  if (request.method != "GET") return Store(request, peer);
  if (request.target.find("watch=") != std::string::npos) {
    const bool stay = request.target.find(kListOnly) == std::string::npos;
    return Watch(std::string(LastPart(path)), stay, peer);
  }
  if (path == "/livez") return peer.Write(test::Answer(200, "ok", "text/plain"));
  peer.Write(test::Answer(404, R"({"kind":"Status","code":404,"reason":"NotFound"})"));
}

void ReplayApi::Watch(const std::string& plural, bool stay, test::Peer& peer) {
  std::unique_lock lock(mutex_);
  Kind& kind = kinds_[plural];
  const long version = version_;
  const std::string list = kind.list;
  lock.unlock();
  peer.Write(test::StreamHead());
  for (std::size_t at = 0; at < list.size(); at += kPieceBytes) {
    peer.Write(test::Chunk(std::string_view(list).substr(at, kPieceBytes)));
  }
  peer.Write(test::Chunk(Bookmark(version)));
  if (!stay) return peer.Close();
  while (true) {
    lock.lock();
    changed_.wait(lock, [&] { return closed_ || !kind.events.empty(); });
    if (closed_) return peer.Close();
    const std::deque<std::string> events = std::exchange(kind.events, {});
    lock.unlock();
    for (const std::string& line : events) peer.Write(test::Chunk(line));
  }
}

void ReplayApi::Store(const test::SeenRequest& request, test::Peer& peer) {
  std::string path(PathOf(request.target));
  on_write_({.received = std::chrono::steady_clock::now(),
             .method = request.method,
             .path = path,
             .body = request.body});
  const json body = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (request.method == "DELETE") return Delete(path, body, peer);
  const bool status = path.ends_with("/status");
  if (status) path.resize(path.size() - std::string_view("/status").size());
  if (request.method == "POST") {
    path += "/" + body["metadata"].value("name", body["metadata"].value("generateName", "x"));
  }
  if (IsRefused(path)) {
    return peer.Write(test::Answer(
        422, R"({"kind":"Status","code":422,"reason":"Invalid","message":"spec: Invalid value"})"));
  }
  const std::string plural(LastPart(path.substr(0, path.rfind('/'))));
  std::string answer;
  {
    const std::scoped_lock lock(mutex_);
    std::string& known = written_[path];
    const bool is_new = known.empty();
    const json before = is_new ? json::object() : json::parse(known);
    json object = before;
    if (status) {
      object["status"] = body["status"];
      object["metadata"]["resourceVersion"] = std::to_string(++version_);
    } else {
      object = Complete(body, before, ++version_);
    }
    known = answer = object.dump();
    kinds_[plural].events.push_back(EventLine(is_new ? "ADDED" : "MODIFIED", answer));
    changed_.notify_all();
  }
  peer.Write(test::Answer(request.method == "POST" ? 201 : 200, answer));
}

void ReplayApi::Delete(const std::string& path, const json& options, test::Peer& peer) {
  const std::string folder = path.substr(0, path.rfind('/'));
  {
    const std::scoped_lock lock(mutex_);
    const json object = {{"metadata",
                          {{"name", LastPart(path)},
                           {"namespace", kReplayNamespace},
                           {"uid", options["preconditions"]["uid"]},
                           {"resourceVersion", std::to_string(++version_)}}}};
    kinds_[std::string(LastPart(folder))].events.push_back(EventLine("DELETED", object.dump()));
    changed_.notify_all();
  }
  peer.Write(test::Answer(200, R"({"kind":"Status","apiVersion":"v1","status":"Success"})"));
}

}  // namespace ffdl::benchmarks
