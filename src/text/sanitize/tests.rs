//! What sanitizing keeps and removes, and that it removes no more the second time.

use icu_properties::props::BidiControl;
use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn what_readers_see_stays() {
    for text in [
        "a\tb\r\nc",
        "👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥 👩🏽\u{200d}🚒 🏳\u{fe0f}\u{200d}🌈",
        "1\u{fe0f}\u{20e3} ☎\u{fe0e} ☎\u{fe0f}",
        TAG_FLAGS[0],
        TAG_FLAGS[2],
        // Persian, Hindi, Malayalam, Sinhala, Mongolian.
        "می\u{200c}خواهم ه\u{200d}.",
        "क\u{94d}\u{200d}ष क\u{94d}\u{200c}ष",
        "ന\u{d4d}\u{200d}",
        "ශ\u{dca}\u{200d}ර\u{dd3}",
        "ᠬ\u{180b}ᠠ\u{180e}ᠠ",
        "مُ\u{200c}ا",
        "क\u{94d}\u{200d}👨",
    ] {
        assert_eq!(sanitize(text), text);
        assert_eq!(sanitize_input(text), (Cow::Borrowed(text), false));
    }
}

#[test]
fn what_readers_do_not_see_goes() {
    for (text, clean) in [
        ("a\u{202e}b\u{0}c", "abc"),
        ("a\u{200d}b\u{feff}", "ab"),
        ("pass\u{ad}word \u{2066}x\u{2069}", "password x"),
        ("👨\u{200d}\u{200d}👩", "👨\u{200d}👩"),
        ("👨\u{200d}a", "👨a"),
        ("می\u{200c}\u{200c}خ", "می\u{200c}خ"),
        ("1\u{fe0f}2", "12"),
        ("❤\u{fe0f}\u{fe0f}", "❤\u{fe0f}"),
        ("x\u{e0100}\u{e01ef}", "x"),
        ("\u{e0041}\u{e0042}", ""),
        ("🏴\u{e0075}\u{e0073}\u{e007f}", "🏴"),
        ("a\u{2028}b\u{2029}c\u{85}d\u{b}e", "a\nb\nc\nd\ne"),
        ("\u{fff9}x\u{fffa}y\u{fffb}", "xy"),
        ("\u{3164}\u{115f}\u{17b4}\u{1d173}", ""),
    ] {
        assert_eq!(sanitize(text), clean);
        assert_eq!(sanitize_input(text), (clean.into(), true));
        assert!(has_hidden(text) && !has_hidden(clean));
    }
}

#[test]
fn every_bidirectional_control_is_hidden() {
    let mut controls = CodePointSetData::new::<BidiControl>().iter_ranges().flatten();
    assert!(controls.all(|code| char::from_u32(code).is_some_and(is_hidden)));
}

#[test]
fn lines_and_words() {
    assert_eq!(single_line("a\r\nNext:\tb\u{202e}\u{0}\u{2028}c"), "a  Next: b c");
    assert_eq!(short_word(&"x\n".repeat(80)).chars().count(), MAX_SHORT_WORD_CHARS);
}

#[test]
fn values_are_sanitized_whole() {
    let mut value = json!({ "a\u{200b}": ["x\u{202e}", 1, { "b": "\u{feff}" }], "c": null });
    assert!(sanitize_value(&mut value));
    assert_eq!(value, json!({ "a": ["x", 1, { "b": "" }], "c": null }));
    assert!(!sanitize_value(&mut value));
}

/// Texts of characters that matter here, as close together as no real text has them.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a1#\u{ad}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{fe0e}\u{fe0f}\u{20e3}\u{e0061}-\u{e007f}👨👩❤🏽🏴میकष\u{94d}ᠬ\u{180b}\n]{0,40}",
        "\\PC{0,40}",
        any::<String>()
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sanitizing_is_idempotent(text in texts()) {
        let clean = sanitize(&text).into_owned();
        prop_assert!(matches!(sanitize(&clean), Cow::Borrowed(_)), "{clean:?}");
    }

    #[test]
    fn sanitizing_never_adds(text in texts()) {
        let clean = sanitize(&text);
        let mut rest = text.chars().map(|c| if is_separator(c) { '\n' } else { c });
        prop_assert!(clean.chars().all(|kept| rest.any(|c| c == kept)), "{text:?}: {clean:?}");
    }

    #[test]
    fn what_is_visible_stays(text in texts()) {
        let visible = |text: &str| text.chars().filter(|c| !is_hidden(*c) && *c != '\n').collect::<String>();
        prop_assert_eq!(visible(&sanitize(&text)), visible(&text));
    }
}
