// For the other files of this folder only.
#pragma once

#include "operator/object_store/client.h"
#include "operator/object_store/transfer.h"

namespace ffdl::object_store {

// An object on its way into a file.
class FileBody final : public Body {
 public:
  // Borrows `download`. Adds to `bytes_come` what comes, and takes from it what came in vain.
  FileBody(const Download& download, std::int64_t& bytes_come);
  ~FileBody() override;
  FileBody(const FileBody&) = delete;
  FileBody& operator=(const FileBody&) = delete;

  tl::expected<void, Refusal> Begin(std::optional<std::int64_t> length) override;
  tl::expected<void, Refusal> Take(std::string_view bytes) override;
  tl::expected<void, Refusal> End() override;

 private:
  void Close();
  [[nodiscard]] tl::expected<void, Refusal> CheckSize(std::int64_t size, bool whole) const;

  const Download& download_;
  std::int64_t& bytes_come_;
  std::int64_t size_ = 0;
  int fd_ = -1;
};

}  // namespace ffdl::object_store
