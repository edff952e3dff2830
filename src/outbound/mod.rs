//! The one checked HTTP client.
