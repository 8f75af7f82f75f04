#include "operator/agent/unpack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "test/support/archive_builder.h"
#include "test/unit/operator/agent/process.h"

namespace ffdl::agent {
namespace {

namespace fs = std::filesystem;
using test::ReadText;
using test::TemporaryFolder;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using Builder = ffdl::test::ArchiveBuilder;
using Format = Builder::Format;

constexpr Format kFormats[] = {Format::kZip,    Format::kTar,   Format::kTarGz,
                               Format::kTarBz2, Format::kTarXz, Format::kTarZst};

// An archive, and the folder it is unpacked into.
class Unpacked {
 public:
  explicit Unpacked(const std::string& bytes) {
    fs::create_directory(Path());
    done_ = Unpack(folder_.Write("archive", bytes), Path(), tree_);
  }

  [[nodiscard]] std::string Path(const std::string& name = "") const {
    return folder_.Path("to/" + name);
  }
  [[nodiscard]] std::string problem() const { return done_ ? "" : done_.error().message; }
  [[nodiscard]] std::string_view reason() const { return done_ ? "" : done_.error().reason; }
  [[nodiscard]] const CodeTree& tree() const { return tree_; }
  // What lies beside the folder: only the archive, if all went well.
  [[nodiscard]] std::size_t outside() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_.Path()), fs::directory_iterator()));
  }

 private:
  TemporaryFolder folder_;
  CodeTree tree_;
  tl::expected<void, Termination> done_;
};

fs::perms ModeOf(const std::string& path) { return fs::symlink_status(path).permissions(); }

TEST(UnpackTest, KnowsArchivesByTheirNames) {
  for (const char* name :
       {"a.zip", "a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz", "a.tar.zst", "a.b.zip"}) {
    EXPECT_TRUE(IsArchive(name)) << name;
  }
  for (const char* name : {"zip", "a.gz", "a.zip.py", "train.py", "a.tar.lz4", "a.ZIP"}) {
    EXPECT_FALSE(IsArchive(name)) << name;
  }
}

TEST(UnpackTest, BringsFilesWithTheirFolders) {
  for (const Format format : kFormats) {
    const Unpacked unpacked(Builder(format)
                                .Folder("./")
                                .File("./train.py", "print(1)\n", 0600)
                                .Folder("models/", 0700)
                                .File("models/deep/net-ü.py", "net\n")
                                .File("empty", "")
                                .Build());
    ASSERT_EQ("", unpacked.problem());
    EXPECT_EQ("print(1)\n", ReadText(unpacked.Path("train.py")));
    EXPECT_EQ("net\n", ReadText(unpacked.Path("models/deep/net-ü.py")));
    EXPECT_EQ(fs::perms{0644}, ModeOf(unpacked.Path("train.py")));
    EXPECT_TRUE(fs::is_empty(unpacked.Path("empty")));
    EXPECT_THAT(unpacked.tree().Files(),
                UnorderedElementsAre("train.py", "models/deep/net-ü.py", "empty"));
    EXPECT_EQ(13, unpacked.tree().bytes());
  }
}

TEST(UnpackTest, KeepsOfTheModeWhatIsExecutable) {
  for (const Format format : {Format::kZip, Format::kTarGz}) {
    const Unpacked unpacked(Builder(format)
                                .File("tool",
                                      "\x7f"
                                      "ELF",
                                      0700)
                                .File("run.sh", "#!/bin/sh\n", 0644)
                                .File("setuid", "x", 06755)
                                .Build());
    ASSERT_EQ("", unpacked.problem());
    for (const char* name : {"tool", "run.sh", "setuid"}) {
      EXPECT_EQ(fs::perms{0755}, ModeOf(unpacked.Path(name))) << name;
    }
  }
}

