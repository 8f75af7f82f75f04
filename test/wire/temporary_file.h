#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace ffdl::test {

// A file below the test's own directory that goes with the object. `name` tells the files of one
// test apart.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text, const std::string& name = "file")
      : path_(testing::TempDir() + name + "-" + std::to_string(getpid()) + "-" +
              testing::UnitTest::GetInstance()->current_test_info()->name()) {
    Write(text);
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void Write(const std::string& text) const { std::ofstream(path_) << text; }
  void MakeExecutable() const {
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

}  // namespace ffdl::test
