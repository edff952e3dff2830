//! Sample data: two organisations, their badges and application forms.

use std::io;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::chance;
use super::pictures::{Drawing, Frame};
use super::world::{Badge, Change, Earnable, Organisation, Picture, World};
use crate::clock::Timestamp;

/// The sample organisation: Marlowe Polytechnic.
pub const CLIENT: &str = "C8MarloweDemo";
/// Another organisation, to see that nothing leaks: Fernhill College.
pub const OTHER_CLIENT: &str = "C2FernhillDemo";
/// A published badge that is valid for twelve months.
pub const BADGE_SAFETY: &str = "B4LabSafety1";
/// A published badge that never ends.
pub const BADGE_WELCOME: &str = "B4Welcome001";
/// A published badge without a stored message.
pub const BADGE_NO_MESSAGE: &str = "B4FieldWork1";
/// A draft.
pub const BADGE_DRAFT: &str = "B4DraftDemo1";
/// A badge of the other organisation, shared with the sample organisation.
pub const BADGE_SHARED: &str = "B2Peer000001";
/// A badge of the other organisation alone.
pub const OTHER_BADGE: &str = "B2Fernhill01";
/// An earnable badge that a person decides.
pub const EARNABLE_REVIEW: &str = "A7LabSafety1";
/// An earnable badge with a claim code.
pub const EARNABLE_SECRET: &str = "A7Welcome001";
/// An application form whose badge is issued at once.
pub const EARNABLE_INSTANT: &str = "A7DataBasic1";
/// An application form that other applicants decide about.
pub const EARNABLE_PEER: &str = "A7Speaking01";
/// The claim code.
pub const EARNABLE_SECRET_CODE: &str = "open-sesame";

// The signs, drawn with white lines.
const FLASK: &str = "<path d='M112 74h32M118 74v36l-34 62a10 10 0 0 0 9 15h70a10 10 0 0 0 9-15l-34-62V74M100 150h56'/>";
const DOOR: &str = "<path d='M94 186V80l60-12v118M80 186h96M138 130v4'/>";
const CHART: &str = "<path d='M82 76v104h100M104 156v-28M130 156v-56M156 156V88'/>";
const SPEECH: &str = "<path d='M76 84h104v66h-56l-26 26v-26H76ZM98 106h60M98 128h40'/>";
const LEAF: &str = "<path d='M80 178c0-70 30-100 98-104 2 70-22 106-78 96M80 178l54-56'/>";
const CAP: &str = "<path d='m70 112 58-26 58 26-58 26ZM94 124v34c18 16 50 16 68 0v-34M186 112v40'/>";
const PEN: &str = "<path d='m82 176 8-32 70-70 24 24-70 70ZM144 90l24 24'/>";
const PEOPLE: &str =
    "<path d='M86 150a22 22 0 1 1 0-1M128 170c0-30-60-30-60 8M170 150a22 22 0 1 1 0-1M188 178c0-38-60-38-60 0'/>";

/// A sample badge.
struct Sample {
    id: &'static str,
    client: &'static str,
    name: &'static str,
    description: &'static str,
    category: &'static str,
    tags: &'static [&'static str],
    months: i64,
    draft: bool,
    message: bool,
    drawing: Drawing,
    as_svg: bool,
}

/// Fills an empty world.
pub(super) fn fill(world: &mut World, now: Timestamp, heavy_badges: u32) -> io::Result<()> {
    /// Rendered once a process.
    static PICTURES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let picture = |sample: &Sample| {
            if sample.as_svg {
                sample.drawing.svg_url()
            } else {
                sample.drawing.png_url()
            }
        };
        samples().iter().map(picture).collect()
    });
    for organisation in organisations(now.seconds()) {
        world.record(Change::Organisation(organisation));
    }
    let all = samples();
    for (sample, picture) in all.iter().zip(PICTURES.iter()) {
        world.record(Change::Badge(badge(sample, picture.clone(), now.seconds())));
    }
    for earnable in earnables(now.seconds()) {
        world.record(Change::Earnable(earnable));
    }
    let model = all.first().ok_or_else(|| io::Error::other("no sample badges"))?;
    for number in 0..heavy_badges {
        let mut heavy = badge(model, String::new(), now.seconds());
        heavy.id = format!("B9Heavy{number:05}");
        heavy.name = format!("Measured badge {number}");
        heavy.image = Picture::Noise(u64::from(number));
        world.record(Change::Badge(heavy));
    }
    Ok(())
}

