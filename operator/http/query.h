#pragma once

#include <string>
#include <string_view>

namespace ffdl::http {

// The first value of `name` in a query as it was sent ("a=1&b=x%2Fy"), decoded; "" when there is
// none. Bytes that are not validly encoded stay as they are.
[[nodiscard]] std::string QueryValue(std::string_view query, std::string_view name);

}  // namespace ffdl::http
