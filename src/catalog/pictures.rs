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

/// The least width and height of a picture that is sent to the Factory, in pixels.
const LEAST: u32 = 400;
/// The greatest; larger ones are made smaller.
const MOST: u32 = 1_200;

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureProblem {
    /// It is no PNG that can be read.
    NotAPicture,
    /// It has fewer than 400 pixels across.
    TooSmall,
    /// It has more pixels than are unpacked.
    TooLarge,
    /// It is not a square.
    NotSquare,
}

/// A picture that somebody chose for a badge, ready to be sent: a square PNG of 400 to 1,200 pixels, made anew from its
/// pixels, so that nothing else in the file travels along. Its size is checked before it is unpacked. Takes some time:
/// not for the event loop.
pub fn prepare(original: &[u8]) -> Result<Vec<u8>, PictureProblem> {
    if !original.starts_with(b"\x89PNG") {
        return Err(PictureProblem::NotAPicture);
    }
    let reader = ImageReader::with_format(std::io::Cursor::new(original), ImageFormat::Png);
    let (width, height) = reader.into_dimensions().map_err(|_| PictureProblem::NotAPicture)?;
    if width.max(height) > WIDEST {
        return Err(PictureProblem::TooLarge);
    }
    if width.min(height) < LEAST {
        return Err(PictureProblem::TooSmall);
    }
    if width != height {
        return Err(PictureProblem::NotSquare);
    }
    fit_png(original, MOST).ok_or(PictureProblem::NotAPicture)
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

    fn square(width: u32, height: u32) -> Vec<u8> {
        let mut png = std::io::Cursor::new(Vec::new());
        image::RgbaImage::new(width, height)
            .write_to(&mut png, ImageFormat::Png)
            .unwrap();
        png.into_inner()
    }

    #[test]
    fn a_picture_for_a_badge_is_a_square_png_made_anew() {
        assert_eq!(size_of(&prepare(&square(400, 400)).unwrap()), (400, 400));
        assert_eq!(size_of(&prepare(&square(1_500, 1_500)).unwrap()), (1_200, 1_200));
        let mut carrier = square(400, 400);
        carrier.extend_from_slice(b"<script>alert(1)</script>");
        let sent = prepare(&carrier).unwrap();
        assert!(!sent.windows(7).any(|piece| piece == b"<script"));
    }

    #[test]
    fn other_files_bombs_and_odd_shapes_are_told_apart() {
        let mut bomb = square(400, 400);
        // the width and height of the header say 60,000 by 60,000, with the right checksum or not
        bomb.splice(16..24, [0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        for (wrong, problem) in [
            (CIRCLE.to_vec(), PictureProblem::NotAPicture),
            (b"GIF89a".to_vec(), PictureProblem::NotAPicture),
            (b"\x89PNG\r\n\x1a\n".to_vec(), PictureProblem::NotAPicture),
            (square(400, 400).split_at(60).0.to_vec(), PictureProblem::NotAPicture),
            (square(399, 500), PictureProblem::TooSmall),
            (square(400, 500), PictureProblem::NotSquare),
            (square(4_097, 400), PictureProblem::TooLarge),
        ] {
            assert_eq!(prepare(&wrong), Err(problem));
        }
        assert!(prepare(&bomb).is_err());
    }

    #[test]
    fn the_same_picture_has_the_same_name() {
        assert_eq!(name_of(CIRCLE), name_of(CIRCLE));
        assert_eq!(name_of(CIRCLE).len(), 32);
    }
}
