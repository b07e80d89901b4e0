// The same in C++, with headers of its library before.
#include "windows_build.c"

#include <map>
#include <string>
