// The verbs of the Kubernetes API, over any Transport. Asynchronous: callbacks run on the
// transport's loop. Thread-safe. Knows paths, queries and bodies; knows nothing of caches.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/resource_type.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/net/transport.h"

namespace ffdl::k8s {

// What became of a write. Without this one word neither a crash nor a lost answer can be handled
// right.
enum class WriteOutcome {
  kNotSent,    // nothing reached the server: repeat at will
  kRejected,   // the server said no; `error` says why
  kCommitted,  // done; `resource_version` and `uid` are of the stored object when the answer had
               // them
  kUnknown,    // sent; no answer, or a 5xx that settles nothing: look at the object first
};

struct WriteResult {
  WriteOutcome outcome = WriteOutcome::kNotSent;
  Error error;                   // set unless committed
  std::string resource_version;  // "" when the answer had none (a Status, a deleted object)
  std::string uid;
};

// Conditions under which the server carries a write out; a mismatch is answered by 409.
struct Preconditions {
  std::string uid;               // "" for any
  std::string resource_version;  // "" for any
};

struct ApplyOptions {
  std::string field_manager;
  bool status = false;  // to the status subresource
  bool force = true;    // take over fields that other managers own; false answers 409 instead
};

struct ListOptions {
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;  // "" asks for the newest (never "0": it may be from long ago)
};

class Client {
 public:
  using OnObject = std::function<void(Result<std::string>)>;  // the object as JSON text
  using OnWrite = std::function<void(WriteResult)>;

  // Borrows: the transport must outlive the client and all its callbacks.
  explicit Client(Transport& transport) : transport_(transport) {}

  void Get(const ResourceType& type, const ObjectKey& key, OnObject done);

  // Server-side apply: creates the object or sets the fields in `body`. `body` must have
  // apiVersion, kind, metadata.name; metadata.uid and metadata.resourceVersion in it are
  // preconditions.
  void Apply(const ResourceType& type, const ObjectKey& key, const nlohmann::json& body,
             const ApplyOptions& options, OnWrite done);

  void Create(const ResourceType& type, std::string_view ns, const nlohmann::json& body,
              std::string_view field_manager, OnWrite done);

  // A full update; `body` must carry metadata.resourceVersion. For Leases only: everything else is
  // applied.
  void Replace(const ResourceType& type, const ObjectKey& key, const nlohmann::json& body,
               OnWrite done);

  // JSON merge patch (RFC 7386), to the object or to its status subresource.
  void MergePatch(const ResourceType& type, const ObjectKey& key, const nlohmann::json& patch,
                  bool status, OnWrite done);

  // Background propagation. `grace_seconds` overrides the object's own grace period.
  void Delete(const ResourceType& type, const ObjectKey& key, const Preconditions& expected,
              std::optional<std::int64_t> grace_seconds, OnWrite done);

  [[nodiscard]] Transport& transport() { return transport_; }

 private:
  Transport& transport_;
};

// "/apis/apps/v1/namespaces/ml/statefulsets/bert"; without a name the collection; an empty
// namespace means all of them (or a kind without namespace).
[[nodiscard]] std::string ResourcePath(const ResourceType& type, std::string_view ns,
                                       std::string_view name = "");

// Percent-encodes one value of a query (RFC 3986, unreserved characters stay).
[[nodiscard]] std::string EncodeQueryValue(std::string_view value);

// The error that a non-2xx answer stands for: decoded from a Status object when the body is one,
// else from the HTTP code with the first bytes of the body. Never fails.
[[nodiscard]] Error DecodeStatus(int http_status, std::string_view body,
                                 std::chrono::milliseconds retry_after);

}  // namespace ffdl::k8s
