#include "operator/object_store/page_body.h"

#include <utility>

namespace ffdl::object_store {
namespace {

tl::unexpected<Refusal> Invalid(const std::string& problem) {
  return tl::unexpected(
      Refusal{.kind = ErrorKind::kInvalid,
              .message = "the answer is not the listing of an object store: " + problem});
}

}  // namespace

tl::expected<void, Refusal> PageBody::Begin(std::optional<std::int64_t>) {
  reader_.emplace();
  size_ = 0;
  return {};
}

tl::expected<void, Refusal> PageBody::Take(std::string_view bytes) {
  size_ += static_cast<std::int64_t>(bytes.size());
  if (size_ > kListPageBytesMax) return Invalid("it is larger than 8 MiB");
  if (!reader_->Feed(bytes)) return Invalid(reader_->Finish().error());
  return {};
}

tl::expected<void, Refusal> PageBody::End() {
  tl::expected<ListPage, std::string> page = reader_->Finish();
  if (!page) return Invalid(page.error());
  page_ = std::move(*page);
  return {};
}

}  // namespace ffdl::object_store
