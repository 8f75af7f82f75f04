#include "k8s-client/auth/tls_files.h"

#include "test/support/virtual_time.h"
#include "test/unit/k8s-client/auth/temporary_directory.h"
#include "test/wire/authority.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;

class TlsFilesTest : public testing::Test {
 protected:
  void WriteIdentity(const test::Identity& identity) const {
    directory_.Write("client.crt", identity.certificate_pem);
    directory_.Write("client.key", identity.key_pem);
  }
  [[nodiscard]] std::string Failure() const {
    return files_.last_failure() == nullptr ? "" : files_.last_failure()->message;
  }

  const test::Authority old_{"old authority"};
  const test::Authority new_{"new authority"};
  const test::Identity identity_ = old_.Issue("operator.test");
  test::TemporaryDirectory directory_;
  test::VirtualTime time_;
  const ClusterConfig config_{
      .ca_pem = old_.pem(),
      .ca_file = directory_.Write("ca.crt", old_.pem()),
      .client_certificate_pem = identity_.certificate_pem,
      .client_certificate_file = directory_.Write("client.crt", identity_.certificate_pem),
      .client_key_pem = identity_.key_pem,
      .client_key_file = directory_.Write("client.key", identity_.key_pem)};
  TlsFiles files_{config_, time_};
};

TEST_F(TlsFilesTest, AreReadAgainEveryFiveMinutes) {
  const auto before = files_.Current();
  directory_.Write("ca.crt", old_.pem() + new_.pem());
  time_.Skip(5min - 1s);
  EXPECT_EQ(before, files_.Current());
  time_.Skip(1s);
  EXPECT_EQ(old_.pem() + new_.pem(), files_.Current()->ca);
  EXPECT_EQ(identity_.certificate_pem, files_.Current()->certificate);
}

TEST_F(TlsFilesTest, ThatSayTheSameChangeNothing) {
  const auto before = files_.Current();
  directory_.Write("ca.crt", old_.pem());
  time_.Skip(1h);
  EXPECT_EQ(before, files_.Current());
  EXPECT_EQ("", Failure());
}

TEST_F(TlsFilesTest, AreReadAtOnceWhenTheServerIsNotTrustedAnyMore) {
  directory_.Write("ca.crt", new_.pem());
  files_.Suspect();
  EXPECT_EQ(new_.pem(), files_.Current()->ca);
}

TEST_F(TlsFilesTest, AreNotUsedHalfWritten) {
  const auto before = files_.Current();
  const std::string cut = old_.pem() + new_.pem().substr(0, new_.pem().size() / 2);
  for (const std::string& text : {std::string("garbage"), cut}) {
    directory_.Write("ca.crt", text);
    files_.Suspect();
    EXPECT_EQ(before, files_.Current()) << text;
    EXPECT_EQ(
        "certificates were renewed, but the old ones stay in use: the certificate authority holds "
        "no certificate",
        Failure());
  }
}

TEST_F(TlsFilesTest, ThatAreEmptyDoNotMeanToTrustTheMachine) {
  const auto before = files_.Current();
  directory_.Write("ca.crt", "");
  files_.Suspect();
  EXPECT_EQ(before, files_.Current());
  EXPECT_EQ("read again: " + config_.ca_file + ": is empty", Failure());
}

TEST_F(TlsFilesTest, AreNotUsedWhenKeyAndCertificateDoNotMatch) {
  const auto before = files_.Current();
  const test::Identity renewed = old_.Issue("operator.test");
  directory_.Write("client.crt", renewed.certificate_pem);  // the key comes a moment later
  files_.Suspect();
  EXPECT_EQ(before, files_.Current());
  EXPECT_EQ(
      "certificates were renewed, but the old ones stay in use: the client certificate and its key "
      "do not belong together",
      Failure());
  WriteIdentity(renewed);
  files_.Suspect();
  EXPECT_EQ(renewed.key_pem, files_.Current()->key);
  EXPECT_EQ("", Failure());
}

TEST_F(TlsFilesTest, ThatCannotBeReadLeaveTheLastInUse) {
  const auto before = files_.Current();
  std::filesystem::remove(config_.ca_file);
  files_.Suspect();
  EXPECT_EQ(before, files_.Current());
  EXPECT_EQ("read again: " + config_.ca_file + ": No such file or directory", Failure());
}

}  // namespace
}  // namespace ffdl::k8s
