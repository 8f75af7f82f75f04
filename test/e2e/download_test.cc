// Code that comes from a bucket of a real S3 server.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

using testing::HasSubstr;

std::string FromEnvironment(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string("no ") + name + "; see test/cluster");
  return value;
}

// Takes connections and never says a word.
class SilentServer {
 public:
  explicit SilentServer(const std::string& host) : host_(host) {
    sockaddr_in address{.sin_family = AF_INET};
    inet_pton(AF_INET, host.c_str(), &address.sin_addr);
    auto* const where = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    if (bind(socket_, where, size) != 0 || listen(socket_, 8) != 0 ||
        getsockname(socket_, where, &size) != 0) {
      throw std::runtime_error("cannot listen at " + host);
    }
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { close(socket_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  [[nodiscard]] std::string url() const { return "http://" + host_ + ":" + std::to_string(port_); }

 private:
  const std::string host_;
  const int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_ = 0;
};

class DownloadTest : public Story {
 protected:
  void SetUp() override {
    Story::SetUp();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    std::filesystem::remove_all(folder_);
    Story::TearDown();
  }

  // PUT of a path whose parts are already as a URL wants them.
  void Put(const std::string& path, const Words& what) {
    Words words = {"curl",          "--silent",
                   "--show-error",  "--fail-with-body",
                   "--aws-sigv4",   "aws:amz:us-east-1:s3",
                   "--user",        key_ + ":" + secret_,
                   "--header",      "x-amz-content-sha256: UNSIGNED-PAYLOAD",
                   endpoint_ + path};
    words.insert(words.end(), what.begin(), what.end());
    const CommandResult result = RunCommand(words);
    if (!result.ok()) throw std::runtime_error(Describe(result));
  }
  void Put(const std::string& path, const std::string& file) {
    Put(path, {"--upload-file", (folder_ / file).string()});
  }
  void MakeBucket() { Put("/" + bucket_, Words{"--request", "PUT"}); }

  void Write(const std::string& file, const std::string& text) {
    std::ofstream(folder_ / file) << text;
  }

  void MakeSecret(const std::string& secret) {
    Apply(Json{{"apiVersion", "v1"},
               {"kind", "Secret"},
               {"metadata", {{"name", "s3"}}},
               {"stringData", {{"AWS_ACCESS_KEY_ID", key_}, {"AWS_SECRET_ACCESS_KEY", secret}}}});
  }

  JobManifest JobFrom(const Json& place) {
    JobManifest job("loader", "sh train.sh");
    Json store = {
        {"endpoint", endpoint_}, {"bucket", bucket_}, {"credentials", {{"secretName", "s3"}}}};
    store.update(place);
    return job.Set("/code/objectStore", store);
  }

  std::string Message(const Json& job) { return TextAt(ConditionOf(job, "Ready"), "/message"); }

  const std::string endpoint_ = FromEnvironment("FFDL_S3_ENDPOINT");
  const std::string key_ = FromEnvironment("AWS_ACCESS_KEY_ID");
  const std::string secret_ = FromEnvironment("AWS_SECRET_ACCESS_KEY");
  const std::string bucket_ = ns();  // of this story alone
  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ns();
};

TEST_F(DownloadTest, ArchiveInABucketIsUnpackedForEachLearner) {
  MakeSecret(secret_);
  MakeBucket();
  std::filesystem::create_directories(folder_ / "nets");
  Write("train.sh", "exec nets/run");
  Write("nets/run",
        "#!/bin/sh\ntest -z \"$AWS_SECRET_ACCESS_KEY\" && test ! -e /ffdl-credentials\n");
  std::filesystem::permissions(folder_ / "nets/run", std::filesystem::perms::owner_all);
  ASSERT_TRUE(
      RunCommand({"tar", "-C", folder_, "-czf", folder_ / "code.tar.gz", "train.sh", "nets"}).ok());
  Put("/" + bucket_ + "/models/code%20v1.tar.gz", "code.tar.gz");

  Apply(JobFrom({{"key", "models/code v1.tar.gz"}}).Learners(2));
  AwaitState("loader", "Completed");
}

TEST_F(DownloadTest, FolderOfABucketIsBroughtAsItIs) {
  MakeSecret(secret_);
  MakeBucket();
  Write("train.sh", "grep -q deep nets/deep/conv.py && test ! -e other.py");
  Write("conv.py", "deep");
  Put("/" + bucket_ + "/mnist/train.sh", "train.sh");
  Put("/" + bucket_ + "/mnist/nets/deep/conv.py", "conv.py");
  Put("/" + bucket_ + "/mnist-2/other.py", "conv.py");

  Apply(JobFrom({{"prefix", "mnist"}}));
  AwaitState("loader", "Completed");
}

TEST_F(DownloadTest, MissingBucketIsNamedAndTheJobGoesOnWhenItIsThere) {
  MakeSecret(secret_);
  Apply(JobFrom({{"key", "train.sh"}}));

  const Json waiting = AwaitReason("loader", "CodeMissing");
  EXPECT_EQ("Pending", TextAt(waiting, "/status/state"));
  EXPECT_THAT(Message(waiting), HasSubstr("'" + bucket_ + "'"));

  MakeBucket();
  Write("train.sh", "exit 0");
  Put("/" + bucket_ + "/train.sh", "train.sh");
  AwaitState("loader", "Completed");
}

TEST_F(DownloadTest, WrongSecretIsToldInTheStoresWordsAndCanBeMended) {
  MakeBucket();
  Write("train.sh", "exit 0");
  Put("/" + bucket_ + "/train.sh", "train.sh");
  MakeSecret("not-the-secret");
  Apply(JobFrom({{"key", "train.sh"}}));

  const std::string message = Message(AwaitReason("loader", "CodeAccessDenied"));
  EXPECT_THAT(message, HasSubstr("SignatureDoesNotMatch"));
  EXPECT_THAT(message, HasSubstr("'s3'"));
  EXPECT_THAT(message, testing::Not(HasSubstr("not-the-secret")));

  MakeSecret(secret_);
  AwaitState("loader", "Completed");
}

TEST_F(DownloadTest, MissingSecretIsNamedAndStoreThatDoesNotListenIsToo) {
  Apply(JobFrom({{"key", "train.sh"}}));
  EXPECT_THAT(Message(AwaitReason("loader", "CodeAccessDenied")), HasSubstr("Secret 's3'"));

  MakeSecret(secret_);
  Json nobody = JobFrom({{"key", "train.sh"}, {"endpoint", "http://localhost:9"}}).json();
  nobody["metadata"]["name"] = "lost";
  Apply(nobody);
  EXPECT_THAT(Message(AwaitReason("lost", "ObjectStoreUnavailable")),
              HasSubstr("http://localhost:9"));
}

TEST_F(DownloadTest, JobSaysThatItDownloadsAndCanBeSuspendedMeanwhile) {
  const SilentServer server("10.99.0.1");
  MakeSecret(secret_);
  Apply(JobFrom({{"key", "train.sh"}, {"endpoint", server.url()}}));

  const Json loading = AwaitState("loader", "Downloading");
  EXPECT_EQ("DownloadingCode", TextAt(ConditionOf(loading, "Ready"), "/reason"));
  EXPECT_EQ("the learner is downloading its code", Message(loading));

  const std::size_t mark = jobs().size();
  Edit("loader", {{"suspend", true}});
  AwaitState("loader", "Halted", mark);
}

}  // namespace
}  // namespace ffdl::e2e
