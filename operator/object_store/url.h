#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ffdl::object_store {

// The only maker of URLs for requests: path style, "ENDPOINT/BUCKET/KEY?QUERY". What is signed is
// what is sent, so everything but letters, digits and "-_.~" (and "/" of a key) is percent-encoded
// in upper case, the query is sorted, and a key without a value keeps its "=". An empty key means
// the bucket.
[[nodiscard]] std::string UrlOf(std::string_view endpoint, std::string_view bucket,
                                std::string_view key,
                                const std::map<std::string, std::string>& query = {});

// A key of a listing of encoding-type=url, where "+" is a blank. Nothing for a broken escape.
[[nodiscard]] std::optional<std::string> DecodeListed(std::string_view text);

}  // namespace ffdl::object_store
