# find_package(OpenClaw) gives OpenClaw::openclaw (shared) and OpenClaw::openclaw_static. Found from where this file lies,
# so an installed tree can be moved.
get_filename_component(_openclaw_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET OpenClaw::openclaw)
  add_library(OpenClaw::openclaw SHARED IMPORTED)
  set_target_properties(OpenClaw::openclaw PROPERTIES
    IMPORTED_LOCATION "${_openclaw_prefix}/lib/libopenclaw.so.0"
    IMPORTED_SONAME "libopenclaw.so.0"
    INTERFACE_INCLUDE_DIRECTORIES "${_openclaw_prefix}/include")
endif()

if(NOT TARGET OpenClaw::openclaw_static)
  include(CMakeFindDependencyMacro)
  find_dependency(Threads)
  add_library(OpenClaw::openclaw_static STATIC IMPORTED)
  set_target_properties(OpenClaw::openclaw_static PROPERTIES
    IMPORTED_LOCATION "${_openclaw_prefix}/lib/libopenclaw.a"
    INTERFACE_COMPILE_DEFINITIONS "OPENCLAW_STATIC"
    INTERFACE_INCLUDE_DIRECTORIES "${_openclaw_prefix}/include"
    INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m")
endif()

set(OpenClaw_FOUND TRUE)
unset(_openclaw_prefix)
