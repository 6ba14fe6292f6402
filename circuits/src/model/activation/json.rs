//! Reading an activation: a list of coefficients, or an object with a kind.
//!
//! Written by hand because serde's untagged enums answer every mistake with "did not match any
//! variant", and its tagged ones overlook unknown fields beside a kind without parameters.

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use super::{Activation, Named, Table};

/// An object as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    kind: String,
    name: Option<String>,
    low: Option<i64>,
    values: Option<Vec<i32>>,
}

struct Reader;

impl<'de> Deserialize<'de> for Activation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Activation;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of coefficients or an object with a kind (relu, table)")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Activation, A::Error> {
        let mut coefficients = vec![];
        while let Some(coefficient) = list.next_element()? {
            coefficients.push(coefficient);
        }
        Ok(Activation::Polynomial(coefficients))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Activation, A::Error> {
        let object = Object::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Activation::Named(match object.kind.as_str() {
            "relu" => {
                let Object {
                    name, low, values, ..
                } = object;
                let fields = [
                    ("name", name.is_some()),
                    ("low", low.is_some()),
                    ("values", values.is_some()),
                ];
                if let Some((field, _)) = fields.into_iter().find(|(_, there)| *there) {
                    return Err(A::Error::custom(format!("a relu has no field `{field}`")));
                }
                Named::Relu
            }
            "table" => Named::Table(Table {
                name: object.name.ok_or_else(|| A::Error::missing_field("name"))?,
                low: object.low.ok_or_else(|| A::Error::missing_field("low"))?,
                values: object
                    .values
                    .ok_or_else(|| A::Error::missing_field("values"))?,
            }),
            other => return Err(A::Error::unknown_variant(other, &["relu", "table"])),
        }))
    }
}
