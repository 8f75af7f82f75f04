// ffdl-agent fetch against an object store that checks signatures and misbehaves.
#include "operator/agent/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "test/support/archive_builder.h"
#include "test/support/s3_server.h"
#include "test/unit/operator/agent/process.h"
#include "test/wire/tls_front.h"

namespace ffdl::agent {
namespace {

namespace fs = std::filesystem;
using ffdl::test::ArchiveBuilder;
using ffdl::test::S3Answer;
using ffdl::test::S3ErrorAnswer;
using ffdl::test::S3Request;
using ffdl::test::S3Server;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using test::Process;
using test::ReadText;
using test::TemporaryFolder;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using Then = S3Server::Raw::Then;

// A mounted Secret, and a folder for the code.
class FetchTest : public testing::Test {
 protected:
  explicit FetchTest(const S3Server::Options& options = {}) : server_(options) {
    fs::create_directory(folder_.Path("secret"));
    folder_.Write("secret/AWS_ACCESS_KEY_ID", "AKIDEXAMPLE\n");
    folder_.Write("secret/AWS_SECRET_ACCESS_KEY", "s3cr3t/Key+With=\n");
  }

  [[nodiscard]] FetchOptions Options() const {
    return {.endpoint = server_.endpoint(),
            .region = "us-east-1",
            .bucket = "ml",
            .credentials = folder_.Path("secret"),
            .secret = "s3",
            .to = folder_.Path("code"),
            .limits = {.first_pause = 1ms, .longest_pause = 5ms}};
  }
  [[nodiscard]] FetchOptions Folder(const std::string& prefix) const {
    FetchOptions options = Options();
    options.prefix = prefix;
    return options;
  }
  [[nodiscard]] FetchOptions Object(const std::string& key) const {
    FetchOptions options = Options();
    options.key = key;
    return options;
  }
  tl::expected<Fetched, Termination> Run(const FetchOptions& options) {
    return Fetch(options, [this](std::string_view line) { said_.emplace_back(line); });
  }
  Termination Failure(const FetchOptions& options) {
    const auto fetched = Run(options);
    EXPECT_FALSE(fs::exists(Code(".ffdl-fetch")));
    return fetched ? Termination{} : fetched.error();
  }
  [[nodiscard]] std::string Code(const std::string& name = "") const {
    return folder_.Path("code/" + name);
  }
  [[nodiscard]] std::vector<std::string> Brought() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(Code())) {
      if (!entry.is_directory()) {
        names.push_back(entry.path().lexically_relative(Code()).string());
      }
    }
    return names;
  }
  [[nodiscard]] std::string At() const { return " at " + server_.endpoint(); }

  S3Server server_;
  TemporaryFolder folder_;
  std::vector<std::string> said_;
};

TEST_F(FetchTest, BringsAFolder) {
  server_.Put("mnist/", "");
  server_.Put("mnist/train.py", "print(1)\n");
  server_.Put("mnist/run.sh", "#!/bin/sh\n");
  server_.Put("mnist/models/net ü+.py", "net\n");
  server_.Put("mnist/models/", "");
  server_.Put("mnist-2/other.py", "");
  for (const char* prefix : {"mnist", "mnist/"}) {
    const auto fetched = Run(Folder(prefix));
    ASSERT_TRUE(fetched) << fetched.error().message;
    EXPECT_EQ(3, fetched->files);
    EXPECT_EQ(23, fetched->bytes);
    EXPECT_THAT(Brought(), UnorderedElementsAre("train.py", "run.sh", "models/net ü+.py"));
  }
  EXPECT_EQ("print(1)\n", ReadText(Code("train.py")));
  EXPECT_EQ(fs::perms{0644}, fs::status(Code("train.py")).permissions());
  EXPECT_EQ(fs::perms{0755}, fs::status(Code("run.sh")).permissions());
  EXPECT_EQ("fetching 'mnist/' of bucket 'ml'" + At() + " into " + folder_.Path("code"),
            said_.at(0));
  EXPECT_THAT(said_.at(1), testing::StartsWith("fetched 3 files, 0.0 MiB, in "));
}

TEST_F(FetchTest, BringsAWholeBucket) {
  server_.Put("a", "A");
  server_.Put("b/c", "C");
  ASSERT_TRUE(Run(Folder("")));
  EXPECT_THAT(Brought(), UnorderedElementsAre("a", "b/c"));
}

TEST_F(FetchTest, BringsOneObject) {
  server_.Put("jobs/train.py", "#!/usr/bin/python\n");
  const auto fetched = Run(Object("jobs/train.py"));
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(18, fetched->bytes);
  EXPECT_THAT(Brought(), UnorderedElementsAre("train.py"));
  EXPECT_EQ(fs::perms{0755}, fs::status(Code("train.py")).permissions());
}

