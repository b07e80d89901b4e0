# openwsk_add_driver(<name> <sources...>): a driver module <name>.sys.so out of unchanged driver sources.
# NT functions stay undefined: whoever loads the module provides them.
function(openwsk_add_driver name)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES
    PREFIX "" OUTPUT_NAME "${name}.sys" SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden)
  if(TARGET openwsk::driver)
    target_link_libraries(${name} PRIVATE openwsk::driver)
  else()
    target_link_libraries(${name} PRIVATE owsk_headers)
  endif()
  target_compile_options(${name} PRIVATE -mms-bitfields -Wall -Wextra)
  # A driver's own send() or connect() is the driver's, not the C library's.
  target_link_options(${name} PRIVATE -Wl,-Bsymbolic)
endfunction()