fn organisations(now: i64) -> [Organisation; 2] {
    let organisation = |id: &str, name: &str, email: &str, url: &str| Organisation {
        id: id.to_owned(),
        secret: chance::secret(),
        name: name.to_owned(),
        description: format!("{name} is invented for trying out."),
        email: email.to_owned(),
        url: url.to_owned(),
        image: String::new(),
        issuing_limit: 0,
        ctime: now,
        mtime: now,
    };
    [
        organisation(
            CLIENT,
            "Marlowe Polytechnic",
            "badges@marlowe.example",
            "https://marlowe.example",
        ),
        organisation(
            OTHER_CLIENT,
            "Fernhill College",
            "badges@fernhill.example",
            "https://fernhill.example",
        ),
    ]
}

fn badge(sample: &Sample, picture: String, now: i64) -> Badge {
    let mut more = Map::new();
    let mut set = |key: &str, value: Value| more.insert(key.to_owned(), value);
    set("category", json!([sample.category]));
    set("tags", json!(sample.tags));
    set("expires", json!(sample.months));
    set("language", json!("en"));
    set("metadata", json!({"level": "introductory"}));
    set(
        "criteria_html",
        json!(format!(
            "<p>{}</p><ul><li>Shown in class and recorded.</li></ul>",
            sample.description
        )),
    );
    if sample.message {
        set("email_subject", json!(format!("You earned the badge {}", sample.name)));
        set("email_body", json!(format!("Congratulations! {}", sample.description)));
        set("email_link_text", json!("Get your badge"));
        set("email_footer", json!("Marlowe Polytechnic, Badge Office"));
    }
    let shared = sample.id == BADGE_SHARED;
    Badge {
        id: sample.id.to_owned(),
        client_id: sample.client.to_owned(),
        name: sample.name.to_owned(),
        description: sample.description.to_owned(),
        draft: sample.draft,
        image: Picture::Data(picture),
        more,
        shared_with: if shared { vec![CLIENT.to_owned()] } else { Vec::new() },
        deleted: false,
        ctime: now,
        mtime: now,
    }
}

/// A published badge of the sample organisation with a stored message and a PNG.
fn sample(
    id: &'static str,
    name: &'static str,
    description: &'static str,
    category: &'static str,
    months: i64,
    drawing: Drawing,
) -> Sample {
    Sample {
        id,
        client: CLIENT,
        name,
        description,
        category,
        tags: &["skills"],
        months,
        draft: false,
        message: true,
        drawing,
        as_svg: false,
    }
}

fn draw(frame: Frame, outer: &'static str, inner: &'static str, sign: &'static str) -> Drawing {
    Drawing {
        frame,
        outer,
        inner,
        sign,
    }
}

