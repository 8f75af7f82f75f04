#include "crds/v1/parse.h"

namespace ffdl::v1 {

void ReadMeta(FieldReader& in, k8s::ObjectMeta& out) {
  in.Read("name", out.key.name);
  in.Read("namespace", out.key.ns);
  in.Read("uid", out.uid);
  in.Read("resourceVersion", out.resource_version);
  in.Read("generation", out.generation);
  in.Read("creationTimestamp", out.creation_time);
  in.Read("deletionTimestamp", out.deletion_time);
  in.Read("labels", out.labels);
  in.Read("annotations", out.annotations);
  in.ForEach("ownerReferences", [&](FieldReader& item) {
    k8s::OwnerReference& owner = out.owners.emplace_back();
    item.Read("apiVersion", owner.api_version);
    item.Read("kind", owner.kind);
    item.Read("name", owner.name);
    item.Read("uid", owner.uid);
    item.Read("controller", owner.controller);
  });
}

}  // namespace ffdl::v1
