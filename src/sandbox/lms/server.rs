//! The LMS over HTTP: its pages, the LTI endpoints and the roster.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName};
use actix_web::web::{Bytes, Data, Path, ServiceConfig, get, post, resource};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use serde_json::json;

use super::ags::AgsMode;
use super::campus::{Person, Role};
use super::claims::NRPS_SCOPE;
use super::deep_link::Picking;
use super::launch::{Dialect, LaunchSpec, Target};
use super::notices;
use super::nrps::{self, Wanted};
use super::oidc::{self, Refused};
use super::pages;
use super::push::Channel;
use super::registering::{self, Habit, RegistrationMode};
use super::state::{JwksMode, LoginMethod, NrpsMode, Shared, Tally};
use super::storage::StorageMode;
use super::{ags, api, deep_link, dialects, key, study, token};
use crate::crypto::random;

/// The session cookie. As Moodle's on http it says nothing of `SameSite`; where values are kept for the tool it must be
/// `None`, since the tool's page leads the frame back by script and not by a redirect.
pub(super) const COOKIE: &str = "demo_lms";

type State = Data<Shared>;

/// Serves on the listener, on threads of its own, until the handle is told to stop.
pub(super) fn spawn(listener: TcpListener, shared: Arc<Shared>) -> std::io::Result<ServerHandle> {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::Builder::new().name("demo-lms".to_owned()).spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let data = Data::from(shared);
            let app = move || App::new().app_data(data.clone()).configure(routes);
            let bound = HttpServer::new(app)
                .workers(2)
                .disable_signals()
                .shutdown_timeout(0)
                .listen(listener);
            match bound.map(HttpServer::run) {
                Ok(server) => {
                    let is_heard = tell.send(Ok(server.handle())).is_ok();
                    if is_heard && let Err(error) = server.await {
                        tracing::error!(%error, "the demo LMS stopped");
                    }
                }
                Err(error) => drop(tell.send(Err(error))),
            }
        });
    })?;
    told.recv().map_err(std::io::Error::other)?
}

fn routes(config: &mut ServiceConfig) {
    config
        .configure(api::routes)
        .configure(notices::routes)
        .route("/", get().to(sign_in_page))
        .route("/sign-in", post().to(sign_in))
        .route("/sign-out", post().to(sign_out))
        .route("/courses", get().to(courses))
        .route("/course/{course}", get().to(course))
        .route("/course/{course}/progress", get().to(study::page))
        .route("/course/{course}/progress", post().to(study::act))
        .route("/pushed", get().to(study::pushed))
        .route("/pushed/{number}/again", post().to(study::again))
        .route("/course/{course}/open/{target}", get().to(open))
        .route("/course/{course}/item/{item}/open/{target}", get().to(open_item))
        .route("/course/{course}/add/{picking}", get().to(add))
        .route("/course/{course}/add/{picking}/open", get().to(open_picker))
        .route("/lti/deep-link/{course}", post().to(take_items))
        .service(resource("/lti/courses/{course}/lineitems").to(grades))
        .service(resource("/learn/api/v1/lti/courses/{course}/lineItems").to(grades))
        .service(resource("/learn/api/v1/lti/courses/{course}/lineItems/{column}").to(grades))
        .service(resource("/learn/api/v1/lti/courses/{course}/lineItems/{column}/{part}").to(grades))
        .service(resource("/api/lti_consumer/v1/lti/{course}/lti-ags").to(grades))
        .service(resource("/api/lti_consumer/v1/lti/{course}/lti-ags/{column}").to(grades))
        .service(resource("/api/lti_consumer/v1/lti/{course}/lti-ags/{column}/{part}").to(grades))
        .service(resource("/lti/courses/{course}/lineitems/{column}/lineitem").to(grades))
        .service(resource("/lti/courses/{course}/lineitems/{column}/lineitem/{part}").to(grades))
        .route("/register", get().to(register_page))
        .route("/register/activate", post().to(activate))
        .route(
            "/register.js",
            get().to(async || asset("text/javascript; charset=utf-8", pages::REGISTER)),
        )
        .route("/mod/lti/openid-configuration.php", get().to(describe))
        .route("/lti/openid-configuration", get().to(describe))
        .route("/lti/registrations", post().to(register))
        .route("/settings", get().to(settings))
        .route("/settings", post().to(change_settings))
        .route(
            "/lms.css",
            get().to(async || asset("text/css; charset=utf-8", pages::STYLE)),
        )
        .route(
            "/submit.js",
            get().to(async || asset("text/javascript; charset=utf-8", pages::SUBMIT)),
        )
        .route(
            "/storage.js",
            get().to(async || asset("text/javascript; charset=utf-8", pages::STORAGE)),
        )
        .route("/storage-frame/{part}", get().to(storage_frame))
        .route("/mod/lti/return.php", get().to(come_back))
        .service(
            resource("/lti/auth")
                .route(get().to(authorize))
                .route(post().to(authorize)),
        )
        .route("/lti/token", post().to(access_token))
        .route("/lti/keys", get().to(keys))
        .route("/lti/courses/{course}/memberships", get().to(memberships))
        .route(
            "/mod/lti/services.php/CourseSection/{course}/bindings/{deployment}/memberships",
            get().to(memberships),
        )
        .default_service(get().to(async || refused(StatusCode::NOT_FOUND, "there is no such page here")));
}

