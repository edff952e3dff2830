"""Badgebridge against an LMS that nobody here wrote (lti1p3platform), over HTTP on loopback.

    python tests/platform/run.py PROGRAM

PROGRAM is the built `badgebridge`; its sandbox brings the simulated Factory. Fails if a test fails, is skipped or none ran.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

from lms import CLIENT, COURSE, DEPLOYMENT, LEARNER, PEOPLE, TEACHER, Lms, new_key
from visitor import Page, Visitor

PATIENCE = 30


def until(what: str, probe):
    """Waits until `probe` gives something true, and gives that."""
    end = time.monotonic() + PATIENCE
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {PATIENCE} s in vain: {what} (last: {value!r})")
        time.sleep(0.05)


class Tool:
    """The sandbox of the program under test, with this LMS registered beside the demo LMS by its own command."""

    def __init__(self, program: str, lms: Lms) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="badgebridge-platform-")
        self.data = Path(self.folder.name, "data")
        self.log = Path(self.folder.name, "log")
        with self.log.open("w") as log:
            command = [program, "sandbox", "--port", "0", "--data-dir", str(self.data)]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        said = until("the sandbox prints its addresses", self._said)
        self.url = said[1].rstrip("/")
        self.factory = re.search(r"mailboxes:\s+(http://\S+)", self.log.read_text())[1].rstrip("/")
        lms.connect(self.url)
        settings = {"BADGEBRIDGE_DATA_DIR": str(self.data), "BADGEBRIDGE_PUBLIC_URL": self.url}
        register = [
            program, "registration", "add", "--organisation", "Marlowe Polytechnic", "--lms", "generic", "--name", "Botany",
            "--issuer", lms.url, "--client-id", CLIENT, "--deployment-id", DEPLOYMENT,
            "--authorization-endpoint", f"{lms.url}/auth", "--token-endpoint", f"{lms.url}/token",
            "--jwks-uri", f"{lms.url}/jwks", "--allow-network", "127.0.0.1=127.0.0.0/8",
        ]
        subprocess.run(register, env={**os.environ, **settings}, check=True, stdout=subprocess.DEVNULL, timeout=60)

    def _said(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the sandbox ended with {self.process.returncode}: {self.log.read_text()}")
        return re.search(r"The tool itself:\s+(http://\S+)", self.log.read_text())

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(25)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()


class Platform(unittest.TestCase):
    lms: Lms
    tool: Tool

    @classmethod
    def setUpClass(cls) -> None:
        cls.lms = Lms()
        cls.tool = Tool(PROGRAM, cls.lms)
        # a server reads a new registration within a second
        until("the registration is known", lambda: Visitor().get(cls.lms.begin(TEACHER, "home")).status == 200)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.tool.stop()
        cls.lms.server.shutdown()

    def tearDown(self) -> None:
        self.lms.changes, self.lms.other_nonce = {}, False

    def answered(self, person, opened: str = "home"):
        """The browser with the LMS's answer in hand, as a form that goes to the tool."""
        visitor = Visitor()
        page = visitor.get(self.lms.begin(person, opened))
        self.assertEqual(page.status, 200, page.body)
        self.assertTrue(page.address.startswith(self.lms.url + "/auth"), page.address)
        return visitor, page.forms[0]

    def launch(self, person, opened: str = "home") -> tuple[Visitor, Page]:
        visitor, form = self.answered(person, opened)
        return visitor, visitor.send(form, origin=self.lms.url)

    def seat(self, page: Page) -> str:
        return re.match(r".*/c/[^/?]+", page.address)[0]

    def assert_refused(self, page: Page, reason: str) -> None:
        self.assertEqual(page.status, 401, page.text)
        self.assertIn(reason, page.body)
        self.assertEqual(page.role, "none")
        self.assertNotIn("/c/", page.address)

    def test_a_teacher_and_a_learner_land_where_their_role_belongs(self) -> None:
        for person, role in ((TEACHER, "staff"), (LEARNER, "learner")):
            _, page = self.launch(person)
            self.assertEqual((page.status, page.role), (200, role), page.text)
            self.assertIn(COURSE.title, page.text)

    def test_a_changed_nonce_is_refused(self) -> None:
        self.lms.other_nonce = True
        _, page = self.launch(TEACHER)
        self.assert_refused(page, "nonce")

    def test_a_signature_by_another_key_under_the_same_name_is_refused(self) -> None:
        registration = self.lms.conf.get_registration()
        name = registration.get_kid()
        registration.set_platform_private_key(new_key()[0])
        registration.get_kid = lambda: name
        try:
            _, page = self.launch(TEACHER)
        finally:
            del registration.get_kid
            registration.set_platform_private_key(self.lms.private)
        self.assert_refused(page, "signature")

    def test_an_answer_for_another_client_or_issuer_is_refused(self) -> None:
        for changes in ({"aud": "tool-2", "azp": "tool-2"}, {"iss": self.lms.url + "/"}):
            self.lms.changes = changes
            _, page = self.launch(TEACHER)
            self.assertEqual(page.status, 401, page.text)

    def test_an_answer_that_is_sent_twice_or_from_another_browser_opens_nothing(self) -> None:
        visitor, form = self.answered(TEACHER)
        stranger = Visitor().send(form, origin=self.lms.url)
        self.assertEqual(stranger.role, "none")
        self.assertEqual(visitor.send(form, origin=self.lms.url).role, "staff")
        self.assertEqual(visitor.send(form, origin=self.lms.url).status, 401)

    def test_the_people_of_the_roster_are_on_the_page_of_people(self) -> None:
        visitor, page = self.launch(TEACHER)
        seat = self.seat(page)

        def everybody() -> bool:
            text = visitor.get(f"{seat}/people").text
            return all(person.name in text for person in PEOPLE.values() if person.role == "Learner")

        until("everybody is listed", everybody)
        read = self.lms.asked.count(f"GET /courses/{COURSE.id}/people")
        self.assertGreaterEqual(read, 3, "the pages of the roster were followed")

    def place(self, *wanted: str, graded: bool = False) -> list[dict]:
        """A teacher places items; the LMS's package verifies the answer."""

        def badges_known():
            visitor, page = self.launch(TEACHER, "pick")
            self.assertEqual(page.status, 200, page.text)
            return "progress:" in page.body and (visitor, page)

        visitor, page = until("the picker knows the badges", badges_known)
        self.assertIn("/lti/pick/", page.address)
        values = [value for name, value in page.choices if name == "item"]
        form = page.form_with("csrf")
        for begin in wanted:
            form.choose("item", next(value for value in values if value.startswith(begin)))
        chosen = [("do", "place"), *([("graded", "yes")] if graded else [])]
        answer = visitor.send(form, *chosen)
        self.assertEqual(answer.status, 200, answer.text)
        done = visitor.send(answer.form_with("JWT"), origin=self.tool.url)
        self.assertEqual((done.status, done.heading), (200, "Placed"), done.text)
        return self.lms.placed

    def test_placed_items_are_verified_by_the_platform_and_open(self) -> None:
        known = len(self.lms.items)
        items = self.place("mine", "teachers")
        self.assertEqual([item["type"] for item in items], ["ltiResourceLink"] * 2)
        claims = self.lms.answers[-1]
        self.assertEqual((claims["iss"], claims["aud"]), (CLIENT, self.lms.url))
        self.assertEqual(claims["https://purl.imsglobal.org/spec/lti/claim/deployment_id"], DEPLOYMENT)
        data = claims["https://purl.imsglobal.org/spec/lti-dl/claim/data"]
        self.assertEqual(data, {"place": "unit 3", "key": "zwölf & mehr"}, "the platform's data came back exactly")
        _, page = self.launch(LEARNER, f"link-{known + 1}")
        self.assertEqual((page.status, page.role), (200, "learner"), page.text)
        self.assertTrue(page.address.endswith("/my"), page.address)

    def test_a_learner_cannot_place_anything(self) -> None:
        _, page = self.launch(LEARNER, "pick")
        self.assertEqual(page.status, 403, page.text)

    def test_a_badge_that_is_earned_arrives_as_a_grade(self) -> None:
        badge = self.place("progress:", graded=True)[0]
        link, column = f"link-{len(self.lms.items)}", list(self.lms.columns.values())[-1]
        self.assertEqual(column["resourceLinkId"], link)
        self.launch(LEARNER, link)
        visitor, page = self.launch(TEACHER, link)
        self.issue(visitor, self.seat(page), badge["title"].removesuffix(": progress"))
        score = until("the score is in", lambda: [score for id, score in self.lms.scores if id == column["id"]])
        self.assertEqual(len(score), 1)
        self.assertEqual(score[0]["userId"], LEARNER.id)
        self.assertEqual((score[0]["scoreGiven"], score[0]["scoreMaximum"]), (column["scoreMaximum"],) * 2)
        self.assertEqual((score[0]["activityProgress"], score[0]["gradingProgress"]), ("Completed", "FullyGraded"))
        with urllib.request.urlopen(f"{self.tool.factory}/?to={LEARNER.email}") as mailbox:
            self.assertEqual(mailbox.read().decode().count("<article"), 1, "and the badge is in the mailbox, once")

    def issue(self, visitor: Visitor, seat: str, badge: str) -> None:
        """The four steps of issuing by hand, to the learner."""
        page = visitor.get(f"{seat}/issue")
        id = re.search(rf'value="([^"]+)"[^>]*>(?:(?!value=).)*?{re.escape(badge)}', page.body, re.DOTALL)[1]
        page = visitor.send(page.form_with("csrf").choose("badge", id), ("do", "next"))
        people = page.address

        def listed():
            page = visitor.get(people)
            row = re.search(rf'name="person" value="([^"]+)"(?:(?!name="person").)*?{LEARNER.name}', page.body, re.DOTALL)
            return row and (page, row[1])

        page, person = until("the learner can be chosen", listed)
        page = visitor.send(page.form_with("shown").choose("person", person), ("do", "next"))
        self.assertTrue(page.address.endswith("/message"), page.text)
        page = visitor.send(page.form_with("subject"), ("do", "next"))
        self.assertTrue(page.address.endswith("/check"), page.text)
        page = visitor.send(page.form_with("key"))
        self.assertIn("/orders/", page.address, page.text)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    tests = unittest.defaultTestLoader.loadTestsFromTestCase(Platform)
    result = unittest.TextTestRunner(verbosity=2).run(tests)
    print(f"{result.testsRun} tests against lti1p3platform")
    sys.exit(0 if result.wasSuccessful() and result.testsRun > 0 and not result.skipped else 1)
