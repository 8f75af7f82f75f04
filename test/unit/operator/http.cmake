# Tests of http/
ffdl_test(operator_http_test
  SOURCES
    http/address_test.cc
    http/query_test.cc
    http/server_test.cc
  LINKS ffdl_http
  LABELS unit)