fn asset(kind: &str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type(kind).body(text)
}

pub(super) fn refused(status: StatusCode, reason: &str) -> HttpResponse {
    pages::respond(status, &pages::Problem { reason })
}

pub(super) fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("Location", address)).finish()
}

pub(super) fn person_of(shared: &Shared, request: &HttpRequest) -> Option<Person> {
    let cookie = request.cookie(COOKIE)?;
    let state = shared.lock();
    state.campus.person(state.sessions.get(cookie.value())?).cloned()
}

/// The fields of a form or a query.
pub(super) type Pairs = [(String, String)];

pub(super) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

pub(super) fn value<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs
        .iter()
        .find(|(known, _)| known == name)
        .map_or("", |(_, value)| value.as_str())
}

async fn sign_in_page(shared: State) -> HttpResponse {
    let groups = pages::groups(&shared.lock().campus);
    pages::respond(StatusCode::OK, &pages::SignIn { groups })
}

async fn sign_in(shared: State, body: Bytes) -> HttpResponse {
    let form = pairs(&body);
    let session = random::token();
    let attributes = {
        let mut state = shared.lock();
        let Some(id) = state
            .campus
            .person(value(&form, "person"))
            .map(|person| person.id.clone())
        else {
            drop(state);
            return refused(StatusCode::NOT_FOUND, "nobody here has that name");
        };
        state.sessions.insert(session.clone(), id);
        match state.storage {
            StorageMode::None => "",
            _ => "; Secure; SameSite=None",
        }
    };
    HttpResponse::SeeOther()
        .insert_header((
            "Set-Cookie",
            format!("{COOKIE}={session}; Path=/; HttpOnly{attributes}"),
        ))
        .insert_header(("Location", "/courses"))
        .finish()
}

async fn sign_out(shared: State, request: HttpRequest) -> HttpResponse {
    if let Some(cookie) = request.cookie(COOKIE) {
        shared.lock().sessions.remove(cookie.value());
    }
    HttpResponse::SeeOther()
        .insert_header(("Set-Cookie", format!("{COOKIE}=; Path=/; HttpOnly; Max-Age=0")))
        .insert_header(("Location", "/"))
        .finish()
}

async fn courses(shared: State, request: HttpRequest) -> HttpResponse {
    let Some(person) = person_of(&shared, &request) else {
        return see_other("/");
    };
    let courses = pages::own_courses(&shared.lock().campus, &person);
    pages::respond(
        StatusCode::OK,
        &pages::Courses {
            name: person.name(),
            courses,
        },
    )
}

async fn course(shared: State, request: HttpRequest, course: Path<String>) -> HttpResponse {
    let Some(person) = person_of(&shared, &request) else {
        return see_other("/");
    };
    let own = pages::own_courses(&shared.lock().campus, &person);
    let Some(entry) = own.into_iter().find(|entry| entry.course.id == *course) else {
        return refused(StatusCode::NOT_FOUND, "you have no such course");
    };
    let state = shared.lock();
    let items = state.placed.iter().filter(|item| item.course == *course);
    pages::respond(
        StatusCode::OK,
        &pages::CoursePage {
            name: person.name(),
            teaches: state.campus.role(&course, &person.id) == Some(Role::Teacher),
            learns: state.campus.role(&course, &person.id) == Some(Role::Learner),
            entry,
            items: items.cloned().collect(),
            further: state.desk.active(),
            storage: state.storage,
            elsewhere: shared.base.replace("//localhost:", "//127.0.0.1:"),
        },
    )
}

