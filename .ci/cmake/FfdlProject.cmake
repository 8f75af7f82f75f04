# Settings and helper functions shared by all folders.

option(FFDL_WERROR "Treat warnings as errors" OFF)
option(FFDL_CHECK_HEADERS "Compile each header alone" ON)
set(FFDL_SANITIZERS "" CACHE STRING "Comma-separated sanitizers for every target, for example address,undefined")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(FFDL_CCACHE ccache)
if(FFDL_CCACHE)
  # Paths relative to the checkout, so that every clone on a machine shares one cache.
  set(CMAKE_C_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_CURRENT_SOURCE_DIR}" "${FFDL_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_C_COMPILER_LAUNCHER}")
endif()

# Used by several folders; what only one folder uses is found there.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)

add_library(ffdl_settings INTERFACE)
target_include_directories(ffdl_settings INTERFACE "${CMAKE_SOURCE_DIR}")
# Designated initialisers leave members out on purpose, which g++ 12 would warn about.
target_compile_options(ffdl_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch -Wno-missing-field-initializers)
target_compile_definitions(ffdl_settings INTERFACE _GLIBCXX_ASSERTIONS FFDL_VERSION="${PROJECT_VERSION}")
if(FFDL_WERROR)
  target_compile_options(ffdl_settings INTERFACE -Werror)
endif()
if(FFDL_SANITIZERS)
  # g++ 12 reports false maybe-uninitialized warnings in the standard library under sanitizers.
  target_compile_options(ffdl_settings INTERFACE
    -fsanitize=${FFDL_SANITIZERS} -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(ffdl_settings INTERFACE -fsanitize=${FFDL_SANITIZERS})
endif()

# ffdl_check_headers(TARGET): compiles each listed header alone, so that none leans on another's includes.
function(ffdl_check_headers target)
  get_target_property(headers ${target} FFDL_HEADERS)
  if(NOT headers OR NOT FFDL_CHECK_HEADERS)
    return()
  endif()
  set(sources)
  foreach(header IN LISTS headers)
    file(RELATIVE_PATH path "${CMAKE_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}/${header}")
    string(MAKE_C_IDENTIFIER "${path}" name)
    set(source "${CMAKE_BINARY_DIR}/headers/${name}.cc")
    file(CONFIGURE OUTPUT "${source}" CONTENT "#include \"${path}\"  // IWYU pragma: keep\n")
    list(APPEND sources "${source}")
  endforeach()
  add_library(${target}_headers OBJECT ${sources})
  target_link_libraries(${target}_headers PRIVATE ${target})
endfunction()

# ffdl_library(NAME SOURCES ... HEADERS ... LINKS ... PRIVATE_LINKS ...): one static library, warnings on.
function(ffdl_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;HEADERS;LINKS;PRIVATE_LINKS" ${ARGN})
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC ffdl_settings ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ffdl_settings ${arg_LINKS})
  endif()
  set_target_properties(${name} PROPERTIES FFDL_HEADERS "${arg_HEADERS}")
  ffdl_check_headers(${name})
endfunction()

# Part of every build: fails when a folder includes what it must not.
add_custom_target(check_layers ALL
  COMMAND "${CMAKE_SOURCE_DIR}/.ci/check-layers" "${CMAKE_SOURCE_DIR}"
  COMMENT "Checking that no folder includes what it must not" VERBATIM)