TEST(UnpackTest, KeepsLinksThatStayInside) {
  const Unpacked unpacked(Builder(Format::kTar)
                              .File("a/b", "B")
                              .Link("a/up", "../c")
                              .HardLink("again/b", "./a/b")
                              .Build());
  ASSERT_EQ("", unpacked.problem());
  EXPECT_EQ("../c", fs::read_symlink(unpacked.Path("a/up")).string());
  EXPECT_EQ("B", ReadText(unpacked.Path("again/b")));
}

TEST(UnpackTest, LeavesNothingOutsideItsFolder) {
  for (const Format format : {Format::kZip, Format::kTar}) {
    for (const char* name : {"../x", "a/../../x", "/tmp/ffdl-x", "a/..", "./../x"}) {
      const Unpacked unpacked(Builder(format).File("a/b", "B").File(name, "evil").Build());
      EXPECT_EQ("CodeInvalid", unpacked.reason()) << name;
      EXPECT_THAT(unpacked.problem(), HasSubstr(std::string(name).substr(name[0] == '.' ? 2 : 0)));
      EXPECT_EQ(2, unpacked.outside());
    }
    EXPECT_FALSE(fs::exists("/tmp/ffdl-x"));
  }
}

TEST(UnpackTest, WritesThroughNoLink) {
  EXPECT_THAT(
      Unpacked(Builder(Format::kTar).Link("out", "..").File("out/x", "evil").Build()).problem(),
      HasSubstr("'out' is a link to '..'"));
  EXPECT_THAT(Unpacked(Builder(Format::kZip).Link("out", "/tmp").Build()).problem(),
              HasSubstr("'out' is a link to '/tmp'"));
  EXPECT_THAT(Unpacked(Builder(Format::kTar).Link("in", "a").File("in/x", "").Build()).problem(),
              HasSubstr("'in/x' lies below 'in', which is no folder"));
  EXPECT_THAT(Unpacked(Builder(Format::kTar).Link("in", "a").File("in", "").Build()).problem(),
              HasSubstr("'in' is there twice"));
  for (const char* first : {"/etc/passwd", "../archive", "none"}) {
    EXPECT_THAT(Unpacked(Builder(Format::kTar).HardLink("x", first).Build()).problem(),
                HasSubstr("which is no file before it in the archive"));
  }
}

TEST(UnpackTest, PassesOverWhatIsNoFile) {
  const Unpacked unpacked(Builder(Format::kTar).Fifo("pipe").File("a", "A").Build());
  ASSERT_EQ("", unpacked.problem());
  EXPECT_THAT(unpacked.tree().Files(), UnorderedElementsAre("a"));
}

TEST(UnpackTest, RefusesABombEarly) {
  Builder honest(Format::kTarZst);
  const Unpacked large(honest.Zeros("zeros", (1LL << 30) + 1).Build());
  EXPECT_EQ("CodeInvalid", large.reason());
  EXPECT_EQ(kTooManyBytes, large.problem());
  EXPECT_FALSE(fs::exists(large.Path("zeros")));  // as its header says how large it is

  Builder many(Format::kTarGz);
  for (int i = 0; i < 10001; ++i) many.Fifo(std::to_string(i));
  EXPECT_EQ(kTooManyEntries, Unpacked(many.Build()).problem());
}

TEST(UnpackTest, RefusesWhatIsBroken) {
  for (const Format format : kFormats) {
    const std::string whole =
        Builder(format).File("a", std::string(100000, 'a')).File("b", "B").Build();
    for (const std::size_t size : {std::size_t{0}, whole.size() / 2, std::size_t{10}}) {
      if (format == Format::kTar && size == 0) continue;  // tar needs no end: it has no file
      const Unpacked unpacked(whole.substr(0, size));
      EXPECT_EQ("CodeInvalid", unpacked.reason()) << static_cast<int>(format) << " " << size;
      EXPECT_THAT(unpacked.problem(), HasSubstr("it cannot be unpacked: "));
    }
  }
  EXPECT_THAT(Unpacked("print('no archive')\n").problem(), HasSubstr("it cannot be unpacked: "));
}

}  // namespace
}  // namespace ffdl::agent
