# Frame, navigation, notices, words used everywhere.

skip = Skip to main content
nav-label = Badges in this course
nav-home = Home
nav-issue = Issue a badge
nav-history = History
issued-by = Badges are issued by { $org } through { $factory }.
help = Help
privacy = Privacy
light-dark = Light or dark
title-error = Error:{ " " }
errors-title = There is a problem
error-word = Error:{ " " }
new-window-hint = (opens in a new window)
continue = Continue
save = Save
cancel = Cancel
change = Change
search = Search
next = Next
previous = Previous
optional = (optional)
reference = Reference
download-csv = Download as CSV
look-again = Look again
back-home = Back to Home
back-badges = Back to the badges
back-course = Back to the course
back-lms = Go to your LMS
see-award = See the award
see-event = See the event
see-event-n = See event { $n }
elsewhere-in-another-course = Issued in another course
see-order = See the order
see-assertion = See the public page
not-selectable = Not selectable

percent = { $value }%
when-today = Today, { $time }
when-yesterday = Yesterday, { $time }
ago-now = a moment ago
ago-minutes = { $n ->
    [one] { $n } minute ago
   *[other] { $n } minutes ago
}
ago-hours = { $n ->
    [one] { $n } hour ago
   *[other] { $n } hours ago
}
ago-date = on { $date }

n-of-m = { $n } of { $m }
n-people = { $n ->
    [one] { $n } person
   *[other] { $n } people
}
n-waiting = { $n } waiting
page-n = Page { $n }
range = { $from } to { $to } of { $n }
and-more = and { $n } more

col-badge = Badge
col-people = People
col-earned = Earned
col-action = Action
col-person = Person
col-when = When
col-state = State
col-time = Time
col-date = Date
col-how = How and by whom
col-links = Links
col-name = Name
col-selected = Selected
col-this-badge = This badge
col-line = Line
col-text = Text
col-result = Result
col-hold = On hold
col-again = Again
col-instead = Instead of a rule
col-mail = Email

# States of an award
aw-queued = Queued
aw-sending = Sending
aw-checking = Checking
aw-waiting = Waits until { $date }
aw-sent = Sent
aw-collected = Collected
aw-noemail = No email
aw-breaker = Stopped
aw-review = Look again
aw-failed = Failed
aw-parked = Needs a decision
aw-unreleased = Not released yet
aw-revoking = Revoking
aw-withdrawn = Not sent
aw-revoked = Revoked on { $date }
aw-expired = Expired on { $date }
my-aw-queued = On its way
my-aw-sent = Not collected yet
my-aw-collected = Earned
my-aw-noemail = We need your email
my-aw-failed = Delayed: your teacher can see why
my-aw-revoking = Withdrawn
my-aw-revoked = Withdrawn on { $date }
cause-hand = By hand
cause-rule = By a rule
cause-application = By application
cause-elsewhere = Made elsewhere

# Standing notices
notice-away = { $factory } does not answer since { $time }.
notice-away-do = You can go on: awards are kept and sent later.
notice-refuses = { $factory } refuses our calls.
notice-refuses-do = Awards are kept and go out once this is solved. Tell your administrator.
notice-old = The badges on this page were read { $time }.
notice-old-do = They are read again as soon as possible.
notice-roster = Your LMS does not let us read who is in this course.
notice-roster-do = You can still paste email addresses. Tell your administrator.
notice-cert-ends = { $days ->
    [0] The connection to { $factory } ends within 24 hours.
    [one] The connection to { $factory } ends in { $days } day.
   *[other] The connection to { $factory } ends in { $days } days.
}
notice-cert-ends-do = Tell your administrator, who can renew it.
notice-cert-expired = The connection to { $factory } has ended.
notice-cert-expired-do = Awards are kept and go out after your administrator renews it.
notice-test = You see this page as a test student.
notice-test-do = Nothing is sent and nothing is saved.
notice-anonymous = Your course does not say who you are.
notice-anonymous-do = You can read about the badges; to earn one, the course must share names and emails.
notice-twice = { $name } was issued { $badge } twice.
notice-twice-do = The second event can be revoked.
notice-late = { $name } was issued { $badge } after it was given up.
notice-late-do = The late event can be revoked.

# What a post did
flash-draft-kept = Your order is kept for 14 days. Home lists it under “In progress”.
flash-added = { $n ->
    [0] Nobody was added. The list says why.
    [one] { $n } person was added to the selection.
   *[other] { $n } people were added to the selection.
}
flash-roster = The list of people is being read again. Look again in a moment.
flash-revoking = { $n ->
    [one] { $n } badge is being revoked. As soon as the Factory has done it, links to it answer “no longer valid”.
   *[other] { $n } badges are being revoked. As soon as the Factory has done it, links to them answer “no longer valid”.
}
flash-revoking-event = The event is being revoked.
flash-preferences = Your choice is kept.
