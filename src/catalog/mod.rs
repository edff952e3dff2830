//! Cached reads of the Factory with their age, and pictures by hash.
