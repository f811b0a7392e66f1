//! Counts the tests that passed and failed, from the output of five runners.
//!
//! Reports in files would need as many readers: cargo's has no stable form, and the others differ.

/// Sums over every runner.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub passed: usize,
    pub failed: usize,
}

impl Totals {
    /// `test result: ok. 12 passed; 0 failed; ...`
    pub fn see_cargo(&mut self, line: &str) {
        if let Some(counts) = line.strip_prefix("test result:") {
            self.passed += number_before(counts, "passed");
            self.failed += number_before(counts, "failed");
        }
    }

    /// `ℹ pass 12`, `ℹ fail 0`
    pub fn see_node(&mut self, line: &str) {
        let after =
            |prefix| line.strip_prefix(prefix).and_then(|count: &str| count.trim().parse().ok()).unwrap_or(0);
        self.passed += after("ℹ pass ");
        self.failed += after("ℹ fail ");
    }

    /// `test_name (__main__.Exported.test_name) ... ok`, `... FAIL`, `... ERROR`
    pub fn see_unittest(&mut self, line: &str) {
        match line.rsplit_once(" ... ") {
            Some((_, "ok")) => self.passed += 1,
            Some((_, "FAIL" | "ERROR")) => self.failed += 1,
            _ => {}
        }
    }

    /// `12 passed, 0 failed`, as `tools/real/run_lens.py` prints
    pub fn see_counts(&mut self, line: &str) {
        self.passed += number_before(line, "passed");
        self.failed += number_before(line, "failed");
    }

    /// `  12 passed (3.4s)`, `  1 failed`, `  1 flaky`: failed once and passed then
    pub fn see_playwright(&mut self, line: &str) {
        if line.starts_with("  ") && line.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
            self.passed += number_before(line, "passed") + number_before(line, "flaky");
            self.failed += number_before(line, "failed");
        }
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// The number in front of `word`, 0 when there is none.
fn number_before(line: &str, word: &str) -> usize {
    let words: Vec<&str> =
        line.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_add_up_over_the_runners() {
        let mut totals = Totals::default();
        totals.see_cargo(
            "test result: ok. 12 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s",
        );
        totals.see_cargo("test forward::every_fixture ... ok");
        totals.see_node("ℹ pass 5");
        totals.see_node("ℹ fail 2");
        totals.see_playwright("  7 passed (3.4s)");
        totals.see_playwright("  1 failed");
        totals.see_playwright("  2 flaky");
        totals.see_unittest("test_names (__main__.Exported.test_names) ... ok");
        totals.see_unittest("test_values (__main__.Exported.test_values) ... FAIL");
        totals.see_unittest("Ran 2 tests in 0.112s");
        totals.see_counts("3 passed, 1 failed");
        assert_eq!(totals, Totals { passed: 30, failed: 6 });
        assert_eq!(totals.to_string(), "30 passed, 6 failed");
    }
}
