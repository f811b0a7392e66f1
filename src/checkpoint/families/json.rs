//! A `config.json` as a JSON object whose fields are read one by one.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// The fields of a `config.json`. A field that is null counts as absent, except in [`has`](Self::has).
#[derive(Debug, Default)]
pub struct Fields(Map<String, Value>);

/// A field that makes no difference while it has a harmless value. Any other value asks for arithmetic that
/// Headscope does not do.
#[derive(Debug)]
pub struct Harmless {
    /// The field's name.
    pub field: &'static str,
    /// The harmless values, as an error lists them.
    pub expected: &'static str,
    /// Whether a value is harmless. Never asked about null, which always is.
    pub accepts: fn(&Value) -> bool,
}

impl Fields {
    /// Reads a JSON object.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] when the text is no JSON object.
    pub fn parse(json: &str) -> Result<Self> {
        let whole = |error| Error::config_invalid("(whole file)", "a JSON object", error);
        serde_json::from_str(json).map(Fields).map_err(whole)
    }

    /// The fields of an object inside another.
    pub fn of(value: &Value) -> Self {
        Fields(value.as_object().cloned().unwrap_or_default())
    }

    /// Whether the field is there, null or not.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The field's value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether some field's value is an object.
    pub fn has_objects(&self) -> bool {
        self.0.values().any(Value::is_object)
    }

    /// A whole number.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for another value.
    pub fn size(&self, name: &str) -> Result<Option<usize>> {
        let size = |value: &Value| value.as_u64().and_then(|size| usize::try_from(size).ok());
        self.read(name, "a whole number", size)
    }

    /// A number.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for another value.
    pub fn number(&self, name: &str) -> Result<Option<f64>> {
        self.read(name, "a number", Value::as_f64)
    }

    /// True or false.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for another value.
    pub fn flag(&self, name: &str) -> Result<Option<bool>> {
        self.read(name, "true or false", Value::as_bool)
    }

    /// A text.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for another value.
    pub fn text(&self, name: &str) -> Result<Option<&str>> {
        self.read(name, "a text", Value::as_str)
    }

    /// Refuses the first field that has another value than a harmless one.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`].
    pub fn refuse(&self, table: &[Harmless]) -> Result<()> {
        for Harmless { field, expected, accepts } in table {
            if let Some(found) = self.get(field).filter(|value| !accepts(value)) {
                return Err(Error::config_invalid(field, expected, found));
            }
        }
        Ok(())
    }

    fn read<'a, T>(
        &'a self,
        name: &str,
        expected: &str,
        as_type: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>> {
        let wrong = |value: &Value| Error::config_invalid(name, expected, value);
        self.get(name).map(|value| as_type(value).ok_or_else(|| wrong(value))).transpose()
    }
}

/// Whether a value is false.
pub fn is_false(value: &Value) -> bool {
    *value == Value::Bool(false)
}

/// Whether a value is true.
pub fn is_true(value: &Value) -> bool {
    *value == Value::Bool(true)
}

/// Whether a value is the number 1.
pub fn is_one(value: &Value) -> bool {
    value.as_f64() == Some(1.0)
}
