//! The web server: pages and LTI endpoints.
