#include "operator/agent/install.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "test/unit/operator/agent/process.h"

namespace ffdl::agent {
namespace {

namespace fs = std::filesystem;
using test::Process;
using test::ReadText;
using test::TemporaryFolder;
using testing::HasSubstr;

// Laid out as the kubelet mounts a ConfigMap: names -> ..data -> a folder with a time for a name.
std::string MountConfigMap(const TemporaryFolder& folder,
                           const std::map<std::string, std::string>& files) {
  const std::string data = "..2026_11_23_08_32_40.123456789";
  fs::create_directories(folder.Path("config/" + data));
  fs::create_directory_symlink(data, folder.Path("config/..data"));
  for (const auto& [name, content] : files) {
    folder.Write(std::string("config/").append(data).append("/").append(name), content);
    fs::create_symlink("..data/" + name, folder.Path("config/" + name));
  }
  return folder.Path("config");
}

struct Installed {
  int exit_code;
  std::string reason;
  std::string message;
};

Installed RunInstall(const TemporaryFolder& folder, const std::vector<std::string>& more) {
  const std::string log = folder.Write("termination-log", "");
  std::vector<std::string> command = {FFDL_AGENT_PROGRAM, "install", "--termination-log", log};
  command.insert(command.end(), more.begin(), more.end());
  const int exit_code = Process({.command = command}).Wait();
  const std::string json = ReadText(log);
  if (json.empty()) return {exit_code, "", ""};
  const auto parsed = nlohmann::json::parse(json);
  return {exit_code, parsed.at("reason"), parsed.at("message")};
}

fs::perms ModeOf(const std::string& path) { return fs::status(path).permissions(); }

std::vector<std::string> NamesOf(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path)) {
    names.push_back(entry.is_symlink() ? "a link" : entry.path().filename().string());
  }
  return names;
}

TEST(InstallTest, BringsTheLauncherAndFolders) {
  const TemporaryFolder folder;
  const Installed installed =
      RunInstall(folder, {"--launch-to", folder.Path("bin"), "--make-dir", folder.Path("a/b")});
  EXPECT_EQ(0, installed.exit_code);
  EXPECT_EQ(ReadText(FFDL_LAUNCH_PROGRAM), ReadText(folder.Path("bin/ffdl-launch")));
  EXPECT_EQ(fs::perms{0755}, ModeOf(folder.Path("bin/ffdl-launch")));
  EXPECT_EQ(fs::perms{0777}, ModeOf(folder.Path("a/b")));  // for learners of any user
}

TEST(InstallTest, BringsTheCodeAsPlainFiles) {
  const TemporaryFolder folder;
  const std::string config = MountConfigMap(
      folder, {{"train.py", "print(1)\n"}, {"run.sh", "#!/bin/sh\n"}, {".hidden", "h"}});
  const Installed installed = RunInstall(folder, {"--launch-to", folder.Path("bin"), "--code-from",
                                                  config, "--code-to", folder.Path("code")});
  EXPECT_EQ(0, installed.exit_code);
  EXPECT_EQ("print(1)\n", ReadText(folder.Path("code/train.py")));
  EXPECT_EQ(fs::perms{0644}, ModeOf(folder.Path("code/train.py")));
  EXPECT_EQ(fs::perms{0755}, ModeOf(folder.Path("code/run.sh")));
  EXPECT_THAT(NamesOf(folder.Path("code")),
              testing::UnorderedElementsAre("train.py", "run.sh", ".hidden"));
}

TEST(InstallTest, MayRunAgainWhileTheLauncherIsInUse) {
  const TemporaryFolder folder;
  ASSERT_EQ(0, RunInstall(folder, {"--launch-to", folder.Path("bin")}).exit_code);
  Process running({.command = {folder.Path("bin/ffdl-launch"), "--termination-log",
                               folder.Path("end"), "--", "sh", "-c", "echo ready; sleep 60"}});
  running.AwaitOutput("ready");
  EXPECT_EQ(0, RunInstall(folder, {"--launch-to", folder.Path("bin")}).exit_code);
}

TEST(InstallTest, SaysThatTheConfigMapIsMissing) {
  const TemporaryFolder folder;
  fs::create_directory(folder.Path("empty"));
  for (const char* from : {"empty", "nowhere"}) {
    const Installed installed =
        RunInstall(folder, {"--launch-to", folder.Path("bin"), "--code-from", folder.Path(from),
                            "--code-to", folder.Path("code"), "--code-name", "mnist-code"});
    EXPECT_EQ(66, installed.exit_code);
    EXPECT_EQ("CodeMissing", installed.reason);
    EXPECT_EQ(
        "ConfigMap 'mnist-code' does not exist or is empty; create it, and the learner starts by "
        "itself",
        installed.message);
  }
}

TEST(InstallTest, NamesThePathAndTheCauseOfAFailure) {
  const TemporaryFolder folder;
  const std::string file = folder.Write("file", "");
  const Installed installed = RunInstall(folder, {"--launch-to", file + "/bin"});
  EXPECT_EQ(74, installed.exit_code);
  EXPECT_EQ("InstallFailed", installed.reason);
  EXPECT_EQ("create " + file + ": Not a directory", installed.message);
}

TEST(InstallTest, RefusesWrongUsage) {
  const TemporaryFolder folder;
  const std::vector<std::vector<std::string>> wrong = {{},
                                                       {"--launch-to"},
                                                       {"--launch-to", "/x", "extra"},
                                                       {"--launch-to", "/x", "--code-from", "/y"}};
  for (const auto& arguments : wrong) {
    const Installed installed = RunInstall(folder, arguments);
    EXPECT_EQ(64, installed.exit_code);
    EXPECT_EQ("UsageInvalid", installed.reason);
    EXPECT_THAT(installed.message, HasSubstr("see ffdl-agent --help"));
  }
}

TEST(InstallTest, Helps) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {FFDL_AGENT_PROGRAM, "--help"}, {FFDL_AGENT_PROGRAM, "install", "--help"}}) {
    Process process({.command = command});
    EXPECT_EQ(0, process.Wait());
    EXPECT_THAT(process.output(), testing::StartsWith("Usage: ffdl-agent install"));
  }
}

}  // namespace
}  // namespace ffdl::agent
