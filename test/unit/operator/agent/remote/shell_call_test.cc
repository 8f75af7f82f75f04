#include "operator/agent/remote/shell_call.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ffdl::agent {
namespace {

// "host|command", with "|n" behind for no input; or the error.
std::string Read(std::vector<std::string> words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  const auto call = ReadShellCall(pointers);
  if (!call) return call.error().message;
  return call->host + "|" + call->command + (call->no_input ? "|n" : "");
}

TEST(ShellCallTest, IsUnderstoodAsMpiMakesIt) {
  EXPECT_EQ("b-1.b|( test ! -r ./.profile || . ./.profile;  orted -mca ess \"env\" )",
            Read({"b-1.b", "(", "test", "!", "-r", "./.profile", "||", ".", "./.profile;", " orted",
                  "-mca", "ess", "\"env\"", ")"}));
  EXPECT_EQ("b-1.b|/opt/hydra_pmi_proxy --control-port b-0:4|n",
            Read({"-x", "-n", "b-1.b", "/opt/hydra_pmi_proxy", "--control-port", "b-0:4"}));
}

TEST(ShellCallTest, IsUnderstoodAsHorovodrunMakesIt) {
  EXPECT_EQ("b-1.b|true", Read({"-o", "PasswordAuthentication=no", "-o", "StrictHostKeyChecking=no",
                                "b-1.b", "-p", "22", "true"}));
}

TEST(ShellCallTest, TakesOptionsOfSsh) {
  EXPECT_EQ("h|c", Read({"-p22", "-l", "me", "me@h", "c"}));
  EXPECT_EQ("h|c -p 3", Read({"-qtt", "h", "c", "-p", "3"}));
  EXPECT_EQ("h|c", Read({"-oBatchMode=yes", "--", "h", "c"}));
  EXPECT_EQ("h|c|n", Read({"-qn", "h", "c"}));
}

TEST(ShellCallTest, SaysWhatIsMissing) {
  EXPECT_EQ("there is no host", Read({}));
  EXPECT_EQ("there is no host", Read({"-p", "22"}));
  EXPECT_EQ("the host is empty", Read({"me@", "true"}));
  EXPECT_EQ("there is no command for h: it gives no shell to type into", Read({"-t", "h"}));
}

}  // namespace
}  // namespace ffdl::agent
