# Home, history, event, award, revocation.

home-title = Badges in this course
count-people = { $n ->
    [one] { $n } person
   *[other] { $n } people
}
count-badges = { $n ->
    [one] { $n } badge
   *[other] { $n } badges
}
count-awards = { $n ->
    [one] { $n } award since { $date }
   *[other] { $n } awards since { $date }
}
needs-title = Needs you
needs-none = Nothing needs you.
needs-count = { $n ->
    [one] { $n } thing
   *[other] { $n } things
}
needs-all = Show all { $n }
needs-word-hold = On hold
needs-word-refused = Failed
needs-word-parked = Needs a decision
needs-word-unrevoked = Not revoked
needs-word-unmade = Stopped half way
needs-word-unlooked = Not looked at
needs-noemail = { $name } has earned { $badge }, but the course shares no email address.
needs-refused = { $n ->
    [one] { $n } award of { $badge } was refused.
   *[other] { $n } awards of { $badge } were refused.
}
needs-parked = { $n ->
    [one] { $n } award of { $badge } was sent twice without an answer. Nothing more goes out before you decide.
   *[other] { $n } awards of { $badge } were sent twice without an answer. Nothing more goes out before you decide.
}
needs-unrevoked = The Factory does not take { $badge } of { $name } back. We keep trying.
needs-unmade = Not everybody of an order of { $badge } was worked off. Your administrator can go on with it.
needs-unlooked = The rules could not be applied to { $name }.
needs-see-hold = See what to do
needs-see-refused = See the reason
needs-see-parked = Check and decide
needs-see-unrevoked = See the award
needs-see-unmade = See the order
needs-see-unlooked = See this person
open-title = In progress
open-running = Sending
open-draft = Unfinished
open-running-line = { $badge }: { $n } of { $m } done
open-draft-line = { $n ->
    [0] { $badge }, nobody chosen yet
    [one] { $badge } for { $n } person
   *[other] { $badge } for { $n } people
}
open-draft-empty = No badge chosen yet
open-changed = · changed { $time }
open-watch = Watch
open-go-on = Go on
badges-title = Badges
home-unread = The badges are being read for the first time.
home-empty-allowed = No badge may be used in this course yet. Ask { $admin } to allow one.
home-empty-allowed-any = No badge may be used in this course yet. Ask your administrator to allow one.
home-empty-awards = Nobody has a badge from this course yet.
home-empty-issue = Issue the first one
issue-short = Issue
badge-gone-short = No longer offered
recent-title = Recent awards
recent-all = All history

history-title = History
history-none = No award fits these filters.
history-pages = Pages of the history
filter-title = Filter
filter-any = Any
filter-person = Name or email contains
filter-how = How
filter-from = From
filter-to = To
filter-show = Show
filter-clear = Clear filters
filter-clear-all = Clear all filters
filter-on-its-way = On its way
filter-held = On hold
filter-revoked = Revoked
per-page = Rows a page:
per-page-n = { $n } rows a page

event-title = { $badge }, issued on { $date }
event-by = Issued by
event-mail = Email as sent
event-id = Event at the Factory
event-recipients = Recipients
event-nobody = The Factory lists nobody for this event yet.
event-pages = Pages of recipients
event-revoke = Revoke for selected people

award-title = { $badge } for { $name }
award-reason = The reason given:
award-link = Badge
award-revoke = Revoke this award
means-queued = It is stored and will be sent. Nothing needs to be done.
means-checking = The answer was lost. We ask the Factory before anything is sent again, so nobody gets the badge twice.
means-noemail = The course shares no email address. The award waits and goes out by itself when an address is known.
means-failed = The Factory refused it. Correct the reason, then issue it again.
means-parked = It was sent twice and no answer came. Look at the Factory whether the person has it, then tell your administrator.
means-revoking = Revocation is on its way to the Factory.
means-withdrawn = It was taken back before it was sent. Nobody was told.
means-revoked = Links to this badge say that it is no longer valid.
trail-title = What happened
trail-zone = times in { $zone }
did-asked = { $who } asked for it
did-ruled = Its rule found the conditions met
did-held = Waits for an email address
did-released = An email address came in
did-sent = Sent: the Factory took it
did-not-reached = The Factory could not be reached, nothing was sent
did-answer-lost = Sent, but the answer was lost
did-found = Looked: the Factory has it
did-not-found = Looked: the Factory does not have it
did-refused = The Factory refused it
did-asked-to-wait = The Factory asked us to wait
did-tried-again = { $who } asked for another try
did-parked = Stopped until a person decides
did-revoke-asked = { $who } asked to revoke it
did-revoked = The Factory revoked it
did-withdrawn = { $who } took it back before it was sent
did-twice = The Factory has it twice

extra-title = Issued twice
extra-text = The Factory made two events for one order: everybody in it has the badge twice. Both mails were sent. The second event can be revoked, the first stays.
extra-kept = First event, stays
extra-event = Second event
extra-revoke = Revoke the second event
extra-ask = Revoke the second event of { $badge }?
extra-people = Everybody in it
extra-warn = Links to the badge from the second event will say that it is no longer valid. The badge from the first event stays valid. This cannot be undone.
extra-keep = Keep both
extra-late-title = Issued late
extra-late-text = The Factory made this event after the order was given up: the people in it have the badge although it was taken back here.
extra-late-event = Late event
extra-late-revoke = Revoke the late event
extra-late-ask = Revoke the late event of { $badge }?
extra-late-warn = Links to the badge from this event will say that it is no longer valid. This cannot be undone; you can issue it again.
extra-late-keep = Keep it
extra-asked = Its revocation is on its way to the Factory.
extra-failed = The Factory has not taken the revocation. Ask for it again, or tell your administrator.

revoke-title = Revoke { $badge } for { $name }?
revoke-title-n = Revoke { $badge } for { $n } people?
revoke-since = awarded on { $date }
revoke-warn = Links to this badge will say that it is no longer valid. This cannot be undone; you can issue it again.
revoke-not-sent = What was not sent yet is taken back: nobody is told about it.
revoke-why = Why?
reason-mistake = Given by mistake
reason-wrong-person = Wrong person or address
reason-work-withdrawn = The work was withdrawn
reason-other = Other
revoke-note = What happened
revoke-note-hint = Only staff can read this. It is kept with the record.
revoke-tell-yourself = We cannot send a message for you. Tell { $name } yourself.
revoke-tell-all = We cannot send messages for you. Tell these people yourself.
revoke-now = Revoke this badge
revoke-now-n = Revoke { $n } badges
revoke-keep = Keep it
revoke-keep-n = Keep them

# Plots
plot-by-day = Awards per day
plot-by-week = Awards per week
plot-by-month = Awards per month
plot-day = Day
plot-week = Week of
plot-month = Month of
plot-awards = Awards
plot-describes = { $n } periods from { $from }. The most are { $most } on and after { $when }. { $total } in all.
show-numbers = Show the numbers
funnel-title = { $badge }: from the course to the mailbox
funnel-step = Step
funnel-people = People
funnel-people-here = In the course
funnel-email = Share an email address
funnel-awarded = Were awarded the badge here
funnel-sent = Were sent the badge