TEST_F(FetchTest, UnpacksAnArchive) {
  server_.Put("jobs/code.tgz", ArchiveBuilder(ArchiveBuilder::Format::kTarGz)
                                   .File("train.py", "print(1)\n")
                                   .File("lib/net.py", "net\n")
                                   .Link("lib/main.py", "../train.py")
                                   .Build());
  const auto fetched = Run(Object("jobs/code.tgz"));
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(3, fetched->files);
  EXPECT_THAT(Brought(), UnorderedElementsAre("train.py", "lib/net.py", "lib/main.py"));
  EXPECT_EQ("print(1)\n", ReadText(Code("lib/main.py")));
}

TEST_F(FetchTest, RefusesArchivesThatCannotBeTheCode) {
  const auto refusal = [&](const std::string& bytes) {
    server_.Put("code.zip", bytes);
    const Termination failure = Failure(Object("code.zip"));
    EXPECT_EQ("CodeInvalid", failure.reason);
    EXPECT_EQ(65, failure.exit_code);
    EXPECT_THAT(failure.message,
                HasSubstr("the code in 'code.zip' of bucket 'ml'" + At() + " cannot be used: "));
    EXPECT_THAT(Brought(), UnorderedElementsAre());
    return failure.message;
  };
  using enum ArchiveBuilder::Format;
  EXPECT_THAT(refusal(ArchiveBuilder(kZip).File("a", "A").File("../x", "x").Build()),
              HasSubstr("'../x' leaves the folder of the code; correct the object"));
  EXPECT_THAT(refusal("no archive"), HasSubstr("it cannot be unpacked: "));
  EXPECT_THAT(refusal(ArchiveBuilder(kZip).Folder("a").Build()),
              HasSubstr("there is no file in it"));
}

TEST_F(FetchTest, RefusesKeysThatCannotBeFiles) {
  const auto refusal = [&](const std::string& key) {
    server_.Put("p/" + key, "x");
    const Termination failure = Failure(Folder("p"));
    server_.Remove("p/" + key);
    EXPECT_EQ("CodeInvalid", failure.reason);
    return failure.message;
  };
  server_.Put("p/a", "A");
  EXPECT_THAT(refusal("../../etc/x"), HasSubstr("'../../etc/x' leaves the folder of the code"));
  EXPECT_THAT(refusal("/x"), HasSubstr("'/x' is an absolute path"));
  EXPECT_THAT(refusal("b//c"), HasSubstr("'b//c' has an empty part"));
  EXPECT_THAT(refusal("a/b"), HasSubstr("'a/b' lies below 'a', which is no folder; correct"));
}

TEST_F(FetchTest, BringsNoMoreThanCode) {
  server_.Misbehave([](const S3Request&, int) {
    return S3Server::Raw{S3Answer(200,
                                  "<ListBucketResult><Contents><Key>data</Key>"
                                  "<Size>1073741825</Size></Contents></ListBucketResult>")};
  });
  EXPECT_EQ("the code in bucket 'ml'" + At() +
                " cannot be used: it has more than 1 GiB; let data come by volumes of "
                "`spec.podTemplate`; correct what is there, or name the folder that is needed in "
                "`spec.code.objectStore.prefix`",
            Failure(Folder("")).message);
  server_.Misbehave([](const S3Request&, int) {
    return S3Server::Raw{"HTTP/1.1 200 OK\r\nContent-Length: 1073741825\r\n\r\nx", Then::kCut};
  });
  EXPECT_THAT(Failure(Object("data.bin")).message, HasSubstr("has more than 1 GiB"));
}

TEST_F(FetchTest, SaysThatTheCodeIsMissing) {
  EXPECT_EQ("there is no object below 'mnist/' of bucket 'ml'" + At() +
                "; correct `spec.code.objectStore.prefix`, or put the code there, and the learner "
                "starts by itself",
            Failure(Folder("mnist")).message);
  const Termination no_key = Failure(Object("code.zip"));
  EXPECT_EQ("CodeMissing", no_key.reason);
  EXPECT_EQ(66, no_key.exit_code);
  EXPECT_EQ("there is no object 'code.zip' of bucket 'ml'" + At() +
                " (NoSuchKey: The specified key does not exist. (HTTP status 404)); correct "
                "`spec.code.objectStore.key`, or put the code there, and the learner starts by "
                "itself",
            no_key.message);
  FetchOptions options = Folder("");
  options.bucket = "other";
  EXPECT_EQ("there is no bucket 'other'" + At() +
                " (NoSuchBucket: The specified bucket does not exist (HTTP status 404)); correct "
                "`spec.code.objectStore.bucket`, or create it and put the code there, and the "
                "learner starts by itself",
            Failure(options).message);
}

