#include "k8s-client/runtime/lease_record.h"

namespace ffdl::k8s {
namespace {

const nlohmann::json* Find(const nlohmann::json& object, const char* name) {
  const auto it = object.find(name);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

std::string TextOf(const nlohmann::json& object, const char* name) {
  const nlohmann::json* const found = Find(object, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t NumberOf(const nlohmann::json& object, const char* name) {
  const nlohmann::json* const found = Find(object, name);
  return found != nullptr && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

}  // namespace

Result<StoredLease> ParseLease(std::string_view text) {
  const nlohmann::json lease = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!lease.is_object()) return Fail(ErrorCode::kBadResponse, "the lease is not a JSON object");
  const nlohmann::json* const metadata = Find(lease, "metadata");
  if (metadata == nullptr || !metadata->is_object()) {
    return Fail(ErrorCode::kBadResponse, "the lease has no metadata");
  }
  StoredLease stored{.version = TextOf(*metadata, "resourceVersion")};
  const nlohmann::json* const spec = Find(lease, "spec");
  if (spec == nullptr || !spec->is_object()) return stored;
  stored.record = {
      .holder = TextOf(*spec, "holderIdentity"),
      .duration = std::chrono::seconds(NumberOf(*spec, "leaseDurationSeconds")),
      .acquired_at = ParseTime(TextOf(*spec, "acquireTime")).value_or(Time{}),
      .renewed_at = ParseTime(TextOf(*spec, "renewTime")).value_or(Time{}),
      .transitions = NumberOf(*spec, "leaseTransitions"),
  };
  return stored;
}

nlohmann::json LeaseBody(const ObjectKey& key, std::string_view version,
                         const LeaseRecord& record) {
  nlohmann::json body{
      {"apiVersion", "coordination.k8s.io/v1"},
      {"kind", "Lease"},
      {"metadata", {{"name", key.name}, {"namespace", key.ns}}},
      {"spec",
       {{"holderIdentity", record.holder},
        {"leaseDurationSeconds", record.duration.count()},
        {"acquireTime", FormatMicroTime(record.acquired_at)},
        {"renewTime", FormatMicroTime(record.renewed_at)},
        {"leaseTransitions", record.transitions}}},
  };
  if (!version.empty()) body["metadata"]["resourceVersion"] = version;
  return body;
}

}  // namespace ffdl::k8s
