//! Tables for spreadsheets: UTF-8 with a mark, a header in the page's language, moments as ISO 8601 with offset, nothing
//! that a spreadsheet takes for a formula; sent in pieces, so that memory does not grow with the table.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::Stream;

use crate::web::error::WebError;

/// Rows read at a time.
pub(in crate::web) const STEP: u32 = 500;

/// A download named `name`.
pub(in crate::web) fn answer(name: &str, rows: impl Stream<Item = Result<Bytes, WebError>> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(rows)
}

/// One row. A cell that begins with `=`, `+`, `-` or `@` (also after blanks), a tab or a line break gets an apostrophe,
/// so that no spreadsheet runs it.
pub(in crate::web) fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// The mark that tells spreadsheets that the text is UTF-8.
pub(in crate::web) const MARK: &str = "\u{feff}";

fn quoted(cell: &str) -> String {
    let runs = cell.trim_start().starts_with(['=', '+', '-', '@']) || cell.starts_with(['\t', '\r', '\n']);
    let guard = if runs { "'" } else { "" };
    let text = format!("{guard}{cell}");
    if text.contains([',', ';', '"', '\n', '\r', '\'']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::row;

    #[test]
    fn formulas_are_guarded_and_quotes_doubled() {
        assert_eq!(
            row(&["=1+1", "a,b", "say \"x\"", ""]),
            "\"'=1+1\",\"a,b\",\"say \"\"x\"\"\",\r\n"
        );
        assert_eq!(row(&[" @x", "-1", "+1"]), "\"' @x\",\"'-1\",\"'+1\"\r\n");
    }
}
