#include "k8s-client/api/finalizers.h"

#include <algorithm>
#include <cassert>

namespace ffdl::k8s {
namespace {

using Json = nlohmann::json;

constexpr const char* kList = "/metadata/finalizers";

Json Test(std::string_view path, const Json& value) {
  return {{"op", "test"}, {"path", path}, {"value", value}};
}

Json Tests(const Preconditions& expected) {
  Json operations = Json::array();
  if (!expected.uid.empty()) operations.push_back(Test("/metadata/uid", expected.uid));
  if (!expected.resource_version.empty()) {
    operations.push_back(Test("/metadata/resourceVersion", expected.resource_version));
  }
  return operations;
}

}  // namespace

Json AddFinalizer(const Preconditions& expected, std::span<const std::string> finalizers,
                  std::string_view finalizer) {
  if (std::ranges::find(finalizers, finalizer) != finalizers.end()) return Json::array();
  Json operations = Tests(expected);
  if (finalizers.empty()) {
    assert(!expected.resource_version.empty());
    operations.push_back({{"op", "add"}, {"path", kList}, {"value", Json::array({finalizer})}});
  } else {
    operations.push_back(
        {{"op", "add"}, {"path", std::string(kList) + "/-"}, {"value", finalizer}});
  }
  return operations;
}

Json RemoveFinalizer(const Preconditions& expected, std::span<const std::string> finalizers,
                     std::string_view finalizer) {
  const auto found = std::ranges::find(finalizers, finalizer);
  if (found == finalizers.end()) return Json::array();
  const std::string path = std::string(kList) + "/" + std::to_string(found - finalizers.begin());
  Json operations = Tests(expected);
  operations.push_back(Test(path, finalizer));
  operations.push_back({{"op", "remove"}, {"path", path}});
  return operations;
}

}  // namespace ffdl::k8s
