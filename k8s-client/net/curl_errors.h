// For the other files of this folder only.
#pragma once

#include <curl/curl.h>

#include <string_view>

#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

// What a transfer that libcurl gave up means to a caller. `detail` is what libcurl wrote into its
// error buffer; it may be empty.
[[nodiscard]] Error FromCurl(CURLcode code, std::string_view detail);

}  // namespace ffdl::k8s
