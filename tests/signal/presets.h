/* presets.h - front ends of published models, as their cards give them. */
#ifndef EDGED_TESTS_SIGNAL_PRESETS_H
#define EDGED_TESTS_SIGNAL_PRESETS_H
#include "settings/frontend.h"

/* Constants and sources: ../shared/modelzoo/README.md, section "Front ends". */
extern const struct frontend_settings preset_kws;	/* MLPerf Tiny keyword spotting: 49 x 10 */
extern const struct frontend_settings preset_wake;	/* its streaming wake word: 30 x 40 */
extern const struct frontend_settings preset_anomaly;	/* its anomaly detection: 200 x 128 */
extern const struct frontend_settings preset_yamnet;	/* YAMNet's own graph: 96 x 64 */
extern const struct frontend_settings preset_yamnet_st; /* STMicroelectronics: 64 x 96 */
extern const struct frontend_settings preset_keywords;	/* edged's own: 49 x 40 */
extern const struct frontend_settings preset_micro;	/* one row of 40 a call, 10 ms */

extern const struct preset {
	const char *name;
	const struct frontend_settings *settings;
} presets[]; /* all of them; ends with a NULL name */
#endif
