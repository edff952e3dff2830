"""An LMS on loopback around lti1p3platform, which nobody of this project wrote.

The package makes and signs messages, verifies what the tool sends, gives out tokens and guards the services; here is
only what it leaves to its user: people, one course, storage in memory, and HTTP.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from jwcrypto.jwk import JWK
from lti1p3platform.exceptions import LineItemNotFoundException
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.membership import Context
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request
from lti1p3platform.response import generate_next_link
from lti1p3platform.score import UpdateScoreStatus
from lti1p3platform.service_connector import AssignmentsGradesService, NamesRoleProvisioningService

ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
COURSE = Context(id="course-7", label="BOT-7", title="Botany in the Field")
CLIENT, DEPLOYMENT = "tool-1", "dep-1"
PEOPLE_PER_PAGE = 2


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    role: str

    @property
    def email(self) -> str:
        return f"{self.id}@botany.example"


TEACHER = Person("linnea", "Linnea Lind", "Instructor")
LEARNER = Person("carl", "Carl Clover", "Learner")
PEOPLE = {person.id: person for person in (
    TEACHER, LEARNER, Person("maria", "Maria Merian", "Learner"), Person("rosa", "Rosa Rampion", "Learner"),
    Person("flora", "Flora Fern", "Learner"),
)}


def new_key() -> tuple[str, str]:
    """A private and a public key in PEM."""
    key = JWK.generate(kty="RSA", size=2048)
    return key.export_to_pem(private_key=True, password=None).decode(), key.export_to_pem().decode()


class Conf(LTI1P3PlatformConfAbstract):
    """The package's configuration: one registration, given whole."""

    def init_platform_config(self, registration: Registration) -> None:
        self._registration = registration

    def get_registration_by_params(self, **_: object) -> Registration:
        return self._registration


class HttpRequest(Request):
    """The package's view of a request."""

    def build_metadata(self, request: dict) -> dict:
        return request


class Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, hint: str) -> None:
        self._lti_message_hint = hint

    def get_redirect(self, url: str) -> str:
        return url


class Launch(LTIAdvantageMessageLaunchAbstract):
    """The answer to the tool's authentication request: the person and what they opened stand in the hints."""

    lms: "Lms"

    def prepare_launch(self, preflight_response: dict) -> None:
        person = PEOPLE[preflight_response["login_hint"]]
        opened = preflight_response["lti_message_hint"]
        self.set_user_data(person.id, [ROLE + person.role], person.name, person.email)
        self.set_launch_context_claim(COURSE.id, ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
                                      COURSE.title, COURSE.label)
        self.set_launch_presentation_claim("window", self.lms.url + "/course")
        self.set_nrps(self.lms.memberships_url)
        if opened == "pick":
            self.set_dl(self.lms.url + "/placed", extra_data={"place": "unit 3", "key": "zwölf & mehr"})
            self.set_ags(self.lms.columns_url)
        else:
            item = self.lms.items.get(opened, {})
            column = next((id for id, column in self.lms.columns.items() if column.get("resourceLinkId") == opened), None)
            self.set_ags(self.lms.columns_url, column)
            self.set_resource_link_claim(opened, title=item.get("title", "Badges"))
            if "custom" in item:
                self.set_custom_parameters_claim(item["custom"])
            if "url" in item:
                self.set_launch_url(item["url"])

    def get_launch_message(self, include_extra_claims: bool = True) -> dict:
        message = super().get_launch_message(include_extra_claims)
        self.lms.bend(message)
        return message

    def get_launch_data(self) -> tuple[dict, str]:
        message, state = super().get_launch_data()
        if self.lms.other_nonce:
            message["nonce"] = "n-" + message["nonce"]
        return message, state

    def render_launch_form(self, launch_data: dict, **_: object) -> dict:
        return launch_data


