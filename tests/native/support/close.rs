//! Comparing tensors so that a failure says where.

/// Compares two tensors; a failure says where, what, and how far off at worst.
pub fn assert_close(what: &str, shape: &[usize], found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), shape.iter().product::<usize>(), "{what}: length of the figures found");
    assert_eq!(expected.len(), found.len(), "{what}: length of the figures expected");
    let error = |at: usize| (found[at] - expected[at]).abs();
    let bad = |at: &usize| error(*at).is_nan() || error(*at) > tolerance;
    let Some(first) = (0..found.len()).find(bad) else { return };
    let worst =
        (0..found.len()).map(error).fold(0.0, |a, b| if b.is_nan() { f32::NAN } else { f32::max(a, b) });
    let (mut rest, mut coordinates) = (first, Vec::new());
    for &side in shape.iter().rev() {
        coordinates.insert(0, rest % side);
        rest /= side;
    }
    panic!(
        "{what}{coordinates:?}: found {}, expected {}; largest error {worst:e}, allowed {tolerance:e}, \
         {} of {} bad",
        found[first],
        expected[first],
        (0..found.len()).filter(bad).count(),
        found.len()
    );
}
