# openwsk_add_driver(<name> <sources...>): a driver module <name>.sys.so out of unchanged driver sources.
# NT functions stay undefined: whoever loads the module provides them.
function(openwsk_add_driver name)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES
    PREFIX "" OUTPUT_NAME "${name}.sys" SUFFIX ".so" POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF)
  target_link_libraries(${name} PRIVATE openwsk::driver)
  target_compile_options(${name} PRIVATE -mms-bitfields -Wall -Wextra -Wno-multichar
    # Reports name two places, and how each was reached; the earlier one is noted by frame pointers.
    -fno-omit-frame-pointer
    # A unique symbol would be one for the whole process, but each loaded copy has its own globals.
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>
    # What the processor finds is a bug check, as on Windows, so it may not be optimised away.
    $<$<OR:$<COMPILE_LANG_AND_ID:C,GNU>,$<COMPILE_LANG_AND_ID:CXX,GNU>>:-fnon-call-exceptions>
    -fno-delete-null-pointer-checks)
  # A driver's own send() or connect() is the driver's, not the C library's. Symbols stay visible
  # otherwise, so that the stacks of a bug check have names.
  target_link_options(${name} PRIVATE -Wl,-Bsymbolic)
endfunction()
