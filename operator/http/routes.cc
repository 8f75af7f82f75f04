#include <utility>

#include "operator/http/server.h"

namespace ffdl::http {

Handler Route(GetRoutes routes) {
  return [routes = std::move(routes)](const Request& request) {
    const auto route = routes.find(request.path);
    if (route == routes.end()) {
      return Response{.status = 404, .body = "no such path: " + request.path + "\n"};
    }
    if (request.method != "GET" && request.method != "HEAD") {
      return Response{
          .status = 405, .body = "only GET is served here\n", .headers = {{"allow", "GET, HEAD"}}};
    }
    return route->second(request);
  };
}

}  // namespace ffdl::http
