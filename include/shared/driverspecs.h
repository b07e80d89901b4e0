/* SPDX-License-Identifier: MIT */
/* Annotation macros under their older header name; mirrors the WDK's header driverspecs.h.
 * Everything lives in sal.h. */
#ifndef OWSK_SHARED_DRIVERSPECS_H
#define OWSK_SHARED_DRIVERSPECS_H

#include <sal.h>

#endif /* OWSK_SHARED_DRIVERSPECS_H */
