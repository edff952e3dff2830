//! Badge pictures: PNG and SVG in, a small PNG out.
//!
//! A picture comes from outside: its size is checked before it is unpacked, and an SVG is drawn without fonts, files or
//! network, so that neither scripts nor references in it do anything.

use image::imageops::FilterType;
use image::{ImageFormat, ImageReader, Limits};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use crate::crypto::digest;

/// The largest picture that is read, in bytes.
const LARGEST: usize = 8 * 1024 * 1024;
/// The largest width or height that is unpacked, in pixels.
const WIDEST: u32 = 4_096;

/// The digest that names a picture, from its original's bytes.
pub(super) fn name_of(original: &[u8]) -> String {
    let hash = digest::sha256_hex(original);
    hash.get(..32).unwrap_or_default().to_owned()
}

/// The picture as a PNG that fits a square of `side` pixels; `None` if it is no picture that can be read.
pub(super) fn fit(original: &[u8], side: u32) -> Option<Vec<u8>> {
    if original.len() > LARGEST {
        return None;
    }
    if original.starts_with(b"\x89PNG") {
        fit_png(original, side)
    } else {
        draw_svg(original, side)
    }
}

fn fit_png(original: &[u8], side: u32) -> Option<Vec<u8>> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(WIDEST);
    limits.max_image_height = Some(WIDEST);
    limits.max_alloc = Some(96 * 1024 * 1024);
    let mut reader = ImageReader::with_format(std::io::Cursor::new(original), ImageFormat::Png);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    let small = if picture.width() > side || picture.height() > side {
        picture.resize(side, side, FilterType::Triangle)
    } else {
        picture
    };
    let mut png = std::io::Cursor::new(Vec::new());
    small.to_rgba8().write_to(&mut png, ImageFormat::Png).ok()?;
    Some(png.into_inner())
}

fn draw_svg(original: &[u8], side: u32) -> Option<Vec<u8>> {
    let mut options = Options::default();
    // a picture inside the picture is not loaded, wherever it is said to be
    options.image_href_resolver.resolve_data = Box::new(|_, _, _| None);
    options.image_href_resolver.resolve_string = Box::new(|_, _| None);
    let tree = Tree::from_data(original, &options).ok()?;
    let drawn = tree.size();
    let scale = f32::from(u16::try_from(side).ok()?) / drawn.width().max(drawn.height());
    let mut canvas = Pixmap::new(side, side)?;
    let left = (f32::from(u16::try_from(side).ok()?) - drawn.width() * scale) / 2.0;
    let top = (f32::from(u16::try_from(side).ok()?) - drawn.height() * scale) / 2.0;
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale).post_translate(left, top),
        &mut canvas.as_mut(),
    );
    canvas.encode_png().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CIRCLE: &[u8] = br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 32"><script>alert(1)</script>
        <image href="file:///etc/hostname" width="9" height="9"/><circle cx="32" cy="16" r="15" fill="#0a5660"/></svg>"##;

    fn size_of(png: &[u8]) -> (u32, u32) {
        let picture = image::load_from_memory(png).unwrap();
        (picture.width(), picture.height())
    }

    #[test]
    fn an_svg_is_drawn_and_a_png_fits() {
        let drawn = fit(CIRCLE, 176).unwrap();
        assert_eq!(size_of(&drawn), (176, 176));
        assert_eq!(size_of(&fit(&drawn, 88).unwrap()), (88, 88));
        assert_eq!(size_of(&fit(&drawn, 500).unwrap()), (176, 176));
    }

    #[test]
    fn what_is_no_picture_is_left_out() {
        for wrong in [
            &b""[..],
            b"GIF89a",
            b"\x89PNG\r\n\x1a\n",
            b"<svg",
            b"<svg xmlns='http://www.w3.org/2000/svg' width='0'/>",
        ] {
            assert_eq!(fit(wrong, 88), None);
        }
    }

    #[test]
    fn the_same_picture_has_the_same_name() {
        assert_eq!(name_of(CIRCLE), name_of(CIRCLE));
        assert_eq!(name_of(CIRCLE).len(), 32);
    }
}
