//! Asking LMSs about courses.

use std::time::Duration;

use super::keys::Keys;
use super::load::ConfigError;

/// Asking LMSs about courses.
#[derive(Clone, Debug)]
pub struct Pull {
    /// From one look at a course to the next, through Canvas' interface.
    pub canvas: Duration,
    /// The same, through Brightspace's.
    pub brightspace: Duration,
    /// The same, through Moodle's.
    pub moodle: Duration,
    /// The same, where only our own column is read.
    pub column: Duration,
    /// The same, at most, where there was no news for long.
    pub idle: Duration,
    /// So often everything is looked at, not only what changed.
    pub full: Duration,
    /// From the end of a course to the very last look.
    pub late: Duration,
    /// After a look that failed; twice as long each time, up to `failed_max`.
    pub failed: Duration,
    /// The same, at most.
    pub failed_max: Duration,
    /// From a look to the next one that a push asks for.
    pub hint: Duration,
    /// How often courses are looked for that should be asked.
    pub plan: Duration,
    /// The longest pause within one look that an LMS may ask for.
    pub wait: Duration,
    /// The pause before the next call where the LMS says that little is left.
    pub breath: Duration,
}

impl Pull {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        Ok(Self {
            canvas: keys.millis("pull.canvas_ms")?,
            brightspace: keys.millis("pull.brightspace_ms")?,
            moodle: keys.millis("pull.moodle_ms")?,
            column: keys.millis("pull.column_ms")?,
            idle: keys.millis("pull.idle_ms")?,
            full: keys.millis("pull.full_ms")?,
            late: keys.millis("pull.late_ms")?,
            failed: keys.millis("pull.failed_ms")?,
            failed_max: keys.millis("pull.failed_max_ms")?,
            hint: keys.millis("pull.hint_ms")?,
            plan: keys.millis("pull.plan_ms")?,
            wait: keys.millis("pull.wait_ms")?,
            breath: keys.millis("pull.breath_ms")?,
        })
    }
}
