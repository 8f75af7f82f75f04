#include "test/e2e/harness/api_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "test/e2e/harness/operator_process.h"
#include "test/e2e/harness/story_failure.h"

namespace ffdl::e2e {
namespace {

constexpr std::chrono::seconds kStartMax{60};

std::string ReadText(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The words with which the cluster's own API server was started; its folder holds the kubeconfig.
Words CommandOfTheClustersServer() {
  const char* const kubeconfig = std::getenv("KUBECONFIG");
  if (kubeconfig == nullptr)
    throw StoryFailure("KUBECONFIG is not set: run me by test/cluster/run");
  std::string pid = ReadText(std::filesystem::path(kubeconfig).parent_path() / "pid" / "apiserver");
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  std::istringstream line(ReadText("/proc/" + pid + "/cmdline"));
  Words words;
  for (std::string word; std::getline(line, word, '\0');) words.push_back(word);
  if (words.empty()) throw StoryFailure("the cluster's API server has no process " + pid);
  return words;
}

}  // namespace

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof(address);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw StoryFailure("no port is free");
  }
  close(fd);
  return ntohs(address.sin_port);
}

EmptyApiServer::EmptyApiServer() : folder_(MakeFolder()) {
  const std::string port = std::to_string(FreePort());
  Words words = CommandOfTheClustersServer();
  words.push_back("--secure-port=" + port);  // of a flag that stands twice the last counts
  words.push_back("--etcd-prefix=" + folder_);
  words.push_back("--audit-log-path=" + folder_ + "/audit.log");
  kubeconfig_ = WriteKubeconfig(folder_, "", "https://127.0.0.1:" + port);
  const std::string log = folder_ + "/apiserver.log";
  const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  process_ = std::make_unique<ChildProcess>(words, ChildOptions{.out = fd, .err = fd});
  close(fd);
  if (!Eventually([&] { return Kubectl({"get", "--raw", "/readyz"}).ok(); }, kStartMax)) {
    throw StoryFailure("a second API server did not start: " + ReadText(log));
  }
}

EmptyApiServer::~EmptyApiServer() {
  process_.reset();
  std::filesystem::remove_all(folder_);
}

CommandResult EmptyApiServer::Kubectl(Words words) const {
  words.insert(words.begin(), {"kubectl", "--kubeconfig", kubeconfig_, "--cache-dir", folder_});
  return RunCommand(words);
}

}  // namespace ffdl::e2e
