//! The use cases: issue by hand, send, settle, revoke. Keeps P2 and P3.
