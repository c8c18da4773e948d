//! Texts: into how many parts they are split, transliteration, and the preview of both.

use serde_json::{Map, Value, json};

use super::Refusal;
use super::request::{self, Problems};

#[cfg(test)]
mod tests;

/// Characters a part holds: alone, or as one of several.
const BASIC_SIZES: (usize, usize) = (160, 153);
const WIDE_SIZES: (usize, usize) = (70, 67);
/// The transliterations there are.
pub(super) const TRANSLITERATIONS: [&str; 9] = [
    "TURKISH",
    "GREEK",
    "CYRILLIC",
    "SERBIAN_CYRILLIC",
    "BULGARIAN_CYRILLIC",
    "CENTRAL_EUROPEAN",
    "BALTIC",
    "NON_UNICODE",
    "ALL",
];

/// How a text is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// Number of parts, at least one.
    pub(super) count: usize,
    /// Characters that still fit into the last.
    pub(super) remaining: usize,
}

/// Splits a text: 160 characters of the basic alphabet fit into one part, 153 into each of
/// several; any other character makes it 70 and 67.
pub(super) fn parts(text: &str) -> Parts {
    const BASIC: &str = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà\n\r";
    const EXTENDED: &str = "^{}\\[~]|€";
    let mut basic_units = 0;
    let mut wide = false;
    for character in text.chars() {
        let plain = matches!(character, ' '..='~') && character != '`';
        basic_units += if EXTENDED.contains(character) { 2 } else { 1 };
        wide |= !plain && !BASIC.contains(character) && !EXTENDED.contains(character);
    }
    let (units, (alone, together)) =
        if wide { (text.encode_utf16().count(), WIDE_SIZES) } else { (basic_units, BASIC_SIZES) };
    if units <= alone {
        return Parts { count: 1, remaining: alone - units };
    }
    let count = units.div_ceil(together);
    Parts { count, remaining: count * together - units }
}

/// Characters and what takes their place, by alphabet.
const TURKISH: &[(&str, &str)] = &[("ğĞıİşŞçÇ", "g G i I s S c C")];
const CENTRAL_EUROPEAN: &[(&str, &str)] = &[(
    "áÁčČćĆďĐđěĚíÍłŁńŃňŇóÓőŐřŘśŚšŠťŤúÚůŮűŰýÝźŹżŻžŽąĄęĘ",
    "a A c C c C d D d e E i I l L n N n N o O o O r R s S s S t T u U u U u U y Y z Z z Z z Z a A e E",
)];
const BALTIC: &[(&str, &str)] =
    &[("āĀčČēĒģĢīĪķĶļĻņŅšŠūŪžŽėĖįĮųŲąĄęĘ", "a A c C e E g G i I k K l L n N s S u U z Z e E i I u U a A e E")];
const GREEK: &[(&str, &str)] = &[
    ("αάβγδεέζηήθιίϊΐκλμνξοόπρσςτυύϋΰφχψωώ", "A A B Γ Δ E E Z H H Θ I I I I K Λ M N Ξ O O Π P Σ Σ T Y Y Y Y Φ X Ψ Ω Ω"),
    ("ΑΆΒΕΈΖΗΉΙΊΚΜΝΟΌΡΤΥΎΧΏ", "A A B E E Z H H I I K M N O O P T Y Y X Ω"),
];
const CYRILLIC: &[(&str, &str)] = &[
    ("абвгдежзийклмнопрстуфхцчшщъыьэюя", "a b v g d e zh z i j k l m n o p r s t u f h c ch sh sch ' y ' e yu ya"),
    ("АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ", "A B V G D E Zh Z I J K L M N O P R S T U F H C Ch Sh Sch ' Y ' E Yu Ya"),
    ("ёЁђЂјЈљЉњЊћЋџЏ", "e E dj Dj j J lj Lj nj Nj c C dz Dz"),
];
const NON_UNICODE: &[(&str, &str)] = &[("’‘“”„–—…`", "' ' \" \" \" - - ... '")];

/// The text in another script, as far as the tables go; other characters stay as they are.
pub(super) fn transliterate(text: &str, name: &str) -> String {
    let tables: &[&[(&str, &str)]] = match name {
        "TURKISH" => &[TURKISH],
        "GREEK" => &[GREEK],
        "CYRILLIC" | "SERBIAN_CYRILLIC" | "BULGARIAN_CYRILLIC" => &[CYRILLIC],
        "CENTRAL_EUROPEAN" => &[CENTRAL_EUROPEAN],
        "BALTIC" => &[BALTIC],
        "NON_UNICODE" => &[NON_UNICODE],
        "ALL" => &[TURKISH, GREEK, CYRILLIC, CENTRAL_EUROPEAN, BALTIC, NON_UNICODE],
        _ => &[],
    };
    let mut written = String::with_capacity(text.len());
    for character in text.chars() {
        let rows = tables.iter().flat_map(|table| table.iter());
        let mut found = rows.filter_map(|(from, to)| {
            let place = from.chars().position(|one| one == character)?;
            to.split(' ').nth(place)
        });
        match found.next() {
            Some(instead) => written.push_str(instead),
            None => written.push(character),
        }
    }
    written
}

/// What a text would be sent as: by itself and, if asked for, under a language or transliteration.
pub(super) fn preview(body: &[u8]) -> Result<Value, Refusal> {
    let sent = request::object(body)?;
    let mut problems = Problems::default();
    let text = problems.text(&sent, "", "text");
    if text.is_none() {
        problems.add("text", "must not be null");
    }
    let transliteration = problems.one_of(&sent, "", "transliteration", &TRANSLITERATIONS);
    let language = problems.one_of(&sent, "", "languageCode", &request::LANGUAGES);
    problems.check()?;
    let text = text.unwrap_or_default();
    let mut previews = vec![preview_one(&text, &Map::new())];
    let mut configuration = Map::new();
    if let Some(code) = language {
        configuration.insert("language".to_owned(), json!({ "languageCode": code }));
    }
    let mut changed = text.clone();
    if let Some(name) = transliteration {
        changed = transliterate(&text, &name);
        configuration.insert("transliteration".to_owned(), json!(name));
    }
    if !configuration.is_empty() {
        previews.push(preview_one(&changed, &configuration));
    }
    Ok(json!({ "originalText": text, "previews": previews }))
}

fn preview_one(text: &str, configuration: &Map<String, Value>) -> Value {
    let parts = parts(text);
    json!({
        "textPreview": text, "messageCount": parts.count, "charactersRemaining": parts.remaining,
        "configuration": configuration,
    })
}
