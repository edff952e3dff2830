//! Secrets at rest, digests and chance.
