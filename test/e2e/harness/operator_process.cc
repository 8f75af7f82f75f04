#include "test/e2e/harness/operator_process.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "test/e2e/harness/story_failure.h"

namespace ffdl::e2e {
namespace {

constexpr const char* kOperatorNamespace = "ffdl-system";

std::string Must(const Words& words, CommandOptions options = {}) {
  CommandResult result = RunCommand(words, options);
  if (!result.ok()) throw StoryFailure(Describe(result));
  return std::move(result.out);
}

std::string ReadText(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The middle part of a JSON Web Token is base64 of JSON; its "jti" names the token.
std::string CredentialOf(const std::string& token) {
  const std::size_t first = token.find('.');
  std::string payload = token.substr(first + 1, token.rfind('.') - first - 1);
  for (char& c : payload) c = c == '-' ? '+' : c == '_' ? '/' : c;
  payload.append((4 - payload.size() % 4) % 4, '=');
  const Json claims = Json::parse(Must({"base64", "--decode"}, {.input = payload}));
  return "JTI=" + TextAt(claims, "/jti");
}

const std::string& AgentImage() {
  static const std::string kImage =
      Must({"kubectl", "get", "deployment", "ffdl-operator", "--namespace", kOperatorNamespace,
            "--output", "jsonpath={.spec.template.spec.containers[0].image}"});
  return kImage;
}

void ScaleOperator(int replicas) {
  Must({"kubectl", "scale", "deployment/ffdl-operator", "--namespace", kOperatorNamespace,
        "--replicas=" + std::to_string(replicas)});
}

}  // namespace

std::string OperatorProgram() { return FFDL_OPERATOR_PROGRAM; }

std::string MakeFolder() {
  std::string path = (std::filesystem::temp_directory_path() / "ffdl-e2e-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) throw StoryFailure("cannot make a folder at " + path);
  return path;
}

std::string OperatorToken() {
  std::string token =
      Must({"kubectl", "create", "token", "ffdl-operator", "--namespace", kOperatorNamespace});
  while (!token.empty() && token.back() == '\n') token.pop_back();
  return token;
}

std::string WriteKubeconfig(const std::string& folder, const std::string& token,
                            const std::string& server, const std::string& authority) {
  Json config = Json::parse(Must({"kubectl", "config", "view", "--raw", "--output", "json"}));
  if (!token.empty()) config["users"][0]["user"] = {{"token", token}};
  Json& cluster = config["clusters"][0]["cluster"];
  if (!server.empty()) cluster["server"] = server;
  if (!authority.empty()) {
    std::ofstream(folder + "/authority.crt") << authority;
    cluster.erase("certificate-authority-data");
    cluster["certificate-authority"] = folder + "/authority.crt";
  }
  std::string path = folder + "/kubeconfig";
  std::ofstream(path) << config.dump();
  return path;
}

OperatorProcess::OperatorProcess(const std::string& name, const Words& flags)
    : folder_(MakeFolder()), log_(folder_ + "/" + name + ".log") {
  const std::string token = OperatorToken();
  credential_ = CredentialOf(token);
  Start(WriteKubeconfig(folder_, token), flags);
}

OperatorProcess::OperatorProcess(const std::string& name, const std::string& kubeconfig,
                                 const Words& flags)
    : folder_(MakeFolder()), log_(folder_ + "/" + name + ".log") {
  Start(kubeconfig, flags);
}

void OperatorProcess::Start(const std::string& kubeconfig, const Words& flags) {
  Words words{OperatorProgram(), "--kubeconfig=" + kubeconfig, "--http_address=127.0.0.1:0",
              "--agent_image=" + AgentImage(),
              std::string("--lease_namespace=") + kOperatorNamespace};
  words.insert(words.end(), flags.begin(), flags.end());
  const int fd = open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  process_ = std::make_unique<ChildProcess>(words, ChildOptions{.out = fd, .err = fd});
  close(fd);
}

OperatorProcess::~OperatorProcess() {
  if (testing::Test::HasFailure() || std::uncaught_exceptions() > 0) {
    std::cout << log_ << ":\n" << Log() << '\n';
  }
  process_.reset();
  std::filesystem::remove_all(folder_);
}

std::string OperatorProcess::Log() const { return ReadText(log_); }

void StoryWithoutOperator::SetUp() {
  Story::SetUp();
  ScaleOperator(0);
  const auto gone = [] {
    return Must({"kubectl", "get", "pods", "--namespace", kOperatorNamespace, "--output", "name"})
        .empty();
  };
  if (!Eventually(gone, kCleanUpMax)) throw StoryFailure("the operator's pods did not go");
}

void StoryWithoutOperator::TearDown() {
  ScaleOperator(1);
  Story::TearDown();
  Must({"kubectl", "rollout", "status", "deployment/ffdl-operator", "--namespace",
        kOperatorNamespace, "--timeout=90s"},
       {.limit = std::chrono::seconds(100)});
}

}  // namespace ffdl::e2e
