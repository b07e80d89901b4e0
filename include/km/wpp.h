/* SPDX-License-Identifier: MIT */
/* WPP software tracing reduced to nothing, for sources that name it; needs no .tmh contents. */
#ifndef OWSK_KM_WPP_H
#define OWSK_KM_WPP_H

#define WPP_DEFINE_CONTROL_GUID(Name, Guid, Bits)
#define WPP_DEFINE_BIT(Name)

#define WPP_INIT_TRACING(...) ((void)0)
#define WPP_CLEANUP(...) ((void)0)
#define WPP_INIT_TRACING_KERNEL(...) ((void)0)

/* The arguments are not evaluated. */
#define DoTraceMessage(...) ((void)0)

/* Sources may bring their own conditions. */
#ifndef WPP_LEVEL_ENABLED
#define WPP_LEVEL_ENABLED(Flag) (0)
#endif
#ifndef WPP_LEVEL_LOGGER
#define WPP_LEVEL_LOGGER(Flag) (0),
#endif

#endif /* OWSK_KM_WPP_H */
