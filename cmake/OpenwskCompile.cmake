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
# structure members, the flavour.
add_library(owsk_headers INTERFACE)
target_include_directories(owsk_headers INTERFACE
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/include/shared ${PROJECT_SOURCE_DIR}/include/km)
target_compile_options(owsk_headers INTERFACE -fshort-wchar -fms-extensions)
target_compile_definitions(owsk_headers INTERFACE $<$<BOOL:${OWSK_WIN64}>:OWSK_WIN64_ABI>)

# Our own code: warnings, frame pointers (stacks in bug checks), sanitizers.
add_library(owsk_options INTERFACE)
target_link_libraries(owsk_options INTERFACE owsk_headers Threads::Threads)
target_compile_options(owsk_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -fno-omit-frame-pointer
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wthread-safety>
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-microsoft-anon-tag>
  $<$<COMPILE_LANGUAGE:C>:-Werror=incompatible-pointer-types>)
target_compile_features(owsk_options INTERFACE cxx_std_20)
if(OWSK_SANITIZE)
  add_compile_options(-fsanitize=${OWSK_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${OWSK_SANITIZE})
endif()