fn samples() -> Vec<Sample> {
    vec![
        sample(
            BADGE_SAFETY,
            "Lab Safety",
            "Works safely in a wet lab: protective equipment, labels, waste and spills.",
            "Safety",
            12,
            draw(Frame::Shield, "#0b4f6c", "#12769e", FLASK),
        ),
        sample(
            BADGE_WELCOME,
            "Welcome to Marlowe",
            "Finished the orientation week and knows where help is found.",
            "Onboarding",
            0,
            draw(Frame::Round, "#5b2a86", "#7a3fb3", DOOR),
        ),
        sample(
            "B4DataBasic1",
            "Data Literacy",
            "Reads, questions and draws charts, and says what they do not show.",
            "Digital skills",
            24,
            draw(Frame::Hexagon, "#0a5c36", "#12824e", CHART),
        ),
        sample(
            "B4Speaking01",
            "Clear Speaker",
            "Explains a subject to people from another field within five minutes.",
            "Communication",
            0,
            draw(Frame::Round, "#8a3209", "#b3470f", SPEECH),
        ),
        Sample {
            message: false,
            ..sample(
                BADGE_NO_MESSAGE,
                "Field Work",
                "Plans and records a day of observation outdoors.",
                "Safety",
                36,
                draw(Frame::Hexagon, "#3b4a0b", "#5b7212", LEAF),
            )
        },
        Sample {
            as_svg: true,
            ..sample(
                "B4Graduate01",
                "Course Graduate",
                "Completed every part of the course.",
                "Courses",
                0,
                draw(Frame::Shield, "#7a1740", "#a8235a", CAP),
            )
        },
        Sample {
            draft: true,
            ..sample(
                BADGE_DRAFT,
                "Technical Writing (draft)",
                "Not finished: the criteria are still discussed.",
                "Communication",
                0,
                draw(Frame::Round, "#454545", "#666666", PEN),
            )
        },
        Sample {
            client: OTHER_CLIENT,
            ..sample(
                BADGE_SHARED,
                "Peer Mentor",
                "Helped fellow students for a term. Shared between two schools.",
                "Community",
                12,
                draw(Frame::Hexagon, "#1b2f7a", "#2b47ad", PEOPLE),
            )
        },
        Sample {
            client: OTHER_CLIENT,
            ..sample(
                OTHER_BADGE,
                "Fernhill Fellow",
                "Only for Fernhill College.",
                "Community",
                0,
                draw(Frame::Round, "#20504f", "#2f7573", PEN),
            )
        },
    ]
}

fn earnables(now: i64) -> [Earnable; 4] {
    let earnable = |id: &str, badge: &str, name: &str, description: &str, method: &str, form: &str| Earnable {
        id: id.to_owned(),
        client_id: CLIENT.to_owned(),
        badge_id: badge.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        approval_method: method.to_owned(),
        attach_evidence: "optional".to_owned(),
        secret: (method == "secret").then(|| EARNABLE_SECRET_CODE.to_owned()),
        visible: true,
        redirect_url: String::new(),
        form_html: form.to_owned(),
        not_before: None,
        not_after: None,
        ctime: now,
    };
    [
        earnable(
            EARNABLE_REVIEW,
            BADGE_SAFETY,
            "Apply: Lab Safety",
            "Say what you did and upload your certificate.",
            "review",
            "<p><label>What did you do? <textarea name=\"why\" required></textarea></label></p>\
             <p><label>Certificate <input type=\"file\" name=\"certificate\"></label></p>",
        ),
        earnable(
            EARNABLE_SECRET,
            BADGE_WELCOME,
            "Claim: Welcome to Marlowe",
            "Enter the code from the last day of orientation.",
            "secret",
            "<p><label>Your group <input name=\"group\"></label></p>",
        ),
        earnable(
            EARNABLE_INSTANT,
            "B4DataBasic1",
            "Take: Data Literacy",
            "Say which course you finished; the badge comes at once.",
            "instant",
            "<p><label for=\"course\">Course</label> <select id=\"course\" name=\"course\">\
             <option value=\"\">Choose</option><option value=\"s1\">Statistics 1</option>\
             <option>Reading charts</option></select></p>",
        ),
        earnable(
            EARNABLE_PEER,
            "B4Speaking01",
            "Apply: Clear Speaker",
            "Two other speakers look at your talk.",
            "peer",
            "<p><label>Link to your talk <input type=\"url\" name=\"talk\" required></label></p>\
             <fieldset><legend>How long is it?</legend>\
             <label><input type=\"radio\" name=\"length\" value=\"5\"> 5 minutes</label>\
             <label><input type=\"radio\" name=\"length\" value=\"10\"> 10 minutes</label></fieldset>",
        ),
    ]
}
