#pragma once

#include <cstdint>
#include <memory>
#include <string>

struct archive;

namespace ffdl::test {

// Makes archives with whatever in them, also what no program for people would put there.
class ArchiveBuilder {
 public:
  enum class Format { kZip, kTar, kTarGz, kTarBz2, kTarXz, kTarZst };

  explicit ArchiveBuilder(Format format);
  ~ArchiveBuilder();
  ArchiveBuilder(const ArchiveBuilder&) = delete;
  ArchiveBuilder& operator=(const ArchiveBuilder&) = delete;

  ArchiveBuilder& File(const std::string& name, const std::string& content, unsigned mode = 0644);
  ArchiveBuilder& Zeros(const std::string& name, std::int64_t bytes);
  ArchiveBuilder& Folder(const std::string& name, unsigned mode = 0755);
  ArchiveBuilder& Link(const std::string& name, const std::string& target);
  ArchiveBuilder& HardLink(const std::string& name, const std::string& first);
  ArchiveBuilder& Fifo(const std::string& name);
  // The whole archive. Once.
  [[nodiscard]] std::string Build();

 private:
  struct Free {
    void operator()(archive* writer) const;
  };
  std::string bytes_;
  std::unique_ptr<archive, Free> writer_;
};

}  // namespace ffdl::test
