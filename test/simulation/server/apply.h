// Server-side apply, as far as our kinds need it: maps, lists with one key, and values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "test/simulation/server/field_set.h"

namespace ffdl::simulation {

struct Conflict {
  std::string manager;
  FieldPath field;
};

struct Applied {
  Json object;
  FieldOwners owners;
  std::vector<Conflict> conflicts;  // with any, nothing else counts
};

// `live` with the fields of `body` set and owned by `manager`. Fields that `manager` owned and that
// `body` no longer has are removed unless others own them. A field that another owns with another
// value is a conflict; with `force` it changes hands instead.
[[nodiscard]] Applied Apply(const Json& live, FieldOwners owners, const Json& body,
                            const std::string& manager, bool force);

}  // namespace ffdl::simulation
