#include "k8s-client/auth/exec_plugin.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace ffdl::k8s {
namespace {

const std::string v1 = "client.authentication.k8s.io/v1";

std::string Output(const std::string& status, const std::string& api_version = v1) {
  return R"({"apiVersion":")" + api_version + R"(","kind":"ExecCredential","status":)" + status +
         "}";
}

TEST(ExecCredentialTest, HoldsATokenUntilItExpires) {
  const Result<ExecCredential> read = ReadExecCredential(
      Output(R"({"token":"abc","expirationTimestamp":"2026-01-02T03:04:05+01:00"})"), v1);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ("abc", read->token);
  EXPECT_EQ(ParseTime("2026-01-02T02:04:05Z"), read->expires);
}

TEST(ExecCredentialTest, HoldsACertificateWithItsKey) {
  const Result<ExecCredential> read = ReadExecCredential(
      Output(R"({"clientCertificateData":"cert","clientKeyData":"key","token":null})"), v1);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ("cert", read->certificate_pem);
  EXPECT_EQ("key", read->key_pem);
  EXPECT_EQ(std::nullopt, read->expires);
}

TEST(ExecCredentialTest, SaysWhatIsWrongWithoutRepeatingIt) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"secret", "the output is no JSON object"},
      {"[]", "the output is no JSON object"},
      {"{\"token\":\"\xFFsecret\"}", "the output is no JSON object"},
      {R"({"kind":"Secret"})", "kind is not ExecCredential"},
      {Output("{}", "client.authentication.k8s.io/v1beta1"),
       "apiVersion is not client.authentication.k8s.io/v1, which the kubeconfig names"},
      {Output("null"), "status is missing"},
      {Output("{}"), "neither a token nor a certificate is in status"},
      {Output(R"({"token":7})"), "status.token is no text"},
      {Output(R"({"token":"secret\n"})"), "the token has blanks or control characters"},
      {Output(R"({"clientKeyData":"secret","token":"secret"})"),
       "clientCertificateData and clientKeyData must be given together"},
      {Output(R"({"token":"secret","expirationTimestamp":"tomorrow"})"),
       "expirationTimestamp is no RFC 3339 time"},
  };
  for (const auto& [output, want] : cases) {
    const Result<ExecCredential> read = ReadExecCredential(output, v1);
    ASSERT_FALSE(read) << output;
    EXPECT_EQ(want, read.error().message);
  }
}

TEST(ExecInfoTest, TellsOfTheClusterOnlyWhenItMay) {
  ExecPlugin plugin{.api_version = v1};
  EXPECT_EQ(R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",)"
            R"("spec":{"interactive":false}})",
            ExecInfo(plugin, false));
  plugin.cluster_info = R"({"server":"https://a"})";
  EXPECT_EQ(R"({"cluster":{"server":"https://a"},"interactive":true})",
            nlohmann::json::parse(ExecInfo(plugin, true))["spec"].dump());
}

}  // namespace
}  // namespace ffdl::k8s
