#include "operator/agent/code_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ffdl::agent {
namespace {

using testing::ElementsAre;

std::string ErrorOf(const Result<void>& result) { return result ? "" : result.error().message; }

std::string FileError(const std::string& name) {
  CodeTree tree;
  return ErrorOf(tree.AddFile(name));
}

std::string LinkError(const std::string& name, const std::string& target) {
  CodeTree tree;
  return ErrorOf(tree.AddLink(name, target));
}

TEST(CodeTreeTest, HasTheFoldersOfItsFiles) {
  CodeTree tree;
  ASSERT_TRUE(tree.AddFile("models/deep/net.py"));
  ASSERT_TRUE(tree.AddFile("train.py"));
  ASSERT_TRUE(tree.AddFolder("empty"));
  ASSERT_TRUE(tree.AddFolder("models"));
  ASSERT_TRUE(tree.AddLink("models/main.py", "../train.py"));
  EXPECT_THAT(tree.Folders(), ElementsAre("empty", "models", "models/deep"));
  EXPECT_THAT(tree.Files(), ElementsAre("models/deep/net.py", "models/main.py", "train.py"));
  EXPECT_TRUE(tree.HasFile("train.py"));
  EXPECT_FALSE(tree.HasFile("models"));
  EXPECT_FALSE(tree.HasFile("models/main.py"));
}

TEST(CodeTreeTest, RefusesNamesThatLeaveItsFolder) {
  EXPECT_EQ("'../x' leaves the folder of the code", FileError("../x"));
  EXPECT_EQ("'a/../../x' leaves the folder of the code", FileError("a/../../x"));
  EXPECT_EQ("'a/..' leaves the folder of the code", FileError("a/.."));
  EXPECT_EQ("'/etc/passwd' is an absolute path", FileError("/etc/passwd"));
}

TEST(CodeTreeTest, RefusesNamesThatNoFileCanHave) {
  for (const char* name : {"", "a//b", "a/", "./a", "a/./b", "."}) {
    EXPECT_THAT(FileError(name), testing::HasSubstr("has an empty part or '.'")) << name;
  }
  EXPECT_THAT(FileError(std::string("a\0b", 3)), testing::HasSubstr("has a NUL"));
  EXPECT_THAT(FileError(std::string(256, 'a')), testing::HasSubstr("longer than 255 bytes"));
  EXPECT_EQ("'.ffdl-fetch/x' has a name that ffdl-agent needs", FileError(".ffdl-fetch/x"));
  EXPECT_EQ("", FileError("a/.ffdl-fetch"));
  EXPECT_EQ("", FileError("..hidden/..."));
}

TEST(CodeTreeTest, RefusesTwoInOnePlace) {
  CodeTree tree;
  ASSERT_TRUE(tree.AddFile("a"));
  ASSERT_TRUE(tree.AddFile("b/c"));
  ASSERT_TRUE(tree.AddLink("l", "b"));
  EXPECT_EQ("'a/b' lies below 'a', which is no folder", ErrorOf(tree.AddFile("a/b")));
  EXPECT_EQ("'b' is there twice, or as a file and as a folder", ErrorOf(tree.AddFile("b")));
  EXPECT_NE("", ErrorOf(tree.AddFile("a")));
  EXPECT_NE("", ErrorOf(tree.AddFolder("a")));
  // Nothing is written through a link.
  EXPECT_NE("", ErrorOf(tree.AddFile("l/x")));
  EXPECT_NE("", ErrorOf(tree.AddFile("l")));
}

TEST(CodeTreeTest, TakesLinksThatStayInside) {
  EXPECT_EQ("", LinkError("a", "b"));
  EXPECT_EQ("", LinkError("a", "b/./c/"));
  EXPECT_EQ("", LinkError("a/b", "../c"));
  EXPECT_EQ("", LinkError("a/b/c", "../.."));
  EXPECT_EQ("'a' is a link to '..', which may leave the folder of the code", LinkError("a", ".."));
  for (const char* target : {"", "/etc", "../../x", "c/../x", "./c/.."}) {
    EXPECT_NE("", LinkError("a/b", target)) << target;
  }
}

TEST(CodeTreeTest, HasLimits) {
  std::string deep = "f";
  for (int i = 0; i < 32; ++i) deep.insert(0, "d/");
  EXPECT_EQ("", FileError(deep));
  EXPECT_THAT(FileError("d/" + deep), testing::HasSubstr("more than 32 folders deep"));

  CodeTree tree;
  EXPECT_TRUE(tree.AddBytes(1LL << 30));
  EXPECT_EQ(kTooManyBytes, ErrorOf(tree.AddBytes(1)));
  EXPECT_EQ(kTooManyBytes, ErrorOf(tree.AddBytes(INT64_MAX)));
  EXPECT_EQ(1LL << 30, tree.bytes());

  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(tree.AddFile(std::to_string(i) + "/x"));
  }
  EXPECT_EQ(kTooManyEntries, ErrorOf(tree.AddFile("one-more")));
}

}  // namespace
}  // namespace ffdl::agent
