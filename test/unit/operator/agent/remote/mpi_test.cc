#include "operator/agent/remote/mpi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "test/unit/operator/agent/process.h"

namespace ffdl::agent {
namespace {

using testing::ElementsAre;

std::string Text(const std::vector<MpiHost>& hosts) {
  std::string text;
  for (const MpiHost& host : hosts) text += host.name + "/" + host.slots + " ";
  return text;
}

class MpiTest : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
  MpiOptions options_{.hosts = "unused", .directory = folder_.Path("mpi"), .key_file = "/key/key"};
  const std::vector<MpiHost> hosts_ = MpiHostsIn("b-0.b slots=2,b-1.b slots=4");
};

TEST_F(MpiTest, ReadsHosts) {
  EXPECT_EQ("b-0.b/2 b-1.b/4 ", Text(hosts_));
  EXPECT_EQ("b-0.b/1 ", Text(MpiHostsIn("b-0.b,")));
  EXPECT_EQ("", Text(MpiHostsIn(", slots=3,")));
}

TEST_F(MpiTest, CountsItselfNotAmongItsPeers) {
  EXPECT_THAT(PeersAmong(hosts_, "b-0"), ElementsAre("b-1.b"));
  EXPECT_THAT(PeersAmong(hosts_, "launcher-0"), ElementsAre("b-0.b", "b-1.b"));
}

TEST_F(MpiTest, WritesAHostfileForEachWayOfReadingOne) {
  ASSERT_TRUE(WriteMpiFiles(options_, hosts_, "/ffdl/bin/ffdl-launch"));
  ASSERT_TRUE(WriteMpiFiles(options_, hosts_, "/ffdl/bin/ffdl-launch"));  // and again
  EXPECT_EQ("b-0.b slots=2\nb-1.b slots=4\n", test::ReadText(folder_.Path("mpi/hostfile")));
  EXPECT_EQ("b-0.b:2\nb-1.b:4\n", test::ReadText(folder_.Path("mpi/hostfile.hydra")));
  for (const char* const shell : {"ffdl-rsh", "ssh", "rsh"}) {
    EXPECT_EQ("/ffdl/bin/ffdl-launch",
              std::filesystem::read_symlink(folder_.Path("mpi/bin/") + shell));
  }
}

TEST_F(MpiTest, TellsEachMpiWhereItsShellAndHostsAre) {
  Environment environment({"PATH=/usr/bin", "I_MPI_HYDRA_BOOTSTRAP=ssh"});
  SetMpiEnvironment(
      options_, [](const std::string&) { return true; }, environment);
  const std::string shell = folder_.Path("mpi/bin/ffdl-rsh");
  EXPECT_EQ(shell, environment.GetOrEmpty("OMPI_MCA_plm_rsh_agent"));
  EXPECT_EQ(shell, environment.GetOrEmpty("PRTE_MCA_plm_ssh_agent"));
  EXPECT_EQ(shell, environment.GetOrEmpty("HYDRA_LAUNCHER_EXEC"));
  EXPECT_EQ(folder_.Path("mpi/hostfile"), environment.GetOrEmpty("MPI_HOSTFILE"));
  EXPECT_EQ(folder_.Path("mpi/hostfile.hydra"), environment.GetOrEmpty("HYDRA_HOST_FILE"));
  EXPECT_EQ(folder_.Path("mpi/bin") + ":/usr/bin", environment.GetOrEmpty("PATH"));
  EXPECT_EQ("ssh", environment.GetOrEmpty("I_MPI_HYDRA_BOOTSTRAP")) << "what is set stays";
  EXPECT_EQ("", environment.GetOrEmpty("TMPDIR"));
  EXPECT_EQ("/key/key", environment.GetOrEmpty("FFDL_MPI_KEY"));
  EXPECT_EQ(2022, PortIn(environment));
}

TEST_F(MpiTest, FindsAPlaceForSocketsOnAReadOnlyRoot) {
  Environment environment({});
  SetMpiEnvironment(
      options_, [](const std::string&) { return false; }, environment);
  EXPECT_EQ(folder_.Path("mpi/tmp"), environment.GetOrEmpty("TMPDIR"));
  EXPECT_TRUE(std::filesystem::is_directory(folder_.Path("mpi/tmp")));
}

TEST_F(MpiTest, TakesNoKeyThatCouldBeGuessed) {
  EXPECT_FALSE(ReadJobKey(folder_.Path("missing")));
  EXPECT_FALSE(ReadJobKey(folder_.Write("short", "secret")));
  EXPECT_EQ(std::string(64, 'a'), *ReadJobKey(folder_.Write("key", std::string(64, 'a'))));
}

TEST_F(MpiTest, TakesThePortThatIsTold) {
  EXPECT_EQ(7, PortIn(Environment({"FFDL_MPI_PORT=7"})));
  EXPECT_EQ(2022, PortIn(Environment({})));
  EXPECT_EQ(2022, PortIn(Environment({"FFDL_MPI_PORT=70000"})));
}

}  // namespace
}  // namespace ffdl::agent
