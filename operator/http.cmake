# http/: the only user of cpprestsdk
find_package(cpprestsdk REQUIRED)
find_package(OpenSSL REQUIRED)  # the headers of cpprestsdk call it

ffdl_library(ffdl_http
  SOURCES
    http/address.cc
    http/routes.cc
    http/server.cc
  HEADERS
    http/address.h
    http/server.h
  LINKS ffdl_k8s_meta
  PRIVATE_LINKS cpprestsdk::cpprest OpenSSL::SSL OpenSSL::Crypto)
# Its macro U would break the headers of other libraries.
target_compile_definitions(ffdl_http PRIVATE _TURN_OFF_PLATFORM_STRING)
