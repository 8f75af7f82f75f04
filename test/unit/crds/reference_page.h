// The page docs/reference/trainingjob.md, made from the CRD.
#pragma once

#include <string>

#include "test/unit/crds/crd_schema.h"

namespace ffdl::test {

[[nodiscard]] std::string ReferencePage(const Schema& crd);

}  // namespace ffdl::test
