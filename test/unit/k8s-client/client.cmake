# Tests of auth/, net/ and api/
ffdl_test(k8s_auth_test
  SOURCES
    auth/child_process_test.cc
    auth/cluster_config_test.cc
    auth/exec_plugin_test.cc
    auth/exec_source_test.cc
    auth/kubeconfig_test.cc
    auth/proxy_test.cc
    auth/server_url_test.cc
    auth/tls_files_test.cc
    auth/token_source_test.cc
  LINKS ffdl_k8s_client ffdl_wire_support
  LABELS unit)

ffdl_test(k8s_net_test
  SOURCES
    net/curl_log_test.cc
    net/epoll_loop_test.cc
    net/in_flight_limit_test.cc
    net/liveness_test.cc
    net/retrying_transport_test.cc
    net/warnings_test.cc
  LINKS ffdl_k8s_client
  LABELS unit)

ffdl_test(k8s_api_test
  SOURCES
    api/client_test.cc
    api/finalizers_test.cc
    api/path_test.cc
    api/status_test.cc
    api/subresources_test.cc
    api/written_object_test.cc
  LINKS ffdl_k8s_client
  LABELS unit)
