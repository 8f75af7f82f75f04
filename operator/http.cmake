# http/: the only user of cpprestsdk
find_package(cpprestsdk REQUIRED)
find_package(OpenSSL REQUIRED)  # the headers of cpprestsdk call it

ffdl_library(ffdl_http
  SOURCES
    http/address.cc
    http/query.cc
    http/routes.cc
    http/server.cc
    http/sockets.cc
  HEADERS
    http/address.h
    http/query.h
    http/server.h
    http/sockets.h
  LINKS ffdl_k8s_meta
  PRIVATE_LINKS cpprestsdk::cpprest OpenSSL::SSL OpenSSL::Crypto)
if(FFDL_SANITIZERS MATCHES "undefined")
  # Its classes have type information in its own library and, inline, in ours: the check sees two types.
  set_source_files_properties(http/server.cc PROPERTIES COMPILE_OPTIONS -fno-sanitize=vptr)
endif()
# Its macro U would break the headers of other libraries.
target_compile_definitions(ffdl_http PRIVATE _TURN_OFF_PLATFORM_STRING)
