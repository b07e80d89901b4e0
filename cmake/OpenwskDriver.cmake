# openwsk_add_driver(<name> <sources...> [SANITIZE address|thread|undefined])
#
# A driver module <name>.sys.so out of unchanged driver sources. NT functions stay undefined: whoever loads the
# module provides them. SANITIZE builds it with that sanitizer of the compiler; an installed wskrun loads such a
# module, too.
function(openwsk_add_driver name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SANITIZE" "")
  add_library(${name} MODULE ${arg_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES
    PREFIX "" OUTPUT_NAME "${name}.sys" SUFFIX ".so" POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF)
  target_link_libraries(${name} PRIVATE openwsk::driver)
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wno-multichar
    # Reports name two places, and how each was reached; the earlier one is noted by frame pointers.
    -fno-omit-frame-pointer
    $<$<COMPILE_LANGUAGE:CXX>:-mms-bitfields>
    # A unique symbol would be one for the whole process, but each loaded copy has its own globals.
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>
    # What the processor finds is a bug check, as on Windows, so it may not be optimised away.
    $<$<OR:$<COMPILE_LANG_AND_ID:C,GNU>,$<COMPILE_LANG_AND_ID:CXX,GNU>>:-fnon-call-exceptions>
    -fno-delete-null-pointer-checks)
  target_compile_definitions(${name} PRIVATE
    "$<$<COMPILE_LANGUAGE:CXX>:${OWSK_DRIVER_MACROS}>"
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:Debug>>:DBG=1>)
  # A driver's own send() or connect() is the driver's, not the C library's. Symbols stay visible
  # otherwise, so that the stacks of a bug check have names.
  target_link_options(${name} PRIVATE -Wl,-Bsymbolic)
  openwsk_allow_loose_types(${name})
  openwsk_add_guarded_blocks(${name})
  openwsk_add_trace_headers(${name})
  if(arg_SANITIZE)
    openwsk_sanitize_driver(${name} ${arg_SANITIZE})
  endif()
endfunction()

# openwsk_add_guarded_blocks(<target>): its sources may use __try, __finally and __leave. Drivers do so already; this is
# for programs that have a driver's sources linked in.
function(openwsk_add_guarded_blocks target)
  if(NOT OWSK_SEH)
    return()
  endif()
  foreach(language C CXX)
    get_target_property(launcher ${target} ${language}_COMPILER_LAUNCHER)
    # Alone, or in front of the launcher that there is.
    set(launchers ${OWSK_SEH})
    if(launcher)
      list(APPEND launchers ${launcher})
    endif()
    set_target_properties(${target} PROPERTIES ${language}_COMPILER_LAUNCHER "${launchers}")
  endforeach()
  if(TARGET openwsk_seh)
    add_dependencies(${target} openwsk_seh)
  endif()
endfunction()

# Microsoft's compiler warns where a routine or a pointer does not quite have the right type, and so does gcc before
# version 14 and clang before 16; the newer ones make errors of it. With the Windows calling convention such a
# routine gets wrong arguments, so there it stays one.
function(openwsk_allow_loose_types target)
  if(OWSK_WIN64)
    return()
  endif()
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:C>:-Wno-error=incompatible-pointer-types>
    $<$<COMPILE_LANGUAGE:C>:-Wno-error=int-conversion>)
  if(CMAKE_C_COMPILER_ID MATCHES Clang AND CMAKE_C_COMPILER_VERSION VERSION_GREATER_EQUAL 16)
    target_compile_options(${target} PRIVATE
      $<$<COMPILE_LANGUAGE:C>:-Wno-error=incompatible-function-pointer-types>)
  endif()
endfunction()

# What WPP's preprocessor makes in a build for Windows: for each source a header of the same name that ends in .tmh, which
# has the driver's own trace functions, as the comments between begin_wpp and end_wpp declare them. Nothing is traced.
function(openwsk_add_trace_headers target)
  get_target_property(sources ${target} SOURCES)
  get_target_property(folder ${target} SOURCE_DIR)
  set(headers ${CMAKE_CURRENT_BINARY_DIR}/${target}.tmh)
  set(names)
  set(scanned)
  foreach(source IN LISTS sources)
    get_filename_component(path ${source} ABSOLUTE BASE_DIR ${folder})
    get_filename_component(name ${path} NAME_WE)
    list(APPEND names ${name}.tmh)
    if(NOT EXISTS ${path})
      continue()
    endif()
    get_filename_component(source_folder ${path} DIRECTORY)
    file(GLOB beside ${source_folder}/*.h)
    list(APPEND scanned ${path} ${beside})
    # The name as it is written: Windows does not tell upper case from lower case.
    file(STRINGS ${path} includes REGEX "#[ \t]*include[ \t]*[\"<][^\">]*[.][tT][mM][hH][\">]")
    foreach(include IN LISTS includes)
      string(REGEX REPLACE ".*[\"<]([^\">]*)[\">].*" "\\1" name "${include}")
      string(REPLACE "\\" "/" name "${name}")
      list(APPEND names ${name})
    endforeach()
  endforeach()

  set(functions)
  list(REMOVE_DUPLICATES scanned)
  foreach(file IN LISTS scanned)
    file(STRINGS ${file} declarations REGEX "^[ \t/*]*FUNC[ \t]+[A-Za-z_]")
    foreach(declaration IN LISTS declarations)
      string(REGEX REPLACE "^[ \t/*]*FUNC[ \t]+([A-Za-z_0-9]+).*" "\\1" function "${declaration}")
      list(APPEND functions ${function})
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES functions)
  set(text "/* Made by openwsk_add_driver(). */\n#include <wpp.h>\n")
  foreach(function IN LISTS functions)
    string(APPEND text "#undef ${function}\n#define ${function}(...) ((void)0)\n")
  endforeach()

  list(REMOVE_DUPLICATES names)
  foreach(name IN LISTS names)
    file(CONFIGURE OUTPUT ${headers}/${name} CONTENT "${text}" @ONLY)
  endforeach()
  # Behind the driver's own folders, which may have such a file.
  target_compile_options(${target} PRIVATE "SHELL:-idirafter ${headers}")
endfunction()

function(openwsk_sanitize_driver target sanitizer)
  set(known address thread undefined)
  if(NOT sanitizer IN_LIST known)
    message(FATAL_ERROR "openwsk_add_driver(${target} ... SANITIZE ${sanitizer}): a sanitizer is one of "
                        "address, thread, undefined")
  endif()
  target_compile_options(${target} PRIVATE -fsanitize=${sanitizer} -fno-omit-frame-pointer -g)
  target_link_options(${target} PRIVATE -fsanitize=${sanitizer})
  # clang links the run time into programs only, and expects it there, unless it is told otherwise; and it
  # lies where only clang looks. That of the thread sanitizer is in the program: openwsk was built with it.
  if(CMAKE_C_COMPILER_ID MATCHES Clang AND NOT sanitizer STREQUAL thread)
    target_link_options(${target} PRIVATE -shared-libsan)
    execute_process(COMMAND ${CMAKE_C_COMPILER} -print-resource-dir
                    OUTPUT_VARIABLE resources OUTPUT_STRIP_TRAILING_WHITESPACE)
    target_link_options(${target} PRIVATE -Wl,-rpath,${resources}/lib/linux)
  endif()
endfunction()
