// The verbs of the API: what each request does to the object log. Knows neither HTTP nor time-outs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/time.h"
#include "test/simulation/server/answer.h"
#include "test/simulation/server/object_log.h"

namespace ffdl::simulation {

// Who writes, and how; the oracle judges by it.
struct Writer {
  std::string name;     // "operator-1", "user", "statefulset-controller"
  std::string manager;  // field manager
  // The request reached the server only after its sender had given it up.
  bool late = false;
};

struct ApplyOptions {
  bool status = false;
  bool force = false;
};

struct DeleteOptions {
  std::string uid;               // precondition; "" for none
  std::string resource_version;  // precondition; "" for none
  std::optional<std::int64_t> grace_seconds;
};

// A write that was carried out.
struct Commit {
  const Kind& kind;
  const Writer& writer;
  std::string_view verb;
  StoredPtr before;  // null when created
  StoredPtr after;   // null when removed
};

class ApiServer {
 public:
  // Borrows.
  explicit ApiServer(const k8s::Clock& clock) : clock_(clock) {}
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  [[nodiscard]] Answer Get(const Kind& kind, const k8s::ObjectKey& key) const;
  Answer Create(const Writer& writer, const Kind& kind, Json body);
  Answer Apply(const Writer& writer, const Kind& kind, const k8s::ObjectKey& key, const Json& body,
               const ApplyOptions& options);
  Answer MergePatch(const Writer& writer, const Kind& kind, const k8s::ObjectKey& key,
                    const Json& patch, bool status);
  Answer Replace(const Writer& writer, const Kind& kind, const k8s::ObjectKey& key, Json body);
  Answer Delete(const Writer& writer, const Kind& kind, const k8s::ObjectKey& key,
                const DeleteOptions& options);

  [[nodiscard]] const ObjectLog& log() const { return log_; }

  // Told of every write that was carried out; must not write itself. In order of registration.
  void OnCommit(std::function<void(const Commit&)> observer) {
    observers_.push_back(std::move(observer));
  }
  // May refuse an object that is about to be created, as a quota does.
  void SetAdmission(std::function<std::optional<Answer>(const Kind&, const Json&)> admission) {
    admission_ = std::move(admission);
  }

 private:
  Answer Store(const Writer& writer, const Kind& kind, std::string_view verb,
               const StoredPtr& before, Json object, FieldOwners owners);
  Answer ApplyToExisting(const Writer& writer, const Kind& kind, const StoredPtr& live, Json body,
                         const ApplyOptions& options);
  void Complete(const Kind& kind, Json& object);
  void Tell(const Commit& commit) const;

  const k8s::Clock& clock_;
  ObjectLog log_;
  std::uint64_t last_uid_ = 0;
  std::vector<std::function<void(const Commit&)>> observers_;
  std::function<std::optional<Answer>(const Kind&, const Json&)> admission_;
};

}  // namespace ffdl::simulation
