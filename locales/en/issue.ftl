# The four steps of issuing, progress and result.

steps-label = Steps to issue a badge
step-badge = Badge
step-people = People
step-message = Message
step-check = Check
step-done = (done)
step-n-of-m = Step { $n } of { $m }

badge-title = Which badge?
badge-search-label = Badges
badge-search = Find a badge
badge-legend = Choose one badge
badge-found = { $n } of { $m } shown
badge-none-found = No badge fits this search.
badge-earned = { $n ->
    [0] Nobody here has it yet
    [one] { $n } person here has it
   *[other] { $n } people here have it
}

people-title = Who gets this badge?
change-badge = Change badge
people-search-label = Course members
people-search = Find by name or email
people-show = Show
show-everyone = Everyone
show-without = Not awarded yet
show-no-email = Without email
show-selected = People I selected
people-in-course = { $n ->
    [one] { $n } person in the course
   *[other] { $n } people in the course
}
roster-read = Read { $time }.
roster-again = Read again
roster-reading = The list of people is being read.
roster-rereading = Read { $time }, being read again.
roster-failed = Read { $time }. The last try failed.
roster-never = The list of people could not be read.
roster-not-offered = Your LMS does not share the list of people.
people-all = { $n ->
    [one] Select { $n } person without this badge
   *[other] Select all { $n } without this badge
}
people-none = Clear selection
people-selected = { $n } selected
people-empty = Nobody is listed. You can still paste email addresses.
people-none-found = Nobody fits this search.
people-caption = Course members, page { $n } of { $m }
people-pages = Pages of course members
people-range = People { $from } to { $to } of { $n }.
selection-kept = Your selection is kept when you change page.
row-none = Not awarded
row-hasit = Has it since { $date }
row-again = Issue again
row-gets-again = Gets it again
row-on-its-way = On its way
row-held = Held by a rule
row-by-hand = Issue by hand
row-gets-by-hand = Gets it by hand
row-noemail = No email: will wait
row-no-email-shared = No email shared by the LMS
row-invited = Has not joined the course yet
paste-title = Not in the list?
paste-label = Paste email addresses
paste-hint = One per line. You may write a name first:
csv-label = Or upload a CSV file
csv-hint = Columns “name” and “email”, at most { $n } lines. You see every line before anything is sent.
paste-add = Add to selection
pasting-off = Only people of this course can be added.
pasting-domains = People outside the course can be added if their address ends in: { $domains }.
pasting-any = People outside the course can be added.
noemail-title = { $name } has no email
noemail-title-n = { $n } selected people have no email
noemail-text = They stay selected. Such an award waits until the course shares an address. Nobody else is held up.
lines-title = What you added
lines-count = { $bad ->
    [0] { $n } lines, all added
   *[other] { $n } lines, { $bad } not added
}
line-n = Line { $n }
line-found = { $name }, in the course
line-added = { $email }, outside the course
line-outside = Not in the course: this address may not be added
line-again = The same as line { $n }
line-unreadable = This is not an email address
line-drop = Take out
people-next = { $n ->
    [0] Continue
    [one] Continue with { $n } person
   *[other] Continue with { $n } people
}
later = Save and finish later

message-title = What do they receive?
message-mail = The email
message-dates = Dates
message-extra = More
message-reset = Use the badge’s text
field-subject = Subject
field-subject-hint = What people see in their mailbox.
field-body = Text
field-body-hint = Say what the badge is for. The link to collect it follows by itself.
field-link = Words of the link
field-link-hint = The link that people press to collect the badge.
field-footer = Last line
field-footer-hint = For example your name and office.
field-award-date = Award date
field-award-date-hint = Today or earlier, at most five years back.
field-valid = Valid until
field-months = Months
field-until = Last day
valid-own-months = { $n ->
    [one] As the badge says: { $n } month
   *[other] As the badge says: { $n } months
}
valid-own-until = As the badge says: until { $date }
valid-own-forever = As the badge says: no end
valid-months = A number of months
valid-date = A fixed day
valid-forever = No end
field-criteria = Added to the criteria
field-criteria-hint = Everybody who sees the badge can read this line.
field-order = Name of this order
field-order-hint = Only staff see it, to find this order again.
preview = Show preview
preview-title = Preview
preview-link = link to collect the badge
preview-note = The Factory may show it in its own design.
back-people = Back to the people

check-title = Check before you send
check-next = What happens next
word-badge = the badge
word-people = the people
word-again = who gets it again
word-instead = for whom a rule is replaced
word-award-date = the award date
word-valid = how long it is valid
word-mail = the email
word-criteria = the criteria
word-order = the name of this order
show-names = { $n ->
    [one] Show the name
   *[other] Show the { $n } names
}
check-held = No email. These awards wait until the course shares an address.
check-again = They have this badge and get it once more.
check-instead = A rule holds this badge for them. They get it by hand now, and what the rule holds is taken back: nobody gets it twice.
date-today = { $date } (today)
issue-now = { $n ->
    [one] Issue { $n } badge now
   *[other] Issue { $n } badges now
}
issue-hold = { $n ->
    [one] Store { $n } award that waits
   *[other] Store { $n } awards that wait
}
back-message = Go back to the message
issue-next-1 = { $factory } sends each person an email with a link to collect the badge.
issue-next-2 = If the Factory is busy or away, we keep trying. Nobody gets the badge twice.
issue-next-3 = You can revoke a badge later, but an email that was sent cannot be called back.

order-title = Issuing { $badge }
order-title-done = Issued: { $badge }
order-note = Started by { $who } at { $time }. You may close this page, the work goes on.
order-note-dated = Started by { $who } on { $time }. You may close this page, the work goes on.
order-note-done = Started by { $who } at { $time }.
order-note-done-dated = Started by { $who } on { $time }.
order-n-of-m = { $n } of { $m } sent
order-left = { $n ->
    [one] About { $n } second left
   *[other] About { $n } seconds left
}
order-done = { $n ->
    [one] Done. { $n } person was sent { $badge }.
   *[other] Done. { $n } people were sent { $badge }.
}
order-part = { $n } sent, { $h } on hold, { $f } failed. The reasons are in the list.
order-withdrawn = { $n } not sent.
order-held-next = What is on hold goes out by itself as soon as an address is known.
order-away = { $factory } does not answer. Your order is kept and goes out as soon as it is back.
order-caption = People of this order. States change here; nothing needs to be pressed.
order-caption-done = People of this order.
order-pages = Pages of people
issue-others = Issue to others
live-on = This page brings itself up to date.
live-stop = Stop updating
live-off = This page stands still.
live-start = Update by itself
live-now = Update now
