//! Client of the Factory's REST API (v1). Knows no LTI and nothing else of this crate.