async fn storage_frame(shared: State, part: Path<String>) -> HttpResponse {
    let storage = shared.lock().storage;
    let page = pages::StorageFrame {
        mode: storage.name(),
        part: if *part == "elsewhere" { "elsewhere" } else { "frame" },
        frame: storage.frame().unwrap_or("_parent"),
    };
    match askama::Template::render(&page) {
        Ok(text) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(text),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

/// The tool's link was opened: sends the browser to the tool's login address.
async fn open(shared: State, request: HttpRequest, path: Path<(String, String)>) -> HttpResponse {
    let Some(person) = person_of(&shared, &request) else {
        return refused(
            StatusCode::NOT_FOUND,
            "you are not signed in any more; sign in and open the course again",
        );
    };
    let (course, target) = path.into_inner();
    let spec = LaunchSpec::new(&person.id, &course, "").opened_in(Target::named(&target));
    let query = pairs(request.query_string().as_bytes());
    match value(&query, "client") {
        "" => begin(&shared, spec),
        client => begin(&shared, spec.client(client)),
    }
}

/// An item that the tool placed was opened.
async fn open_item(shared: State, request: HttpRequest, path: Path<(String, String, String)>) -> HttpResponse {
    let Some(person) = person_of(&shared, &request) else {
        return refused(StatusCode::NOT_FOUND, "you are not signed in any more");
    };
    let (course, item, target) = path.into_inner();
    let spec = LaunchSpec::new(&person.id, &course, "").opened_in(Target::named(&target));
    begin(&shared, spec.item(&item))
}

/// The page on which a teacher places something, with the tool in a frame.
async fn add(shared: State, request: HttpRequest, path: Path<(String, String)>) -> HttpResponse {
    let Some(person) = person_of(&shared, &request) else {
        return see_other("/");
    };
    let (course, picking) = path.into_inner();
    let found = shared.lock().campus.course(&course).cloned();
    let (Some(course), Some(picking)) = (found, Picking::named(&picking)) else {
        return refused(StatusCode::NOT_FOUND, "there is no such place");
    };
    let page = pages::Add {
        name: person.name(),
        course,
        picking: picking.name(),
    };
    pages::respond(StatusCode::OK, &page)
}

async fn open_picker(shared: State, request: HttpRequest, path: Path<(String, String)>) -> HttpResponse {
    let Some(person) = person_of(&shared, &request) else {
        return refused(StatusCode::NOT_FOUND, "you are not signed in any more");
    };
    let (course, picking) = path.into_inner();
    let spec = LaunchSpec::new(&person.id, &course, "");
    begin(&shared, spec.picking(Picking::named(&picking).unwrap_or_default()))
}

/// The tool's answer to a request to place something.
async fn take_items(shared: State, course: Path<String>, body: Bytes) -> HttpResponse {
    // the session's cookie does not come along with a form of another site; the signature says enough
    match deep_link::answer(&shared, &course, value(&pairs(&body), "JWT")).await {
        Ok(count) => {
            let course = course.into_inner();
            pages::respond(StatusCode::OK, &pages::Added { course, count })
        }
        Err(reason) => refused(StatusCode::BAD_REQUEST, &reason),
    }
}

/// Columns, scores and results.
async fn grades(shared: State, request: HttpRequest, body: Bytes) -> HttpResponse {
    let (course, part) = (request.match_info().query("course"), request.match_info().query("part"));
    let mode = shared.lock().ags_mode;
    if let AgsMode::Status(status) = mode {
        return misbehave(status);
    }
    let method = request.method().as_str();
    let opens = ags::scopes(method, part);
    let token = header(&request, AUTHORIZATION);
    if !opens.iter().any(|scope| token::bearer(&shared, token, scope).is_some()) {
        return bad_token(&shared);
    }
    let call = ags::Call {
        method,
        course,
        column: request.match_info().query("column").parse().ok(),
        part,
        query: request.query_string(),
        accept: header(&request, ACCEPT),
        content_type: header(&request, CONTENT_TYPE),
        body: &body,
    };
    let answer = ags::answer(&shared, &call);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut said = HttpResponse::build(status);
    said.content_type(answer.kind);
    if let Some(link) = answer.link {
        said.insert_header(("Link", link));
    }
    said.body(answer.body)
}

/// Sends the browser to the tool's login address.
fn begin(shared: &Shared, spec: LaunchSpec) -> HttpResponse {
    let method = shared.lock().login_method;
    match (oidc::begin(shared, spec), method) {
        (Err(Refused { reason }), _) => refused(StatusCode::NOT_FOUND, &reason),
        (Ok(login), LoginMethod::Get) => HttpResponse::Found()
            .insert_header(("Location", login.as_get()))
            .finish(),
        (Ok(login), LoginMethod::Post) => {
            let page = pages::AutoPost {
                title: "Opening Badges",
                action: login.url,
                fields: login.parameters,
            };
            pages::respond(StatusCode::OK, &page)
        }
    }
}

async fn authorize(shared: State, request: HttpRequest, body: Bytes) -> HttpResponse {
    let mut parameters = pairs(request.query_string().as_bytes());
    parameters.extend(pairs(&body));
    let person = person_of(&shared, &request);
    if person.is_none() {
        return refused(
            StatusCode::NOT_FOUND,
            "nobody is signed in; sign in and open the link in the course again",
        );
    }
    match oidc::answer(&shared, &parameters, person.as_ref().map(|person| person.id.as_str())) {
        Ok(answer) => {
            let page = pages::AutoPost {
                title: "Back to the tool",
                action: answer.url,
                fields: answer.fields,
            };
            pages::respond(StatusCode::OK, &page)
        }
        // Moodle's error pages come with this status.
        Err(Refused { reason }) => refused(StatusCode::NOT_FOUND, &reason),
    }
}

async fn come_back(request: HttpRequest) -> HttpResponse {
    let query = pairs(request.query_string().as_bytes());
    pages::respond(
        StatusCode::OK,
        &pages::Return {
            course: value(&query, "course").to_owned(),
        },
    )
}

async fn settings(shared: State, request: HttpRequest) -> HttpResponse {
    let is_saved = request.query_string() == "saved";
    pages::respond(StatusCode::OK, &pages::Settings::of(&shared, is_saved))
}

async fn change_settings(shared: State, body: Bytes) -> HttpResponse {
    let form = pairs(&body);
    let method = match value(&form, "login") {
        "get" => Some(LoginMethod::Get),
        "post" => Some(LoginMethod::Post),
        _ => None,
    };
    let storage = match value(&form, "storage") {
        "" => Some(StorageMode::None),
        named => StorageMode::named(named),
    };
    let channel = match value(&form, "channel") {
        "" => Some(Channel::default()),
        named => Channel::named(named),
    };
    let dialect = Dialect::named(value(&form, "dialect"));
    let (Some(dialect), Some(method), Some(storage), Some(channel)) = (dialect, method, storage, channel) else {
        return refused(
            StatusCode::BAD_REQUEST,
            "that is no choice of the form; nothing was changed",
        );
    };
    {
        let mut state = shared.lock();
        state.dialect = dialect;
        state.login_method = method;
        state.storage = storage;
        state.post.channel = channel;
    }
    see_other("/settings?saved")
}

async fn register_page(shared: State, request: HttpRequest) -> HttpResponse {
    let query = pairs(request.query_string().as_bytes());
    let (tool, habit) = (
        value(&query, "url"),
        Habit::named(value(&query, "habit")).unwrap_or_default(),
    );
    let address = match tool {
        "" => String::new(),
        tool => registering::begin(&shared, tool, habit),
    };
    let page = pages::Register {
        address,
        is_window: habit == Habit::Brightspace,
        tools: shared.lock().desk.tools.clone(),
    };
    pages::respond(StatusCode::OK, &page)
}

async fn activate(shared: State, body: Bytes) -> HttpResponse {
    registering::activate(&shared, value(&pairs(&body), "client_id"));
    see_other("/register")
}

async fn describe(shared: State, request: HttpRequest) -> HttpResponse {
    registration_answer(registering::configuration(&shared, header(&request, AUTHORIZATION)))
}

async fn register(shared: State, request: HttpRequest, body: Bytes) -> HttpResponse {
    if shared.lock().desk.mode == RegistrationMode::Hang {
        return std::future::pending().await;
    }
    let (token, kind) = (header(&request, AUTHORIZATION), header(&request, CONTENT_TYPE));
    registration_answer(registering::register(&shared, token, kind, &body))
}

fn registration_answer(answer: Result<serde_json::Value, registering::Refusal>) -> HttpResponse {
    match answer {
        Ok(said) => HttpResponse::Ok().json(said),
        Err((status, error)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            HttpResponse::build(status).json(json!({"error": error}))
        }
    }
}

async fn keys(shared: State) -> HttpResponse {
    Tally::count(&shared.tally.jwks_fetches);
    let (mode, own) = {
        let state = shared.lock();
        (state.jwks_mode.clone(), state.key.clone())
    };
    match mode {
        JwksMode::Normal => HttpResponse::Ok().json(json!({"keys": [own.jwk()]})),
        JwksMode::WithJunkKeys => {
            let mut all = key::junk(&own);
            all.insert(all.len() / 2, own.jwk());
            HttpResponse::Ok().json(json!({"keys": all}))
        }
        JwksMode::Raw(text) => HttpResponse::Ok().content_type("application/json").body(text),
        JwksMode::Html => HttpResponse::Ok()
            .content_type("text/html")
            .body("<!doctype html><title>Welcome</title>"),
        JwksMode::Redirect(to) => HttpResponse::Found().insert_header(("Location", to)).finish(),
        JwksMode::Status(status) => misbehave(status),
        JwksMode::Hang => std::future::pending().await,
    }
}

fn misbehave(status: u16) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status)
        .content_type("text/plain")
        .body("as the test asked")
}

