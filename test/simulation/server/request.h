// Requests of the API as HTTP has them, read and served.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "k8s-client/meta/object_key.h"
#include "k8s-client/net/transport.h"
#include "test/simulation/server/frontend.h"

namespace ffdl::simulation {

struct Request {
  enum class Verb { kGet, kList, kWatch, kCreate, kApply, kMergePatch, kReplace, kDelete };

  Verb verb = Verb::kGet;
  const Kind* kind = nullptr;  // null for what is not served
  k8s::ObjectKey key;          // without a name for lists, watches and creates
  bool status = false;
  std::map<std::string, std::string, std::less<>> query;  // decoded
  Json body;

  [[nodiscard]] bool writes() const { return verb >= Verb::kCreate; }
  [[nodiscard]] std::string_view Query(std::string_view name) const;
  // "apply status TrainingJob ml/mnist"
  [[nodiscard]] std::string Text() const;
};

[[nodiscard]] Request ParseRequest(const k8s::HttpRequest& http);

// Carries out anything but a watch.
[[nodiscard]] Answer Serve(Frontend& frontend, const Request& request, const Writer& writer);

// Whether an object is of what a list or a watch asks for.
[[nodiscard]] bool Matches(const Request& request, const Stored& object);

}  // namespace ffdl::simulation
