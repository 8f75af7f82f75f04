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

Installed InstallFolder(const TemporaryFolder& folder, const std::string& from) {
  return RunInstall(folder, {"--launch-to", folder.Path("bin"), "--code-from", folder.Path(from),
                             "--code-to", folder.Path("to"), "--code-claim", "code"});
}

TEST(InstallTest, BringsAFolderOfAClaimWithAllThatIsInIt) {
  const TemporaryFolder folder;
  fs::create_directories(folder.Path("claim/models/deep"));
  fs::create_directories(folder.Path("claim/lost+found"));
  fs::create_directories(folder.Path("elsewhere"));
  folder.Write("claim/train.py", "print(1)\n");
  folder.Write("claim/models/deep/net.py", "net\n");
  folder.Write("claim/lost+found/x", "");
  folder.Write("claim/..hidden", "h");
  folder.Write("elsewhere/data.txt", "linked\n");
  fs::permissions(folder.Write("claim/tool",
                               "\x7f"
                               "ELF"),
                  fs::perms{0700});
  fs::create_symlink("train.py", folder.Path("claim/main.py"));
  fs::create_symlink("nowhere", folder.Path("claim/broken"));
  fs::create_directory_symlink(folder.Path("elsewhere"), folder.Path("claim/data"));

  EXPECT_EQ(0, InstallFolder(folder, "claim").exit_code);
  EXPECT_THAT(
      NamesOf(folder.Path("to")),
      testing::UnorderedElementsAre("train.py", "main.py", "models", "..hidden", "tool", "data"));
  EXPECT_EQ("net\n", ReadText(folder.Path("to/models/deep/net.py")));
  EXPECT_EQ("linked\n", ReadText(folder.Path("to/data/data.txt")));
  EXPECT_EQ(fs::perms{0644}, ModeOf(folder.Path("to/main.py")));
  EXPECT_EQ(fs::perms{0755}, ModeOf(folder.Path("to/tool")));
  EXPECT_EQ(fs::perms{0777}, ModeOf(folder.Path("to/models/deep")));

  folder.Write("claim/train.py", "print(2)\n");
  EXPECT_EQ(0, InstallFolder(folder, "claim").exit_code);
  EXPECT_EQ("print(2)\n", ReadText(folder.Path("to/train.py")));
}

TEST(InstallTest, SaysThatTheFolderOfAClaimIsMissing) {
  const TemporaryFolder folder;
  fs::create_directories(folder.Path("empty/within"));
  for (const char* from : {"empty", "nowhere"}) {
    const Installed installed = InstallFolder(folder, from);
    EXPECT_EQ(66, installed.exit_code);
    EXPECT_EQ("CodeMissing", installed.reason);
    EXPECT_EQ(
        "the folder of `spec.code.claim` in PersistentVolumeClaim 'code' does not exist or is "
        "empty; put the code there, and the learner starts by itself",
        installed.message);
  }
}

TEST(InstallTest, BringsNoMoreThanCodeFromAClaim) {
  const TemporaryFolder folder;
  fs::create_directories(folder.Path("circle"));
  folder.Write("circle/a", "");
  fs::create_directory_symlink(".", folder.Path("circle/again"));
  EXPECT_EQ("InstallFailed", InstallFolder(folder, "circle").reason);
  EXPECT_THAT(InstallFolder(folder, "circle").message,
              HasSubstr("has folders more than 32 deep; name the folder that is needed in "
                        "`spec.code.claim.subPath`"));

  fs::create_directories(folder.Path("large"));
  fs::resize_file(folder.Write("large/data", ""), (1ULL << 30U) + 1);
  EXPECT_THAT(InstallFolder(folder, "large").message, HasSubstr("has more than 1 GiB; "));

  // 11 * 11 * 100 entries, made of a few by links.
  for (const char* const level : {"many", "middle", "leaf"}) {
    fs::create_directories(folder.Path(level));
    const std::string inner = level == std::string("many")     ? folder.Path("middle")
                              : level == std::string("middle") ? folder.Path("leaf")
                                                               : "nowhere";
    for (int i = 0; i < (inner == "nowhere" ? 100 : 11); ++i) {
      fs::create_symlink(inner, folder.Path(std::string(level) + "/" + std::to_string(i)));
    }
  }
  EXPECT_THAT(InstallFolder(folder, "many").message,
              HasSubstr("has more than 10000 files and folders; "));
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
