# How openwsk's own code is compiled. Warnings are errors in the presets (CMAKE_COMPILE_WARNING_AS_ERROR).
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
find_package(Threads REQUIRED)

# What every translation unit needs that sees a Windows header: 16-bit wide characters, anonymous
# structure members, the flavour. Installed as openwsk::driver, because driver code needs just this.
add_library(owsk_headers INTERFACE)
add_library(openwsk::driver ALIAS owsk_headers)
set_target_properties(owsk_headers PROPERTIES EXPORT_NAME driver)
target_include_directories(owsk_headers INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/shared>
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/km>
  $<INSTALL_INTERFACE:include>
  $<INSTALL_INTERFACE:include/openwsk/shared>
  $<INSTALL_INTERFACE:include/openwsk/km>)
target_compile_options(owsk_headers INTERFACE -fshort-wchar -fms-extensions
  $<$<COMPILE_LANGUAGE:C>:-mms-bitfields>
  $<$<OR:$<C_COMPILER_ID:Clang>,$<CXX_COMPILER_ID:Clang>>:-Wno-microsoft-anon-tag>)
# What a driver's build for Windows defines. C++ gets it in drivers alone: it would tell the libraries of
# a program, which may have code for Windows, what is not so.
set(OWSK_DRIVER_MACROS
  _WIN64 _AMD64_ AMD64 _M_AMD64=100 _M_X64=100 _KERNEL_MODE=1
  NTDDI_VERSION=0x0A00000C _WIN32_WINNT=0x0A00 WINVER=0x0A00)
target_compile_definitions(owsk_headers INTERFACE
  $<$<BOOL:${OWSK_WIN64}>:OWSK_WIN64_ABI>
  "$<$<COMPILE_LANGUAGE:C>:${OWSK_DRIVER_MACROS}>"
  $<$<AND:$<COMPILE_LANGUAGE:C>,$<CONFIG:Debug>>:DBG=1>)

# Our own code: warnings, sanitizers. Stacks in bug checks are found by the tables of each module, so
# that an optimised build needs no frame pointers; sanitizers and people at a debugger like them.
# Several sanitizers are named with a comma, which a generator expression would take for its own.
set(with_frame_pointers $<CONFIG:Debug>)
if(OWSK_SANITIZE)
  set(with_frame_pointers 1)
endif()
add_library(owsk_options INTERFACE)
target_link_libraries(owsk_options INTERFACE owsk_headers Threads::Threads)
target_compile_options(owsk_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
  $<${with_frame_pointers}:-fno-omit-frame-pointer>
  # gcc's -Wnon-virtual-dtor complains about protected destructors of classes that have a friend.
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wnon-virtual-dtor>
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wthread-safety>
  # Nobody replaces one of our functions by another at run time, as the code of a library allows.
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-semantic-interposition>
  # Each lock looks at variables of its thread. As part of a library that is loaded later they take
  # some of the little room that the C library keeps for that.
  -ftls-model=initial-exec
  $<$<COMPILE_LANGUAGE:C>:-Werror=incompatible-pointer-types>)
target_compile_features(owsk_options INTERFACE cxx_std_20)
if(OWSK_SANITIZE)
  # The vptr check opens a pipe to look at memory, and calls every object invalid when the program
  # has no descriptor left, which is a case that the tests make.
  add_compile_options(-fsanitize=${OWSK_SANITIZE} -fno-sanitize-recover=all -fno-sanitize=vptr)
  add_link_options(-fsanitize=${OWSK_SANITIZE})
endif()
