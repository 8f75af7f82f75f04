// The part of an API server that an operator sees, without a store: lists that were written before,
// events as they are pushed, and yes to every write.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "test/wire/scripted_server.h"

namespace ffdl::benchmarks {

using SteadyTime = std::chrono::steady_clock::time_point;

// In the query of a watch that ends with its initial list.
inline constexpr std::string_view kListOnly = "listOnly=true";

// Thread-safe.
class ReplayApi {
 public:
  struct Write {
    SteadyTime received;
    std::string method;
    std::string path;  // without the query
    std::string body;
  };
  // Called for each write before it is answered.
  using OnWrite = std::function<void(const Write&)>;

  explicit ReplayApi(OnWrite on_write) : on_write_(std::move(on_write)) {}

  // What the initial list of a kind ("pods") consists of: event lines.
  void SetList(const std::string& plural, std::string lines);
  // Gives one event line to the watch of the kind.
  void Push(const std::string& plural, std::string line);
  // A version for an object that is told from now on.
  [[nodiscard]] long NextVersion();
  // Makes an object known, so that its status can be written. `path` as in requests.
  void Put(const std::string& path, std::string object);

  // From now on children whose names start so are refused, as of a spec that is not valid (422).
  void RefuseNames(std::string prefix);

  // For test::ScriptedServer.
  void Serve(const test::SeenRequest& request, test::Peer& peer);

  // Ends all watches.
  void Close();

 private:
  struct Kind {
    std::string list;
    std::deque<std::string> events;
  };

  // An event is for one watch of its kind, so there must be one that stays.
  void Watch(const std::string& plural, bool stay, test::Peer& peer);
  // Answers with the stored object, which also comes back as an event.
  void Store(const test::SeenRequest& request, test::Peer& peer);
  void Delete(const std::string& path, const nlohmann::json& options, test::Peer& peer);
  [[nodiscard]] bool IsRefused(const std::string& path);

  const OnWrite on_write_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;
  std::string refused_;  // "" for none
  long version_ = 1'000'000;
  std::map<std::string, Kind> kinds_;
  std::map<std::string, std::string> written_;  // path -> object
};

}  // namespace ffdl::benchmarks
