//! What several integration tests share.

pub(crate) mod awards_world;
pub(crate) mod browser;
pub(crate) mod cases;
pub(crate) mod course_world;
pub(crate) mod database;
pub(crate) mod model_factory;
pub(crate) mod office;
pub(crate) mod orders;
pub(crate) mod provider;
pub(crate) mod rules_world;
pub(crate) mod seed;
pub(crate) mod world;

/// A future behind a pointer. What the tool does in a test is a very large type; named in every test, it would be compiled
/// again for every one of them.
pub(crate) fn boxed<'a, T>(future: impl Future<Output = T> + 'a) -> std::pin::Pin<Box<dyn Future<Output = T> + 'a>> {
    Box::pin(future)
}
