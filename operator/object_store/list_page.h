#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "operator/object_store/xml_reader.h"

namespace ffdl::object_store {

struct Object {
  std::string key;
  std::string etag;  // as for If-Match, with its quotes; "" if it has none that fits in a header
  std::int64_t size = 0;
};

// A page of a bucket's objects.
struct ListPage {
  std::vector<Object> objects;
  std::string next;  // the continuation token of the next page; "" behind the last
};

// Reads the answer to ListObjectsV2 as it comes.
class ListPageReader {
 public:
  ListPageReader();

  // False when it cannot be understood; Finish() says why.
  bool Feed(std::string_view bytes);
  // That was all. The error says what is wrong with it.
  [[nodiscard]] tl::expected<ListPage, std::string> Finish();

 private:
  void Opened(const std::string& path);
  void Closed(const std::string& path, const std::string& text);
  void CloseObject();
  [[nodiscard]] bool DecodeKeys();

  XmlReader xml_;
  ListPage page_;
  std::string problem_;
  std::optional<std::string> key_;
  std::optional<std::int64_t> size_;
  std::string etag_;
  bool is_listing_ = false;
  bool truncated_ = false;
  bool encoded_ = false;
};

}  // namespace ffdl::object_store
