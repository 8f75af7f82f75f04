# auth/, net/ and api/
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)
find_package(yaml-cpp REQUIRED)

ffdl_library(ffdl_k8s_client
  SOURCES
    api/client.cc
    api/finalizers.cc
    api/path.cc
    api/requests.cc
    api/status.cc
    api/subresources.cc
    api/written_object.cc
    auth/authenticator.cc
    auth/base64.cc
    auth/child_process.cc
    auth/cluster_config.cc
    auth/exec_plugin.cc
    auth/exec_source.cc
    auth/file.cc
    auth/in_cluster.cc
    auth/kubeconfig.cc
    auth/kubeconfig_entry.cc
    auth/kubeconfig_user.cc
    auth/proxy.cc
    auth/secret.cc
    auth/server_url.cc
    auth/tls_files.cc
    auth/token_source.cc
    auth/yaml_document.cc
    net/connection_group.cc
    net/connection_health.cc
    net/connection_login.cc
    net/curl_errors.cc
    net/curl_log.cc
    net/curl_multi.cc
    net/curl_transport.cc
    net/easy_pool.cc
    net/epoll_loop.cc
    net/exchange.cc
    net/exchange_answer.cc
    net/header_list.cc
    net/retrying_transport.cc
    net/warnings.cc
  HEADERS
    api/blocking.h
    api/client.h
    api/finalizers.h
    api/requests.h
    api/written_object.h
    auth/authenticator.h
    auth/base64.h
    auth/child_process.h
    auth/cluster_config.h
    auth/exec_plugin.h
    auth/exec_source.h
    auth/file.h
    auth/in_cluster.h
    auth/kubeconfig.h
    auth/kubeconfig_entry.h
    auth/proxy.h
    auth/secret.h
    auth/server_url.h
    auth/tls_files.h
    auth/token_source.h
    auth/yaml_document.h
    net/connection_group.h
    net/connections.h
    net/curl_errors.h
    net/curl_log.h
    net/curl_multi.h
    net/curl_transport.h
    net/easy_pool.h
    net/epoll_loop.h
    net/event_loop.h
    net/exchange.h
    net/header_list.h
    net/in_flight_limit.h
    net/liveness.h
    net/retrying_transport.h
    net/timer_queue.h
    net/transport.h
    net/warnings.h
  LINKS ffdl_k8s_meta Threads::Threads
  PRIVATE_LINKS CURL::libcurl OpenSSL::Crypto fmt::fmt yaml-cpp)
