// Readers of objects against the DOM: what a reader accepts, it must have read right.
#include <string>

#include "crds/v1/framework_catalogue.h"
#include "crds/v1/json.h"
#include "k8s-client/informer/readers.h"
#include "test/fuzz/strict_json.h"
#include "test/fuzz/targets.h"

namespace ffdl::fuzz {
namespace {

using nlohmann::json;

void CompareMeta(const k8s::ObjectMeta& meta, const json& document) {
  Require(meta.key.name == TextAt(document, "/metadata/name"), "name");
  Require(meta.key.ns == TextAt(document, "/metadata/namespace"), "namespace");
  Require(meta.uid == TextAt(document, "/metadata/uid"), "uid");
  Require(meta.resource_version == TextAt(document, "/metadata/resourceVersion"), "version");
  Require(meta.generation == NumberAt(document, "/metadata/generation"), "generation");
  const json::json_pointer labels("/metadata/labels");
  const bool has_labels = document.contains(labels) && document[labels].is_object();
  Require(meta.labels.size() <= (has_labels ? document[labels].size() : 0), "too many labels");
  for (const auto& [key, value] : meta.labels) {
    Require(document[labels][key] == value, "label");
  }
}

// Calls `compare` with the object and the DOM when both readers accept the text.
template <typename T, typename Reader, typename Compare>
void Differ(std::string_view bytes, Reader read, Compare compare) {
  k8s::PaddedBuffer buffer;
  const k8s::Result<T> object = read(buffer.Assign(bytes));
  if (!object) {
    Require(!object.error().message.empty(), "a refusal without a reason");
    const auto identity = k8s::ReadIdentity(buffer.Assign(bytes));
    Require(!identity || !identity->key.name.empty(), "an identity without a name");
    return;
  }
  Require(!object->meta.key.name.empty(), "an object without a name");
  const std::optional<json> document = StrictJson(bytes);
  if (!document) return;  // in a part that the reader skips
  CompareMeta(object->meta, *document);
  compare(*object, *document);
}

}  // namespace

void PodReader(std::string_view bytes) {
  Differ<k8s::Pod>(bytes, k8s::ReadPod, [](const k8s::Pod& pod, const json& document) {
    Require(pod.node == TextAt(document, "/spec/nodeName"), "node");
    Require(pod.phase == TextAt(document, "/status/phase"), "phase");
    Require(pod.reason == TextAt(document, "/status/reason"), "reason");
    const json::json_pointer containers("/status/containerStatuses");
    const bool has = document.contains(containers) && document[containers].is_array();
    Require(pod.containers.size() == (has ? document[containers].size() : 0), "containers");
    for (std::size_t i = 0; i < pod.containers.size(); ++i) {
      const json& status = document[containers][i];
      Require(pod.containers[i].name == TextAt(status, "/name"), "container name");
      if (pod.containers[i].terminated) {
        Require(pod.containers[i].terminated->exit_code ==
                    NumberAt(status, "/state/terminated/exitCode"),
                "exit code");
      }
    }
  });
}

void StatefulSetReader(std::string_view bytes) {
  Differ<k8s::StatefulSet>(
      bytes, k8s::ReadStatefulSet, [](const k8s::StatefulSet& set, const json& document) {
        Require(set.replicas == NumberAt(document, "/spec/replicas"), "replicas");
      });
}

void ServiceReader(std::string_view bytes) {
  Differ<k8s::Service>(bytes, k8s::ReadService, [](const k8s::Service&, const json&) {});
}

void ClaimReader(std::string_view bytes) {
  Differ<k8s::Claim>(bytes, k8s::ReadClaim, [](const k8s::Claim& claim, const json& document) {
    Require(claim.phase == TextAt(document, "/status/phase"), "phase");
  });
}

void ConfigMapReader(std::string_view bytes) {
  Differ<k8s::ConfigMap>(
      bytes, k8s::ReadConfigMap, [](const k8s::ConfigMap& map, const json& document) {
        for (const auto& [key, value] : map.data) {
          Require(document["data"][key] == value, "data");
        }
        const auto catalogue = v1::ReadCatalogue(map.data);
        if (!catalogue) return Require(!catalogue.error().message.empty(), "catalogue");
        Require(
            catalogue->images.size() + catalogue->variables.size() + catalogue->gpu_types.size() ==
                map.data.size(),
            "catalogue");
      });
}

void TrainingJobReader(std::string_view bytes) {
  const k8s::Result<v1::TrainingJob> job = v1::ParseTrainingJob(bytes);
  if (!job) {
    Require(!job.error().message.empty(), "a refusal without a reason");
    return;
  }
  // What we write of it reads as the same.
  json again{{"metadata", {{"name", "x"}}}, {"status", v1::ToJson(job->status)}};
  const k8s::Result<v1::TrainingJob> reread =
      v1::ParseTrainingJob(again.dump(-1, ' ', false, json::error_handler_t::replace));
  Require(reread.has_value(), "our own status is refused");
  Require(v1::ToJson(reread->status) == v1::ToJson(job->status), "status");
}

}  // namespace ffdl::fuzz
