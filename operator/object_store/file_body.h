// For the other files of this folder only.
#pragma once

#include "operator/object_store/client.h"
#include "operator/object_store/transfer.h"

namespace ffdl::object_store {

// An object on its way into a file.
class FileBody final : public Body {
 public:
  // Borrows both. Adds to `progress` what comes, and takes from it what came in vain.
  FileBody(const Download& download, Progress& progress);
  ~FileBody() override;
  FileBody(const FileBody&) = delete;
  FileBody& operator=(const FileBody&) = delete;

  tl::expected<void, Refusal> Begin(std::optional<std::int64_t> length) override;
  tl::expected<void, Refusal> Take(std::string_view bytes) override;
  tl::expected<void, Refusal> End() override;

 private:
  void Close();
  void Expect(std::int64_t size);
  [[nodiscard]] tl::expected<void, Refusal> CheckSize(std::int64_t size, bool whole) const;

  const Download& download_;
  Progress& progress_;
  std::int64_t size_ = 0;
  std::int64_t expected_ = 0;
  int fd_ = -1;
};

}  // namespace ffdl::object_store