class People(NamesRoleProvisioningService):
    def get_context_by_id(self) -> Context:
        return COURSE

    def is_resource_link_valid(self, context_id: str, resource_link_id: str) -> bool:
        return True

    def get_member_data_page(self, page: int = 1, **_: object) -> dict:
        chosen = list(PEOPLE.values())[(page - 1) * PEOPLE_PER_PAGE : page * PEOPLE_PER_PAGE]
        return {
            "content": [{"user_id": one.id, "roles": [ROLE + one.role], "name": one.name, "email": one.email} for one in chosen],
            "has_next": page * PEOPLE_PER_PAGE < len(PEOPLE),
        }


class Columns(AssignmentsGradesService):
    """Line items and scores, kept by the LMS under their addresses."""

    lms: "Lms"

    def find_lineitems(self, **wanted: object) -> dict:
        names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        found = [
            column for column in self.lms.columns.values()
            if all(column.get(names[name]) == value for name, value in wanted.items() if name in names)
        ]
        return {"content": found, "has_next": False}

    def find_lineitem(self, line_item_id: str) -> dict:
        return self.lms.column(line_item_id)

    def create_lineitem(self, creation_data: dict) -> dict:
        return self.lms.add_column(creation_data)

    def update_lineitem(self, update_data: dict) -> dict:
        self.lms.column(update_data["id"]).update(update_data)
        return self.lms.column(update_data["id"])

    def delete_lineitem(self, line_item_id: str) -> None:
        self.lms.column(line_item_id)
        del self.lms.columns[line_item_id]

    def update_score(self, line_item_id: str, score: dict) -> UpdateScoreStatus:
        self.lms.column(line_item_id)
        self.lms.scores.append((line_item_id, score))
        return UpdateScoreStatus.SUCCESS

    def get_results(self, line_item_id: str, **_: object) -> dict:
        given = [score for column, score in self.lms.scores if column == line_item_id]
        return {"content": [{"userId": one["userId"], "resultScore": one["scoreGiven"]} for one in given], "has_next": False}


