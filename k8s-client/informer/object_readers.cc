#include <string_view>
#include <utility>

#include "k8s-client/informer/fields.h"
#include "k8s-client/informer/readers.h"

namespace ffdl::k8s {
namespace {

struct MetaOnly {
  ObjectMeta meta;
};

bool ReadTemplate(JsonValue value, Trouble& trouble, StatefulSet& set) {
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    if (key != "metadata") return true;
    return ForEachField(field, trouble, [&](std::string_view name, JsonValue labels) {
      return name == "labels" ? Read(labels, trouble, set.template_labels) : true;
    });
  });
}

bool ReadSetSpec(JsonValue value, Trouble& trouble, StatefulSet& set) {
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    if (key == "replicas") return Read(field, trouble, set.replicas);
    if (key == "template") return ReadTemplate(field, trouble, set);
    return true;
  });
}

bool ReadServiceSpec(JsonValue value, Trouble& trouble, Service& service) {
  return ForEachField(value, trouble, [&](std::string_view key, JsonValue field) {
    if (key == "selector") return Read(field, trouble, service.selector);
    if (key == "publishNotReadyAddresses") {
      return Read(field, trouble, service.publishes_not_ready);
    }
    return true;
  });
}

bool ReadAsIs(JsonValue value, Trouble& trouble, nlohmann::json& object) {
  if (IsNull(value)) return true;
  simdjson::ondemand::object content;
  if (value.get_object().get(content) != simdjson::SUCCESS) return trouble.Is("not an object");
  std::string_view text;
  if (content.raw_json().get(text) != simdjson::SUCCESS) return trouble.Is("malformed JSON");
  nlohmann::json read = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (read.is_discarded()) return trouble.Is("malformed JSON");
  object = std::move(read);
  return true;
}

}  // namespace

Result<ObjectMeta> ReadObjectMeta(PaddedJson json) {
  Result<MetaOnly> read = ReadWhole<MetaOnly>(
      json, [](std::string_view, JsonValue, Trouble&, MetaOnly&) { return true; });
  if (!read) return unexpected(std::move(read.error()));
  return std::move(read->meta);
}

Result<StatefulSet> ReadStatefulSet(PaddedJson json) {
  return ReadWhole<StatefulSet>(
      json, [](std::string_view key, JsonValue value, Trouble& trouble, StatefulSet& out) {
        return key == "spec" ? ReadSetSpec(value, trouble, out) : true;
      });
}

Result<Service> ReadService(PaddedJson json) {
  return ReadWhole<Service>(
      json, [](std::string_view key, JsonValue value, Trouble& trouble, Service& out) {
        return key == "spec" ? ReadServiceSpec(value, trouble, out) : true;
      });
}

Result<Policy> ReadPolicy(PaddedJson json) {
  return ReadWhole<Policy>(
      json, [](std::string_view key, JsonValue value, Trouble& trouble, Policy& out) {
        return key == "spec" ? ReadAsIs(value, trouble, out.spec) : true;
      });
}

Result<Claim> ReadClaim(PaddedJson json) {
  return ReadWhole<Claim>(
      json, [](std::string_view key, JsonValue value, Trouble& trouble, Claim& out) {
        if (key != "status") return true;
        return ForEachField(value, trouble, [&](std::string_view name, JsonValue field) {
          return name == "phase" ? Read(field, trouble, out.phase) : true;
        });
      });
}

Result<ConfigMap> ReadConfigMap(PaddedJson json) {
  return ReadWhole<ConfigMap>(
      json, [](std::string_view key, JsonValue value, Trouble& trouble, ConfigMap& out) {
        return key == "data" ? Read(value, trouble, out.data) : true;
      });
}

}  // namespace ffdl::k8s