async fn access_token(shared: State, request: HttpRequest, body: Bytes) -> HttpResponse {
    Tally::count(&shared.tally.token_requests);
    let content_type = header(&request, CONTENT_TYPE).unwrap_or_default();
    let granted = token::grant(&shared, content_type, &pairs(&body)).await;
    let (status, answer) = match granted {
        Ok(answer) => (StatusCode::OK, answer),
        Err(token::TokenError(error)) => (StatusCode::BAD_REQUEST, json!({"error": error})),
    };
    // Moodle says that its JSON is a web page.
    let kind = match shared.lock().dialect {
        Dialect::Moodle => "text/html; charset=utf-8",
        _ => "application/json",
    };
    HttpResponse::build(status)
        .content_type(kind)
        .insert_header(("Cache-Control", "no-store"))
        .body(answer.to_string())
}

async fn memberships(shared: State, request: HttpRequest) -> HttpResponse {
    Tally::count(&shared.tally.nrps_pages);
    let (mode, page) = {
        let mut state = shared.lock();
        state.pages_in_mode += 1;
        (state.nrps_mode.clone(), state.pages_in_mode)
    };
    match mode {
        NrpsMode::Hang => std::future::pending().await,
        NrpsMode::Status(status) => return misbehave(status),
        NrpsMode::FailAfterPage(pages) if page > pages => return misbehave(500),
        _ => {}
    }
    let Some(client) = token::bearer(&shared, header(&request, AUTHORIZATION), NRPS_SCOPE) else {
        return bad_token(&shared);
    };
    if !accepts(header(&request, ACCEPT)) {
        return misbehave(400);
    }
    let course = request.match_info().get("course").unwrap_or_default();
    let mut state = shared.lock();
    if let Some(deployment) = request.match_info().get("deployment") {
        let known = state.registration(Some(&client));
        if !known.is_some_and(|known| known.deployment_ids.iter().any(|id| id == deployment)) {
            return HttpResponse::Unauthorized().json(json!({"error": "not_yours"}));
        }
    }
    let limit = dialects::roster_limit(state.dialect);
    if limit.is_some_and(|limit| state.campus.size(course) > limit) {
        return HttpResponse::Forbidden().json(json!({"detail": "above_response_limit"}));
    }
    let address = format!("{}{}", shared.base, request.path());
    let wanted = Wanted::from_query(request.query_string());
    let page = match wanted.since {
        Some(since) => nrps::changes(&state, &address, course, since).map(|body| nrps::Page { body, link: None }),
        None => nrps::page(&state, &address, course, &wanted),
    };
    let Some(page) = page else {
        drop(state);
        return HttpResponse::NotFound().json(json!({"error": "no such course or link"}));
    };
    let mut answer = HttpResponse::Ok();
    answer.content_type(nrps::MEDIA_TYPE);
    match page.link {
        Some(link) => drop(answer.insert_header(("Link", link))),
        // the last page
        None => {
            if let Some(link) = nrps::differences_link(&mut state, &address, course) {
                answer.insert_header(("Link", link));
            }
        }
    }
    answer.body(page.body.to_string())
}

/// Open edX says of a bad token what others say of a forbidden thing.
fn bad_token(shared: &Shared) -> HttpResponse {
    if shared.lock().dialect == Dialect::OpenEdx {
        return HttpResponse::Forbidden().json(json!({"detail": "You do not have permission to perform this action."}));
    }
    let challenge = ("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    HttpResponse::Unauthorized()
        .insert_header(challenge)
        .json(json!({"error": "invalid_token"}))
}

/// No `Accept`, everything, or the one right type; anything else is answered 400, as Moodle does.
fn accepts(accept: Option<&str>) -> bool {
    accept.is_none_or(|accept| {
        let mut kinds = accept
            .split(',')
            .map(|kind| kind.split(';').next().unwrap_or_default().trim());
        kinds.any(|kind| kind == "*/*" || kind == nrps::MEDIA_TYPE)
    })
}

fn header(request: &HttpRequest, name: HeaderName) -> Option<&str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}
