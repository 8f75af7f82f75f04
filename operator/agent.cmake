# agent/: the programs of learner pods. ffdl-launch is static and small, because it runs inside the user's image.
find_package(tl-expected REQUIRED)

ffdl_library(ffdl_agent_parts
  SOURCES
    agent/attempt.cc
    agent/beside.cc
    agent/code.cc
    agent/environment.cc
    agent/files.cc
    agent/install.cc
    agent/json_text.cc
    agent/launch.cc
    agent/out_of_memory.cc
    agent/program.cc
    agent/progress.cc
    agent/relay.cc
    agent/remote/client.cc
    agent/remote/connection.cc
    agent/remote/learner.cc
    agent/remote/mpi.cc
    agent/remote/names.cc
    agent/remote/peers.cc
    agent/remote/processes.cc
    agent/remote/server.cc
    agent/remote/session.cc
    agent/remote/sha256.cc
    agent/remote/shell_call.cc
    agent/remote/wire.cc
    agent/supervisor.cc
    agent/template.cc
    agent/termination.cc
    agent/training_log.cc
  HEADERS
    agent/arguments.h
    agent/attempt.h
    agent/beside.h
    agent/code.h
    agent/environment.h
    agent/files.h
    agent/install.h
    agent/json_text.h
    agent/launch.h
    agent/out_of_memory.h
    agent/program.h
    agent/progress.h
    agent/relay.h
    agent/remote/client.h
    agent/remote/connection.h
    agent/remote/learner.h
    agent/remote/mpi.h
    agent/remote/names.h
    agent/remote/peers.h
    agent/remote/processes.h
    agent/remote/server.h
    agent/remote/session.h
    agent/remote/sha256.h
    agent/remote/shell_call.h
    agent/remote/wire.h
    agent/result.h
    agent/supervisor.h
    agent/tail.h
    agent/template.h
    agent/termination.h
    agent/training_log.h
    agent/usage.h
  LINKS tl::expected resolv)

# libarchive is linked statically: of the shared one come XML and Unicode libraries that zip and tar do not need.
find_library(FFDL_LIBARCHIVE libarchive.a REQUIRED)
find_package(ZLIB REQUIRED)
find_package(BZip2 REQUIRED)
find_package(LibLZMA REQUIRED)
find_library(FFDL_ZSTD zstd REQUIRED)
find_library(FFDL_NETTLE nettle REQUIRED)  # encrypted zip
add_library(ffdl_libarchive INTERFACE)
target_link_options(ffdl_libarchive INTERFACE -Wl,--gc-sections)  # or all formats and their libraries come along
target_link_libraries(ffdl_libarchive INTERFACE
  ${FFDL_LIBARCHIVE} ZLIB::ZLIB BZip2::BZip2 LibLZMA::LibLZMA ${FFDL_ZSTD} ${FFDL_NETTLE})

# What only ffdl-agent does, which runs in our image.
ffdl_library(ffdl_agent_fetch
  SOURCES
    agent/code_tree.cc
    agent/fetch.cc
    agent/fetch_access.cc
    agent/fetch_failure.cc
    agent/fetch_progress.cc
    agent/staging.cc
    agent/unpack.cc
  HEADERS
    agent/code_tree.h
    agent/fetch.h
    agent/fetch_access.h
    agent/fetch_failure.h
    agent/fetch_progress.h
    agent/staging.h
    agent/unpack.h
  LINKS ffdl_agent_parts ffdl_object_store
  PRIVATE_LINKS ffdl_libarchive)

add_executable(ffdl-launch agent/launch_main.cc)
add_executable(ffdl-agent
  agent/agent_main.cc
  agent/command.cc
  agent/fetch_command.cc
  agent/install_command.cc)
target_link_libraries(ffdl-launch PRIVATE ffdl_agent_parts)
target_link_libraries(ffdl-agent PRIVATE ffdl_agent_parts ffdl_agent_fetch)
foreach(target IN ITEMS ffdl_agent_parts ffdl_agent_fetch ffdl_object_store ffdl-launch ffdl-agent)
  target_compile_options(${target} PRIVATE -ffunction-sections -fdata-sections)
  if(NOT FFDL_SANITIZERS)
    target_compile_options(${target} PRIVATE -Os)
  endif()
endforeach()
foreach(program IN ITEMS ffdl-launch ffdl-agent)
  target_link_options(${program} PRIVATE -Wl,--gc-sections)
endforeach()
if(NOT FFDL_SANITIZERS)  # sanitizers need the dynamic loader
  target_link_options(ffdl-launch PRIVATE -static -s)
  target_link_options(ffdl-agent PRIVATE -s)
endif()
