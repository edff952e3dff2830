//! LTI 1.3 core, tool side. Knows no badges and nothing else of this crate.
