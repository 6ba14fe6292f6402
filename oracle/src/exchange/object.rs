//! JSON objects that are objects: a derived `Deserialize` would also take a list of the fields' values.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

/// A value that is written as an object.
#[derive(Debug)]
pub(super) struct Object<T>(pub(super) T);

struct OnlyObject<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyObject<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OnlyObject(PhantomData))
    }
}

/// The exchange's error object, if the body is one.
pub(super) fn error_object<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Option<T> {
    let Object(error) = serde_json::from_slice(body).ok()?;
    Some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Error {
        code: i64,
    }

    #[test]
    fn lists_are_no_objects() {
        assert_eq!(error_object::<Error>(b" {\"code\":7}").unwrap().code, 7);
        assert!(
            serde_json::from_slice::<Error>(b"[7]").is_ok(),
            "why this is needed"
        );
        assert!(error_object::<Error>(b"[7]").is_none());
        assert!(error_object::<Error>(b"7").is_none());
    }
}
