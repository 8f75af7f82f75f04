// What one pass over one object decided: plain data that a test can compare and a log can print.
// Planners make it, k8s-client/runtime/executor.h carries it out.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/resource_type.h"

namespace ffdl::k8s {

// One write. Every write says what it expects to find.
struct Action {
  enum class Verb {
    kCreate,  // must not exist yet; AlreadyExists is no success unless it is ours (same owner uid)
    kApply,   // server-side apply; see `force`
    kApplyStatus,  // server-side apply to the status subresource
    kDelete,       // background propagation
  };

  Verb verb = Verb::kApply;
  struct Owner {
    ResourceType type;
    ObjectKey key;
    std::string uid;

    friend bool operator==(const Owner&, const Owner&) = default;
  };

  ResourceType type;
  ObjectKey key;
  nlohmann::json body;  // of create and apply; metadata.uid and metadata.resourceVersion in it are
                        // expectations
  // Whether an apply takes over fields that others own. False for an object that was never seen: an
  // object of the same name that is not ours then answers with a conflict instead of being adopted.
  bool force = true;
  std::string expect_uid;               // of delete: must not be empty
  std::string expect_resource_version;  // of delete: "" for any
  // Of a child that was there and is missing: maybe its owner is gone, too, and the watch that says
  // so is the slower one. The owner is looked at first; without it nothing is made again.
  std::optional<Owner> expect_owner;
  std::optional<std::int64_t> grace_seconds;  // of delete: overrides the object's own
  // Whether it takes something away that cannot be had back: less learners, a job that has failed.
  // Every delete does. Such a write needs caches that are known to be fresh.
  bool destructive = false;
  // Of a create: of an object that we may make and not read, whose name nobody else has a use for.
  // Then it is done when the name is taken, and tried again when nobody knows whether it was done.
  bool blind = false;
  std::string why;  // one phrase for the log: "learners missing"

  friend bool operator==(const Action&, const Action&) = default;
};

// Told to users once the write that earned it is done.
struct PendingEvent {
  bool warning = false;
  std::string reason;  // CamelCase, from the list of the kind
  std::string action;  // what the controller did, CamelCase verb: "CreateLearners"
  std::string note;    // one sentence, at most 1024 bytes

  friend bool operator==(const PendingEvent&, const PendingEvent&) = default;
};

struct Plan {
  std::vector<Action> actions;       // in this order; the first that fails ends the pass
  std::optional<Action> status;      // after all actions
  std::vector<PendingEvent> events;  // after the status
  // A moment that must not be missed although no watched object changes: a deadline, a settling
  // time.
  std::optional<std::chrono::milliseconds> look_again_after;

  [[nodiscard]] bool empty() const { return actions.empty() && !status && events.empty(); }

  friend bool operator==(const Plan&, const Plan&) = default;
};

}  // namespace ffdl::k8s
