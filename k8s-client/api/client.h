// The verbs of the Kubernetes API, over any Transport. Asynchronous: callbacks run on the
// transport's loop. Thread-safe. Knows paths, queries and bodies; knows nothing of caches.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/meta/resource_type.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/meta/time.h"
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

// What the server does about fields that it does not know or that are given twice.
enum class FieldValidation {
  kWarn,    // the server's own default: a warning, which the transport tells
  kStrict,  // the write is refused; for tests
};

// For everything that one client writes.
struct ClientOptions {
  bool dry_run = false;  // the server does all but store: admission, defaults, conflicts
  FieldValidation field_validation = FieldValidation::kWarn;
};

struct ApplyOptions {
  std::string field_manager;
  bool status = false;  // to the status subresource
  bool force = true;    // take over fields that other managers own; false answers 409 instead
};

// When the objects go that are owned by the deleted one.
enum class Propagation { kBackground, kForeground, kOrphan };

struct DeleteOptions {
  std::optional<std::int64_t> grace_seconds;  // in the place of the object's own
  Propagation propagation = Propagation::kBackground;
};

struct Selectors {
  std::string label;
  std::string field;
};

// The scale subresource of whatever has one.
struct Scale {
  std::int64_t replicas = 0;         // as asked for
  std::int64_t status_replicas = 0;  // as seen
  std::string selector;              // of the pods; "" when the kind has none
  std::string resource_version;      // of the scaled object
};

struct LogOptions {
  std::string container;
  bool follow = false;    // until the container ends
  bool previous = false;  // of the container before the last restart
  bool timestamps = false;
  std::optional<Time> since;
  std::optional<std::int64_t> tail_lines;
  std::optional<std::int64_t> limit_bytes;
};

// The API server reads no more of a request.
inline constexpr std::size_t kRequestBytesMax = 3UL * 1024 * 1024;

class Client {
 public:
  using OnObject = std::function<void(Result<std::string>)>;  // the object as JSON text
  using OnWrite = std::function<void(WriteResult)>;

  // Borrows: the transport must outlive the client and all its callbacks.
  explicit Client(Transport& transport, ClientOptions options = {})
      : transport_(transport), options_(options) {}

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

  // JSON patch (RFC 6902), carried out whole or not at all. For finalizers: see finalizers.h. A
  // `test` that does not hold is answered by kInvalid.
  void JsonPatch(const ResourceType& type, const ObjectKey& key, const nlohmann::json& operations,
                 OnWrite done);

  void Delete(const ResourceType& type, const ObjectKey& key, const Preconditions& expected,
              const DeleteOptions& options, OnWrite done);

  // Every object of `ns` that the selectors choose, one by one: some may be gone and some not when
  // it fails. Refused with kInvalid when both selectors are empty: nobody means everything.
  void DeleteCollection(const ResourceType& type, std::string_view ns, const Selectors& selectors,
                        const DeleteOptions& options, OnWrite done);

  // Deletes the pod if its PodDisruptionBudgets allow it (policy/v1); Error::IsDisruptionBudget
  // tells that they do not. The answer names no version: a committed eviction has none.
  void Evict(const ObjectKey& pod, const Preconditions& expected, const DeleteOptions& options,
             OnWrite done);

  void GetScale(const ResourceType& type, const ObjectKey& key,
                std::function<void(Result<Scale>)> done);
  // `resource_version` is that of the read scale; "" for any. That of the result is the scaled
  // object's.
  void SetScale(const ResourceType& type, const ObjectKey& key, std::int64_t replicas,
                std::string_view resource_version, OnWrite done);

  // Text as the container printed it, cut anywhere; not JSON. Belongs on a transport of its own,
  // because a log that is read slowly must not hold up a watch. Ends as Transport says.
  Transport::StreamId StreamLog(const ObjectKey& pod, const LogOptions& options, StreamSink& sink);

  [[nodiscard]] Transport& transport() { return transport_; }

 private:
  void Write(HttpRequest request, OnWrite done);
  [[nodiscard]] std::string WritePath(std::string path, std::string query = "") const;

  Transport& transport_;
  const ClientOptions options_;
};

// "/apis/apps/v1/namespaces/ml/statefulsets/bert"; without a name the collection; an empty
// namespace means all of them (or a kind without namespace).
[[nodiscard]] std::string ResourcePath(const ResourceType& type, std::string_view ns,
                                       std::string_view name = "");

// Percent-encodes one value of a query (RFC 3986, unreserved characters stay).
[[nodiscard]] std::string EncodeQueryValue(std::string_view value);

// The same for a whole answer: also names the audit ID and, of a 429, who counted the request.
[[nodiscard]] Error DecodeStatus(const HttpResponse& answer);

// The error that a non-2xx answer stands for: decoded from a Status object when the body is one,
// else from the HTTP code with the first bytes of the body. Never fails.
[[nodiscard]] Error DecodeStatus(int http_status, std::string_view body,
                                 std::chrono::milliseconds retry_after);

}  // namespace ffdl::k8s
