//! Property tests: each runs 10,000 cases and says its seed before it begins; `PROPTEST_SEED` repeats a run.

use std::fmt::Debug;

use badgebridge::crypto::random;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestRunner};

/// Cases of one property.
const CASES: u32 = 10_000;

/// Tests of what holds for every value of some strategies:
///
/// ```ignore
/// properties! {
///     #[test]
///     fn a_number_reads_back(number in any::<u32>()) {
///         prop_assert_eq!(number.to_string().parse(), Ok(number));
///     }
/// }
/// ```
macro_rules! properties {
    ($($(#[$meta:meta])* fn $name:ident($($value:pat in $strategy:expr),+ $(,)?) $body:block)*) => {$(
        $(#[$meta])*
        fn $name() {
            $crate::support::cases::check(stringify!($name), &($($strategy,)+), |($($value,)+)| {
                $body
                Ok(())
            });
        }
    )*};
}

pub(crate) use properties;

/// Runs `test` on 10,000 values of `strategy`.
pub(crate) fn check<S: Strategy>(name: &str, strategy: &S, test: impl Fn(S::Value) -> TestCaseResult)
where
    S::Value: Debug,
{
    let seed = seed(name);
    let config = Config {
        cases: CASES,
        // the smallest case that fails is printed whole, and lasts
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    };
    if let Err(error) = TestRunner::new(config).run(strategy, test) {
        panic!("{name}, PROPTEST_SEED={seed}: {error}");
    }
}

/// The seed of a run, given or new. It is printed first, so that a run that hangs or is killed can be repeated as well.
pub(crate) fn seed(name: &str) -> u64 {
    let given = std::env::var("PROPTEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| u64::from_le_bytes(random::bytes()));
    println!("property test {name}: PROPTEST_SEED={seed}");
    seed
}
