#include "test/e2e/harness/proxied_server.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "test/e2e/harness/operator_process.h"
#include "test/e2e/harness/story_failure.h"

namespace ffdl::e2e {
namespace {

std::string Must(const Words& words, CommandOptions options = {}) {
  CommandResult result = RunCommand(words, options);
  if (!result.ok()) throw StoryFailure(Describe(result));
  return std::move(result.out);
}

Json ClusterOfOurs() {
  const Json config = Json::parse(Must({"kubectl", "config", "view", "--raw", "--output=json"}));
  return At(config, "/clusters/0/cluster");
}

std::string WriteAuthority(const std::string& folder, const Json& cluster) {
  std::string path = folder + "/cluster.crt";
  std::ofstream(path) << Must({"base64", "--decode"},
                              {.input = TextAt(cluster, "/certificate-authority-data")});
  return path;
}

}  // namespace

ProxiedServer::ProxiedServer(test::FaultProxy::Choose choose, test::FaultProxy::Struck struck)
    : folder_(MakeFolder()),
      proxy_([&] {
        const Json cluster = ClusterOfOurs();
        return test::FaultProxy(authority_, TextAt(cluster, "/server"),
                                WriteAuthority(folder_, cluster), std::move(choose),
                                std::move(struck));
      }()),
      kubeconfig_(WriteKubeconfig(folder_, OperatorToken(), proxy_.url(), authority_.pem())) {}

ProxiedServer::~ProxiedServer() { std::filesystem::remove_all(folder_); }

}  // namespace ffdl::e2e
