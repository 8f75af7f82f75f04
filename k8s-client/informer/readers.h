// JSON text of the API -> value types. What the value types have no member for is skipped without
// being looked at (managedFields above all); what is missing or null takes its default; what has
// the wrong type is an error that names the field: "metadata.labels: not an object". Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "k8s-client/informer/padded_json.h"
#include "k8s-client/meta/object_meta.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/meta/workload.h"

namespace ffdl::k8s {

// Annotations are kept when their key starts with this; all others (tools store whole objects in
// theirs) are skipped. Labels are all kept.
inline constexpr std::string_view kKeptAnnotationPrefix = "ffdl.io/";

// The metadata of any object. An object without a name is an error.
[[nodiscard]] Result<ObjectMeta> ReadObjectMeta(PaddedJson json);

[[nodiscard]] Result<Pod> ReadPod(PaddedJson json);
[[nodiscard]] Result<StatefulSet> ReadStatefulSet(PaddedJson json);
[[nodiscard]] Result<Service> ReadService(PaddedJson json);
[[nodiscard]] Result<Claim> ReadClaim(PaddedJson json);
[[nodiscard]] Result<Policy> ReadPolicy(PaddedJson json);
[[nodiscard]] Result<ConfigMap> ReadConfigMap(PaddedJson json);  // without binaryData

// As much of key, uid, resourceVersion, deletionTimestamp and owners as can be read of an object
// that a reader has refused; nothing when there is not even a name.
[[nodiscard]] std::optional<ObjectMeta> ReadIdentity(PaddedJson json);

}  // namespace ffdl::k8s
