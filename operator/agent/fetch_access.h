#pragma once

#include <tl/expected.hpp>

#include "operator/agent/fetch.h"
#include "operator/agent/termination.h"
#include "operator/object_store/options.h"

namespace ffdl::agent {

// How the bucket is reached, with what the mounted Secret holds: AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY and perhaps AWS_SESSION_TOKEN and ca.crt. The newlines that editors put
// behind them are no part of them.
[[nodiscard]] tl::expected<object_store::Options, Termination> AccessOf(
    const FetchOptions& options);

}  // namespace ffdl::agent
