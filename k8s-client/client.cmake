# auth/, net/ and api/
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)
find_package(yaml-cpp REQUIRED)

ffdl_library(ffdl_k8s_client
  SOURCES
    api/client.cc
    api/path.cc
    api/status.cc
    api/written_object.cc
    auth/base64.cc
    auth/cluster_config.cc
    auth/file.cc
    auth/in_cluster.cc
    auth/kubeconfig.cc
    auth/server_url.cc
    auth/token_source.cc
    auth/yaml_document.cc
    net/connection_group.cc
    net/connection_health.cc
    net/curl_errors.cc
    net/curl_log.cc
    net/curl_multi.cc
    net/curl_transport.cc
    net/easy_pool.cc
    net/epoll_loop.cc
    net/exchange.cc
  HEADERS
    api/blocking.h
    api/client.h
    api/written_object.h
    auth/base64.h
    auth/cluster_config.h
    auth/file.h
    auth/in_cluster.h
    auth/kubeconfig.h
    auth/server_url.h
    auth/token_source.h
    auth/yaml_document.h
    net/connection_group.h
    net/curl_errors.h
    net/curl_log.h
    net/curl_multi.h
    net/curl_transport.h
    net/easy_pool.h
    net/epoll_loop.h
    net/event_loop.h
    net/exchange.h
    net/liveness.h
    net/timer_queue.h
    net/transport.h
  LINKS ffdl_k8s_meta Threads::Threads
  PRIVATE_LINKS CURL::libcurl OpenSSL::Crypto yaml-cpp)
