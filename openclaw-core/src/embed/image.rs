//! Images for a message, from their bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, Result};

/// A `data:` address for the bytes of an image; the media type is seen from a PNG, JPEG, GIF or WebP, else it must be
/// named.
///
/// # Errors
/// `invalid_request` when there are no bytes, or their type is neither seen nor named.
pub fn image_url(bytes: &[u8], media_type: Option<&str>) -> Result<String> {
    if bytes.is_empty() {
        return Err(Error::invalid_request("the image has no bytes"));
    }
    let Some(media_type) = media_type.or_else(|| seen(bytes)) else {
        let text = "the bytes are no PNG, JPEG, GIF or WebP image: name their media_type, such as image/png";
        return Err(Error::invalid_request(text));
    };
    if !media_type.starts_with("image/") || media_type.contains(|c: char| c.is_whitespace() || ",;\"".contains(c)) {
        return Err(Error::invalid_request(format!(
            "the media_type {media_type:?} is none of an image, such as image/png"
        )));
    }
    Ok(format!("data:{media_type};base64,{}", STANDARD.encode(bytes)))
}

fn seen(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_is_seen_or_named() {
        assert_eq!(image_url(b"\x89PNG\r\n", None).unwrap(), "data:image/png;base64,iVBORw0K");
        assert!(image_url(b"RIFF\0\0\0\0WEBPVP8 ", None).unwrap().starts_with("data:image/webp;"));
        assert_eq!(image_url(b"x", Some("image/avif")).unwrap(), "data:image/avif;base64,eA==");
        for (bytes, media_type) in
            [(&b""[..], None), (b"RIFF", None), (b"x", Some("text/html")), (b"x", Some("image/a,b"))]
        {
            assert!(image_url(bytes, media_type).is_err());
        }
    }
}
