# agent/: the programs of learner pods. Static and small, because ffdl-launch runs inside the user's image.
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
add_executable(ffdl-launch agent/launch_main.cc)
add_executable(ffdl-agent agent/agent_main.cc)
foreach(target IN ITEMS ffdl_agent_parts ffdl-launch ffdl-agent)
  target_compile_options(${target} PRIVATE -ffunction-sections -fdata-sections)
  if(NOT FFDL_SANITIZERS)
    target_compile_options(${target} PRIVATE -Os)
  endif()
endforeach()
foreach(program IN ITEMS ffdl-launch ffdl-agent)
  target_link_libraries(${program} PRIVATE ffdl_agent_parts)
  target_link_options(${program} PRIVATE -Wl,--gc-sections)
  if(NOT FFDL_SANITIZERS)  # sanitizers need the dynamic loader
    target_link_options(${program} PRIVATE -static -s)
  endif()
endforeach()