@dataclass
class Lms:
    """The LMS: its state, and its server on a free port. `connect` tells it the tool."""

    items: dict[str, dict] = field(default_factory=dict)
    columns: dict[str, dict] = field(default_factory=dict)
    scores: list[tuple[str, dict]] = field(default_factory=list)
    placed: list[dict] = field(default_factory=list)
    answers: list[dict] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    other_nonce: bool = False
    changes: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.private, self.public = new_key()
        lms = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                lms.serve(self, b"")

            def do_POST(self) -> None:
                lms.serve(self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            do_PUT = do_DELETE = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.memberships_url = f"{self.url}/courses/{COURSE.id}/people"
        self.columns_url = f"{self.url}/courses/{COURSE.id}/columns"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def connect(self, tool: str) -> None:
        registration = Registration()
        registration.set_iss(self.url).set_client_id(CLIENT).set_deployment_id(DEPLOYMENT)
        registration.set_launch_url(f"{tool}/lti/launch").set_deeplink_launch_url(f"{tool}/lti/launch")
        registration.set_oidc_login_url(f"{tool}/lti/login").set_tool_key_set_url(f"{tool}/.well-known/jwks.json")
        registration.set_platform_public_key(self.public).set_platform_private_key(self.private)
        self.conf = Conf(registration=registration)

    def begin(self, person: Person, opened: str) -> str:
        """Where the browser goes first: the tool's login, with the package's parameters."""
        login = Login(None, self.conf)
        login.set_lti_message_hint(hint=opened)
        return login.initiate_login(person.id)

    def bend(self, message: dict) -> None:
        message.update(self.changes)

    def column(self, id: str) -> dict:
        if id not in self.columns:
            raise LineItemNotFoundException(id)
        return self.columns[id]

    def add_column(self, said: dict) -> dict:
        id = f"{self.columns_url}/{len(self.columns) + 1}"
        self.columns[id] = {**said, "id": id}
        return self.columns[id]

    def place(self, jwt: str) -> None:
        """Takes the tool's answer to a request to place something, verified by the package."""
        self.placed = self.conf.validate_deeplinking_resp({"JWT": jwt})
        self.answers.append(self.conf.tool_validate_and_decode(jwt))
        for item in self.placed:
            id = f"link-{len(self.items) + 1}"
            self.items[id] = item
            if "lineItem" in item:
                self.add_column({"label": item.get("title"), **item["lineItem"], "resourceLinkId": id})

    def serve(self, http: BaseHTTPRequestHandler, body: bytes) -> None:
        """One request; a failure of ours or of the package is a 500 with its text, which the tests show."""
        try:
            status, kind, answer, headers = self.answer(http, body)
        except Exception as error:
            status, kind, answer, headers = 500, "text/plain", f"{type(error).__name__}: {error}", {}
        data = answer.encode() if isinstance(answer, str) else b"" if answer is None else json.dumps(answer).encode()
        http.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            http.send_header(name, value)
        http.end_headers()
        http.wfile.write(data)

    def answer(self, http: BaseHTTPRequestHandler, body: bytes) -> tuple[int, str, object, dict]:
        address = urlsplit(http.path)
        self.asked.append(f"{http.command} {address.path}")
        is_json = "json" in http.headers.get("Content-Type", "")
        request = HttpRequest({
            "method": http.command,
            "headers": http.headers,
            "path": address.path,
            "content_type": http.headers.get("Content-Type"),
            "get_data": {k: int(v) if v.isdigit() else v for k, v in parse_qsl(address.query)},
            "form_data": {} if is_json else dict(parse_qsl(body.decode())),
            "json": json.loads(body) if is_json and body else None,
        })
        if address.path == "/jwks":
            return 200, "application/json", self.conf.get_jwks(), {}
        if address.path == "/token":
            return 200, "application/json", self.conf.get_access_token(request.form_data), {}
        if address.path == "/auth":
            launch = Launch(request, self.conf)
            launch.lms = self
            return 200, "text/html", form_of(launch.lti_launch()), {}
        if address.path == "/placed":
            self.place(request.form_data["JWT"])
            return 200, "text/html", "<h1>Placed</h1>", {}
        return self.service(request)

    def service(self, request: HttpRequest) -> tuple[int, str, object, dict]:
        here = self.url + request.path
        if here == self.memberships_url:
            people = People(request, self.conf, self.memberships_url)
            said = people.handle_resp(people.handle_get_members)
        elif here.startswith(self.columns_url):
            columns = Columns(request, self.conf, self.columns_url)
            columns.lms = self
            call = {
                (True, "GET"): columns.handle_get_lineitems,
                (True, "POST"): columns.handle_create_lineitem,
                (False, "GET"): columns.handle_get_lineitem,
                (False, "PUT"): columns.handle_update_lineitem,
                (False, "DELETE"): columns.handle_delete_lineitem,
            }.get((here == self.columns_url, request.method))
            named = {} if here == self.columns_url else {"line_item_id": here}
            if here.endswith("/scores"):
                call, named = columns.handle_update_score, {"line_item_id": here.removesuffix("/scores")}
            elif here.endswith("/results"):
                call, named = columns.handle_get_results, {"line_item_id": here.removesuffix("/results")}
            said = columns.handle_resp(call, **named)
        else:
            return 404, "text/plain", "nothing here", {}
        result = said.result
        following = result.pop("next", None) if isinstance(result, dict) else None
        if isinstance(result, dict) and "has_next" in result:
            result = result["content"]
        return said.code, said.media_type, result, {"Link": generate_next_link(following)} if following else {}


def form_of(launch: dict) -> str:
    """The form that the package's own template shows."""
    fields = "".join(f'<input type="hidden" name="{name}" value="{launch[name]}">' for name in ("id_token", "state"))
    return f'<form method="POST" action="{launch["launch_url"]}">{fields}</form>'
