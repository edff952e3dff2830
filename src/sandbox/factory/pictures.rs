//! The sample badges' pictures: small drawings made here, as SVG or rendered to PNG.

use std::io::Cursor;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, GrayImage, ImageFormat, RgbaImage};
use resvg::{tiny_skia, usvg};

use super::chance::Dice;

/// Pixels on a side of a rendered picture.
const SIDE: u32 = 256;
/// Pixels on a side of a noise picture: about 200 KB of grey noise.
const NOISE_SIDE: u32 = 448;

/// A drawing of a badge: a frame in two colours with a sign in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawing {
    pub(super) frame: Frame,
    pub(super) outer: &'static str,
    pub(super) inner: &'static str,
    /// SVG of the sign, white, within a square from 70 to 186.
    pub(super) sign: &'static str,
}

/// The outline of a badge.
#[derive(Clone, Copy, Debug)]
pub(super) enum Frame {
    Round,
    Shield,
    Hexagon,
}

impl Drawing {
    /// As SVG text.
    pub(super) fn svg(&self) -> String {
        let outline = match self.frame {
            Frame::Round => "<circle cx='128' cy='128' r='118'/>",
            Frame::Shield => "<path d='M128 8 236 44v88c0 62-46 96-108 116C66 228 20 194 20 132V44Z'/>",
            Frame::Hexagon => "<path d='M128 6 234 67v122l-106 61L22 189V67Z'/>",
        };
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='{SIDE}' height='{SIDE}' viewBox='0 0 256 256'>\
             <g fill='{}'>{outline}</g>\
             <g fill='{}' transform='translate(128 128) scale(.86) translate(-128 -128)'>{outline}</g>\
             <g fill='none' stroke='#fff' stroke-width='11' stroke-linecap='round' stroke-linejoin='round'>{}</g></svg>",
            self.outer, self.inner, self.sign
        )
    }

    /// As an SVG data URL.
    pub(super) fn svg_url(&self) -> String {
        format!("data:image/svg+xml;base64,{}", STANDARD.encode(self.svg()))
    }

    /// Rendered, as a PNG data URL; the blank picture if it cannot be rendered.
    pub(super) fn png_url(&self) -> String {
        self.png().map_or_else(blank, |png| png_url(&png))
    }

    fn png(&self) -> Option<Vec<u8>> {
        let tree = usvg::Tree::from_str(&self.svg(), &usvg::Options::default()).ok()?;
        let mut canvas = tiny_skia::Pixmap::new(SIDE, SIDE)?;
        resvg::render(&tree, tiny_skia::Transform::identity(), &mut canvas.as_mut());
        let pixels = canvas.pixels().iter().flat_map(|pixel| {
            let colour = pixel.demultiply();
            [colour.red(), colour.green(), colour.blue(), colour.alpha()]
        });
        encoded(&RgbaImage::from_raw(SIDE, SIDE, pixels.collect())?.into())
    }
}

/// A picture of one transparent pixel.
pub(super) fn blank() -> String {
    let pixel = RgbaImage::from_raw(1, 1, vec![0; 4]);
    png_url(&pixel.and_then(|pixel| encoded(&pixel.into())).unwrap_or_default())
}

/// A picture of about 200 KB; another one for each number.
pub(super) fn noise(number: u64) -> String {
    static NOISE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let mut dice = Dice::new(7);
        let pixels = (0..NOISE_SIDE * NOISE_SIDE)
            .map(|_| u8::try_from(dice.below(256)).unwrap_or(0))
            .collect();
        let picture = GrayImage::from_raw(NOISE_SIDE, NOISE_SIDE, pixels);
        picture.and_then(|picture| encoded(&picture.into())).unwrap_or_default()
    });
    // readers ignore what follows the end of a PNG
    png_url(&[NOISE.as_slice(), &number.to_be_bytes()].concat())
}

fn encoded(picture: &DynamicImage) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).ok()?;
    Some(bytes.into_inner())
}

fn png_url(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(png))
}
