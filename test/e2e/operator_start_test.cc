// An operator that is started wrongly says so in one line.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "test/e2e/harness/api_server.h"
#include "test/e2e/harness/operator_process.h"
#include "test/e2e/harness/story_failure.h"

namespace ffdl::e2e {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;

class OperatorStartTest : public testing::Test {
 protected:
  ~OperatorStartTest() override { std::filesystem::remove_all(folder_); }

  static CommandResult RunOperator(Words flags) {
    flags.insert(flags.begin(), OperatorProgram());
    return RunCommand(flags, {.limit = seconds(20)});
  }

  static void ExpectOneLine(const CommandResult& result, const std::string& line) {
    EXPECT_NE(0, result.exit_code) << result;
    EXPECT_LT(result.exit_code, 128) << "crashed: " << result;
    EXPECT_THAT(result.err, HasSubstr(line)) << result;
    EXPECT_EQ(1, std::ranges::count(result.err, '\n')) << result;
  }

  const std::string folder_ = MakeFolder();
};

TEST_F(OperatorStartTest, WrongFlagsAreNamedInOneLine) {
  ExpectOneLine(RunOperator({}), "ffdl-operator: --agent_image must name the image");
  ExpectOneLine(RunOperator({"--agent_image=x", "--workers=0"}),
                "ffdl-operator: --workers must be between 1 and 64");
  ExpectOneLine(RunOperator({"--agent_image=x", "--log_level=loud"}),
                "--log_level must be debug, info, warning or error");
  ExpectOneLine(RunOperator({"--agent_image=x", "--lease_duration_seconds=10"}),
                "--retry_period_seconds must fall");
  ExpectOneLine(RunOperator({"--agent_image=x", "please"}), "unexpected argument 'please'");
  ExpectOneLine(RunOperator({"--agent_image=x", "--nonsense"}), "nonsense");
  ExpectOneLine(RunOperator({"--agent_image=x", "--workers=many"}), "many");
}

TEST_F(OperatorStartTest, MissingOrUnreadableKubeconfigIsNamedInOneLine) {
  ExpectOneLine(RunOperator({"--agent_image=x", "--kubeconfig=/does/not/exist"}),
                "/does/not/exist");
  const std::string path = folder_ + "/kubeconfig";
  std::ofstream(path) << "clusters: [oh, no";
  ExpectOneLine(RunOperator({"--agent_image=x", "--kubeconfig=" + path}), path);
}

TEST_F(OperatorStartTest, AddressThatIsTakenIsNamedInOneLine) {
  const int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof(address);
  ASSERT_EQ(0, bind(taken, reinterpret_cast<sockaddr*>(&address), size));
  ASSERT_EQ(0, listen(taken, 1));
  ASSERT_EQ(0, getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size));
  const std::string port = std::to_string(ntohs(address.sin_port));

  ExpectOneLine(RunOperator({"--agent_image=x", "--http_address=127.0.0.1:" + port}),
                "127.0.0.1:" + port);
  close(taken);
}

// Credentials are repaired from outside, without a restart: the operator says what is wrong, is not
// ready, and tries again.
TEST_F(OperatorStartTest, RefusedCredentialsAreSaidAndTriedAgain) {
  const CommandResult result = RunCommand(
      {"timeout", "--preserve-status", "--signal=TERM", "5", OperatorProgram(), "--agent_image=x",
       "--http_address=127.0.0.1:0", "--lease_namespace=default", "--lease_name=nobodys",
       "--kubeconfig=" + WriteKubeconfig(folder_, "not-a-token")},
      {.limit = seconds(40)});
  EXPECT_EQ(0, result.exit_code) << "SIGTERM must end it in order: " << result;
  EXPECT_THAT(result.err, HasSubstr("401")) << result;
  EXPECT_LT(std::ranges::count(result.err, '\n'), 60) << "says it too often: " << result;
}

TEST_F(OperatorStartTest, ServerThatCannotBeReachedIsSaidAndTriedAgain) {
  const CommandResult result = RunCommand(
      {"timeout", "--preserve-status", "--signal=TERM", "5", OperatorProgram(), "--agent_image=x",
       "--http_address=127.0.0.1:0", "--lease_namespace=default", "--lease_name=nobodys",
       "--kubeconfig=" + WriteKubeconfig(folder_, "any", "https://127.0.0.1:9")},
      {.limit = seconds(40)});
  EXPECT_EQ(0, result.exit_code) << "SIGTERM must end it in order: " << result;
  EXPECT_THAT(result.err, HasSubstr("127.0.0.1:9")) << result;
  EXPECT_LT(std::ranges::count(result.err, '\n'), 60) << "says it too often: " << result;
}

TEST_F(OperatorStartTest, MissingCrdIsSaidAndTheOperatorGoesOnWhenItIsThere) {
  const EmptyApiServer server;
  const std::string address = "127.0.0.1:" + std::to_string(FreePort());
  const std::string log = folder_ + "/log";
  const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ChildProcess running({OperatorProgram(), "--agent_image=x", "--leader_elect=false",
                        "--http_address=" + address, "--kubeconfig=" + server.kubeconfig()},
                       {.out = fd, .err = fd});
  close(fd);
  const auto said = [&] {
    std::ostringstream text;
    text << std::ifstream(log).rdbuf();
    return text.str();
  };
  const auto ready = [&] {
    return RunCommand({"curl", "--silent", "--fail", "http://" + address + "/readyz"}).ok();
  };

  EXPECT_TRUE(
      Eventually([&] { return said().find("trainingjobs") != std::string::npos; }, seconds(20)))
      << said();
  EXPECT_FALSE(ready());
  EXPECT_THAT(RunCommand({"curl", "--silent", "http://" + address + "/readyz"}).out,
              HasSubstr("trainingjobs"));

  const CommandResult installed =
      server.Kubectl({"apply", "--server-side", "-f",
                      std::string(FFDL_SOURCE_DIR) + "/crds/schema/ffdl.io_trainingjobs.yaml"});
  ASSERT_TRUE(installed.ok()) << installed;
  EXPECT_TRUE(Eventually(ready, kPhaseMax)) << said();
  EXPECT_TRUE(running.Runs()) << said();
  std::cout << said();
}

}  // namespace
}  // namespace ffdl::e2e