TEST_F(FetchTest, SaysWhatTheSecretLacks) {
  fs::remove(folder_.Path("secret/AWS_SECRET_ACCESS_KEY"));
  const Termination failure = Failure(Folder(""));
  EXPECT_EQ("CodeAccessDenied", failure.reason);
  EXPECT_EQ(77, failure.exit_code);
  EXPECT_EQ(
      "Secret 's3' does not exist or lacks AWS_SECRET_ACCESS_KEY; create it, and the "
      "learner starts by itself",
      failure.message);
  fs::remove_all(folder_.Path("secret"));
  EXPECT_THAT(Failure(Folder("")).message,
              HasSubstr("lacks AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(FetchTest, SaysThatTheCredentialsAreRefused) {
  folder_.Write("secret/AWS_SECRET_ACCESS_KEY", "guessed");
  EXPECT_EQ("'mnist/' of bucket 'ml'" + At() +
                " cannot be read (SignatureDoesNotMatch: Check your secret access key. (HTTP "
                "status 403)); correct the credentials in Secret 's3' or what they may do, and the "
                "learner starts by itself",
            Failure(Folder("mnist")).message);
  FetchOptions anonymous = Object("code.zip");
  anonymous.credentials.clear();
  EXPECT_EQ("'code.zip' of bucket 'ml'" + At() +
                " cannot be read (AccessDenied: Access Denied (HTTP status 403)); name a Secret "
                "with credentials in `spec.code.objectStore.credentials.secretName`",
            Failure(anonymous).message);
  folder_.Write("secret/AWS_SESSION_TOKEN", "a\nX-Other: b");
  EXPECT_THAT(Failure(Folder("mnist")).message, HasSubstr("of more than one line"));
}

TEST_F(FetchTest, SaysInWhichRegionTheBucketIs) {
  FetchOptions options = Folder("");
  options.region = "eu-west-1";
  const Termination failure = Failure(options);
  EXPECT_EQ("CodeInvalid", failure.reason);
  EXPECT_EQ("bucket 'ml'" + At() +
                " is in region 'us-east-1', not in 'eu-west-1'; set `spec.code.objectStore.region` "
                "to 'us-east-1'",
            failure.message);
}

TEST_F(FetchTest, SaysThatTheStoreIsNotUsable) {
  server_.Misbehave([](const S3Request&, int) {
    return S3Server::Raw{S3ErrorAnswer(503, "SlowDown", "Please wait.")};
  });
  const Termination busy = Failure(Folder(""));
  EXPECT_EQ("ObjectStoreUnavailable", busy.reason);
  EXPECT_EQ(69, busy.exit_code);
  EXPECT_THAT(busy.message, HasSubstr(" cannot be used now (list bucket 'ml': SlowDown: Please "
                                      "wait. (HTTP status 503); tried 6 times); it is tried "
                                      "again by itself"));
  server_.Misbehave(
      [](const S3Request&, int) { return S3Server::Raw{S3Answer(200, "<html>login</html>")}; });
  const Termination other = Failure(Folder(""));
  EXPECT_EQ("ObjectStoreUnavailable", other.reason);
  EXPECT_THAT(other.message, HasSubstr("does not answer as an object store"));
  EXPECT_THAT(other.message, HasSubstr("; correct `spec.code.objectStore.endpoint`"));
}

TEST_F(FetchTest, ListsAgainWhenObjectsChange) {
  server_.Put("a", "old");
  server_.Put("b", "B");
  server_.Misbehave([&](const S3Request& request, int number) -> std::optional<S3Server::Raw> {
    if (number == 1 || request.path != "/ml/a") return std::nullopt;
    server_.Misbehave(nullptr);
    server_.Put("a", "newer");
    server_.Remove("b");
    return std::nullopt;
  });
  ASSERT_TRUE(Run(Folder("")));
  EXPECT_THAT(Brought(), UnorderedElementsAre("a"));
  EXPECT_EQ("newer", ReadText(Code("a")));
}

TEST_F(FetchTest, GivesUpWhenObjectsChangeAllTheTime) {
  server_.Put("a", "0");
  server_.Misbehave([&](const S3Request& request, int number) -> std::optional<S3Server::Raw> {
    if (request.path == "/ml/a") server_.Put("a", std::to_string(number));
    return std::nullopt;
  });
  const Termination failure = Failure(Folder(""));
  EXPECT_EQ("ObjectStoreUnavailable", failure.reason);
  EXPECT_THAT(failure.message, HasSubstr("change while they are read"));
  EXPECT_EQ(6, server_.requests().size());
}

TEST_F(FetchTest, TakesUpWhatWasInterrupted) {
  fs::create_directories(Code(".ffdl-fetch/code/old"));
  folder_.Write("code/.ffdl-fetch/parts", "");
  fs::create_directories(Code("lib"));
  folder_.Write("code/lib/net.py", "of an earlier run");
  server_.Put("lib/net.py", "net\n");
  ASSERT_TRUE(Run(Folder("")));
  EXPECT_EQ("net\n", ReadText(Code("lib/net.py")));
  EXPECT_THAT(Brought(), UnorderedElementsAre("lib/net.py"));
  EXPECT_FALSE(fs::exists(Code(".ffdl-fetch")));
}

TEST_F(FetchTest, BringsNothingIfNotAll) {
  server_.Put("a", "A");
  server_.Put("b", "B");
  server_.Misbehave([&](const S3Request& request, int) {
    return request.path == "/ml/b" ? std::optional(S3Server::Raw{S3Answer(500, "")}) : std::nullopt;
  });
  EXPECT_EQ("ObjectStoreUnavailable", Failure(Folder("")).reason);
  EXPECT_THAT(Brought(), UnorderedElementsAre());
}

TEST_F(FetchTest, TrustsTheAuthorityOfTheSecret) {
  const ffdl::test::Authority authority;
  const ffdl::test::TlsFront front(authority, "127.0.0.1", server_.port());
  server_.Put("a", "A");
  FetchOptions options = Folder("");
  options.endpoint = "https://" + front.authority();
  EXPECT_EQ("ObjectStoreUnavailable", Failure(options).reason);
  EXPECT_THAT(Failure(options).message,
              HasSubstr("; put the certificate of its authority into ca.crt of Secret 's3'"));
  folder_.Write("secret/ca.crt", authority.pem());
  EXPECT_TRUE(Run(options));
}

// The program itself.
class FetchProgramTest : public FetchTest {
 protected:
  [[nodiscard]] std::vector<std::string> Command(const std::vector<std::string>& more) const {
    std::vector<std::string> command = {
        FFDL_AGENT_PROGRAM, "fetch",    "--endpoint", server_.endpoint(),   "--region",
        "us-east-1",        "--bucket", "ml",         "--credentials",      folder_.Path("secret"),
        "--secret",         "s3",       "--to",       folder_.Path("code"), "--termination-log",
        folder_.Path("end")};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }
};

TEST_F(FetchProgramTest, BringsCodeForLearnersOfAnyUser) {
  server_.Put("mnist/lib/train.py", "print(1)\n");
  Process process({.command = Command({"--prefix=mnist"})});
  EXPECT_EQ(0, process.Wait());
  EXPECT_EQ(fs::perms{0777}, fs::status(Code("lib")).permissions());
  EXPECT_EQ("print(1)\n", ReadText(Code("lib/train.py")));
  EXPECT_THAT(process.error(), HasSubstr("ffdl-agent: fetched 1 files, "));
  EXPECT_THAT(process.error(), testing::Not(HasSubstr("s3cr3t")));
}

TEST_F(FetchProgramTest, LeavesAReportOfItsFailure) {
  Process process({.command = Command({"--key", "code.zip"})});
  EXPECT_EQ(66, process.Wait());
  const auto report = nlohmann::json::parse(ReadText(folder_.Path("end")));
  EXPECT_EQ("CodeMissing", report.at("reason"));
  EXPECT_EQ(66, report.at("exitCode"));
  EXPECT_THAT(report.at("message").get<std::string>(), HasSubstr("there is no object 'code.zip'"));
}

TEST_F(FetchProgramTest, EndsWhenTold) {
  server_.Put("a", "A");
  server_.Misbehave([](const S3Request&, int) { return S3Server::Raw{"", Then::kHang}; });
  Process process({.command = Command({"--prefix", ""})});
  process.AwaitError("fetching");
  process.Signal(SIGTERM);
  EXPECT_EQ(143, process.Wait());
  server_.Misbehave(nullptr);
  Process again({.command = Command({"--prefix", ""})});
  EXPECT_EQ(0, again.Wait());
  EXPECT_THAT(Brought(), UnorderedElementsAre("a"));
}

TEST_F(FetchProgramTest, RefusesWrongUsage) {
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{},
                                             {"--key"},
                                             {"--key="},
                                             {"--key", "a", "--prefix", "b"},
                                             {"--key", "a", "--to="},
                                             {"--key", "a", "--secret="},
                                             {"--key", "a", "extra"}}) {
    EXPECT_EQ(64, Process({.command = Command(wrong)}).Wait());
    EXPECT_THAT(ReadText(folder_.Path("end")), HasSubstr("UsageInvalid"));
  }
}

}  // namespace
}  // namespace ffdl::agent
