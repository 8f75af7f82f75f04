// For the other files of this folder only.
#pragma once

#include <optional>
#include <string_view>

#include "operator/object_store/list_page.h"
#include "operator/object_store/transfer.h"

namespace ffdl::object_store {

// A page of a listing as it comes.
class PageBody final : public Body {
 public:
  tl::expected<void, Refusal> Begin(std::optional<std::int64_t> length) override;
  tl::expected<void, Refusal> Take(std::string_view bytes) override;
  tl::expected<void, Refusal> End() override;

  // Only when the request went well.
  [[nodiscard]] ListPage& page() { return page_; }

 private:
  std::optional<ListPageReader> reader_;
  std::int64_t size_ = 0;
  ListPage page_;
};

}  // namespace ffdl::object_store
