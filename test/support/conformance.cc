#include "test/support/conformance.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace ffdl::test {
namespace {

using nlohmann::json;
using namespace nlohmann::literals;

const std::string kSets = "/apis/apps/v1/namespaces/default/statefulsets";
const std::string kSet = kSets + "/bert-learner";
const std::string kJobs = "/apis/ffdl.io/v1/namespaces/default/trainingjobs";
const std::string kJob = kJobs + "/bert";

json Set(int replicas) {
  const json labels{{"app", "bert"}};
  return {{"apiVersion", "apps/v1"},
          {"kind", "StatefulSet"},
          {"metadata", {{"name", "bert-learner"}}},
          {"spec",
           {{"replicas", replicas},
            {"serviceName", "bert-learner"},
            {"selector", {{"matchLabels", labels}}},
            {"template",
             {{"metadata", {{"labels", labels}}},
              {"spec", {{"containers", {{{"name", "learner"}, {"image", "train:1"}}}}}}}}}}};
}

// With variables of these names, in this order.
json SetWith(const std::vector<std::string>& names) {
  json env = json::array();
  for (const std::string& name : names) env.push_back({{"name", name}, {"value", "1"}});
  json set = Set(2);
  set["spec"]["template"]["spec"]["containers"][0]["env"] = std::move(env);
  return set;
}

// With init containers of these names, each with a list of its own.
json SetThatBeginsWith(const std::vector<std::string>& names) {
  json set = Set(2);
  json& spec = set["spec"]["template"]["spec"];
  spec["volumes"] = {{{"name", "code"}, {"emptyDir", json::object()}}};
  spec["initContainers"] = json::array();
  for (const std::string& name : names) {
    spec["initContainers"].push_back(
        {{"name", name},
         {"image", "setup:1"},
         {"volumeMounts", {{{"name", "code"}, {"mountPath", "/code"}, {"readOnly", true}}}}});
  }
  return set;
}

json Job() {
  return {{"apiVersion", "ffdl.io/v1"},
          {"kind", "TrainingJob"},
          {"metadata", {{"name", "bert"}}},
          {"spec", {{"framework", {{"image", "train:1"}}}, {"command", {"train"}}}}};
}

json WithMeta(json body, const char* name, const std::string& value) {
  body["metadata"][name] = value;
  return body;
}

json Status(const std::string& state) {
  json body = Job();
  body["status"] = {{"state", state}};
  return body;
}

json DeleteOptions(const std::string& uid) {
  return {{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"preconditions", {{"uid", uid}}}};
}

std::string TextAt(const json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

class Script {
 public:
  explicit Script(const Exchange& exchange) : exchange_(exchange) {}

  void Create(const std::string& what, const std::string& path, const json& body) {
    Write(what, "POST", path + "?fieldManager=first", "application/json", body);
  }
  void Apply(const std::string& what, const std::string& path, std::string_view query,
             const json& body) {
    Write(what, "PATCH", fmt::format("{}?{}", path, query), "application/apply-patch+yaml", body);
  }
  void Patch(const std::string& what, const std::string& path, const json& body) {
    Write(what, "PATCH", path + "?fieldManager=first", "application/merge-patch+json", body);
  }
  void Delete(const std::string& what, const std::string& path, const json& options) {
    Write(what, "DELETE", path, "application/json", options);
  }
  void Get(const std::string& what, const std::string& path) { Write(what, "GET", path, "", {}); }

  void Watch(const std::string& what, const std::string& collection, const std::string& version) {
    k8s::HttpRequest request;
    request.path =
        fmt::format("{}?watch=1&resourceVersion={}&timeoutSeconds=1", collection, version);
    const std::string body = exchange_(request).body;
    std::string line = what + ":";
    for (std::size_t at = 0; at < body.size();) {
      const std::size_t end = std::min(body.find('\n', at), body.size());
      const json event = json::parse(body.substr(at, end - at), nullptr, false);
      if (event.is_object()) line += " " + TextAt(event, "type");
      at = end + 1;
    }
    lines_.push_back(std::move(line));
  }

  // Of the object that was last written or read.
  [[nodiscard]] const std::string& uid() const { return uid_; }
  [[nodiscard]] const std::string& version() const { return version_; }
  [[nodiscard]] std::vector<std::string> Take() { return std::move(lines_); }

 private:
  void Write(const std::string& what, std::string method, std::string path,
             std::string content_type, const json& body) {
    k8s::HttpRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.content_type = std::move(content_type);
    if (!body.is_null()) request.body = body.dump();
    const k8s::HttpResponse response = exchange_(request);
    lines_.push_back(fmt::format("{}: {}{}", what, response.status, Visible(response)));
  }

  std::string Visible(const k8s::HttpResponse& response) {
    const json answer = json::parse(response.body, nullptr, false);
    if (!answer.is_object()) return " (no JSON)";
    if (response.status >= 300) return " " + TextAt(answer, "reason");
    if (TextAt(answer, "kind") == "Status") return " gone";
    const json& metadata = answer["metadata"];
    const std::string version = TextAt(metadata, "resourceVersion");
    std::string text = version == version_ ? " same version" : " new version";
    uid_ = TextAt(metadata, "uid");
    version_ = version;
    if (metadata.contains("generation")) {
      text += fmt::format(", generation {}", metadata["generation"].get<int>());
    }
    const auto status = answer.find("status");
    if (status != answer.end() && status->contains("state")) {
      text += ", state " + TextAt(*status, "state");
    }
    for (const json& first :
         answer.value("/spec/template/spec/initContainers"_json_pointer, json::array())) {
      text += fmt::format(", {} with {}", TextAt(first, "name"),
                          first.value("volumeMounts", json::array()).size());
    }
    const json env = answer.value("/spec/template/spec/containers/0/env"_json_pointer, json());
    for (const json& variable : env) text += ", $" + TextAt(variable, "name");
    return text;
  }

  const Exchange& exchange_;
  std::string uid_;
  std::string version_;
  std::vector<std::string> lines_;
};

void PlaySets(Script& script) {
  script.Get("get a set that is not there", kSet);
  script.Apply("apply it with a uid", kSet, "fieldManager=ours&force=true",
               WithMeta(Set(1), "uid", "00000000-0000-4000-8000-000000000000"));
  script.Apply("apply it", kSet, "fieldManager=ours&force=true", Set(1));
  const std::string first = script.version();
  script.Create("create it", kSets, Set(1));
  script.Apply("apply it again", kSet, "fieldManager=ours&force=true", Set(1));
  script.Apply("apply another value as somebody else", kSet, "fieldManager=theirs&force=false",
               Set(2));
  script.Apply("apply it with force", kSet, "fieldManager=theirs&force=true", Set(2));
  script.Apply("apply two variables", kSet, "fieldManager=ours&force=true", SetWith({"A", "C"}));
  script.Apply("apply one between them", kSet, "fieldManager=ours&force=true",
               SetWith({"A", "B", "C"}));
  script.Apply("apply them in another order", kSet, "fieldManager=ours&force=true",
               SetWith({"C", "D", "A"}));
  script.Apply("apply two init containers", kSet, "fieldManager=ours&force=true",
               SetThatBeginsWith({"setup", "fetch"}));
  script.Apply("apply one of them", kSet, "fieldManager=ours&force=true",
               SetThatBeginsWith({"setup"}));
  script.Apply("apply with an outdated version", kSet, "fieldManager=ours&force=true",
               WithMeta(Set(3), "resourceVersion", first));
  script.Apply("apply with another uid", kSet, "fieldManager=ours&force=true",
               WithMeta(Set(3), "uid", "00000000-0000-4000-8000-000000000000"));
  script.Delete("delete with another uid", kSet,
                DeleteOptions("00000000-0000-4000-8000-000000000000"));
  script.Delete("delete with its uid", kSet, DeleteOptions(script.uid()));
  script.Delete("delete what is gone", kSet, DeleteOptions(script.uid()));
  script.Watch("watch from the first version", kSets, first);
}

void PlayJobs(Script& script) {
  script.Create("create a job", kJobs, Job());
  script.Apply("apply its status", kJob + "/status", "fieldManager=status&force=true",
               Status("Pending"));
  script.Apply("apply its status again", kJob + "/status", "fieldManager=status&force=true",
               Status("Pending"));
  const std::string before = script.version();
  script.Patch("patch its status by the main resource", kJob, {{"status", {{"state", "Failed"}}}});
  script.Patch("patch its spec", kJob, {{"spec", {{"suspend", true}}}});
  script.Apply("apply its status with an outdated version", kJob + "/status",
               "fieldManager=status&force=true",
               WithMeta(Status("Halted"), "resourceVersion", before));
  script.Apply("apply the status of a job that is not there", kJobs + "/other/status",
               "fieldManager=status&force=true", WithMeta(Status("Halted"), "name", "other"));
  script.Delete("delete the job", kJob, DeleteOptions(script.uid()));
}

}  // namespace

std::vector<std::string> PlayConformance(const Exchange& exchange) {
  Script script(exchange);
  PlaySets(script);
  PlayJobs(script);
  return script.Take();
}

const std::vector<std::string>& ConformingHistory() {
  static const std::vector<std::string> kHistory{
      "get a set that is not there: 404 NotFound",
      "apply it with a uid: 409 Conflict",
      "apply it: 201 new version, generation 1",
      "create it: 409 AlreadyExists",
      "apply it again: 200 same version, generation 1",
      "apply another value as somebody else: 409 Conflict",
      "apply it with force: 200 new version, generation 2",
      "apply two variables: 200 new version, generation 3, $A, $C",
      "apply one between them: 200 new version, generation 4, $A, $B, $C",
      "apply them in another order: 200 new version, generation 5, $C, $D, $A",
      "apply two init containers: 200 new version, generation 6, setup with 1, fetch with 1",
      "apply one of them: 200 new version, generation 7, setup with 1",
      "apply with an outdated version: 409 Conflict",
      "apply with another uid: 422 Invalid",
      "delete with another uid: 409 Conflict",
      "delete with its uid: 200 gone",
      "delete what is gone: 404 NotFound",
      "watch from the first version: MODIFIED MODIFIED MODIFIED MODIFIED MODIFIED MODIFIED DELETED",
      "create a job: 201 new version, generation 1",
      "apply its status: 200 new version, generation 1, state Pending",
      "apply its status again: 200 same version, generation 1, state Pending",
      "patch its status by the main resource: 200 same version, generation 1, state Pending",
      "patch its spec: 200 new version, generation 2, state Pending",
      "apply its status with an outdated version: 409 Conflict",
      "apply the status of a job that is not there: 404 NotFound",
      "delete the job: 200 gone",
  };
  return kHistory;
}

}  // namespace ffdl::test
