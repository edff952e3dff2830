# Feeds: what LMSs and others push, and signals that wait for a name.

nav-feeds = Feeds
feeds-title = Feeds
feeds-lead = A feed is an address that your LMS, or a program beside it, sends news of completions and grades to.
feeds-none = There is no feed for this LMS. The operator makes one with the command badgebridge feed add.
feeds-name = Feed
feeds-taken = News taken
feeds-last = Last news
feeds-refused = Not proven, refused
feeds-error = Last error
feeds-waiting = { $n ->
    [one] One piece of news waits.
   *[other] { $n } pieces of news wait.
}
feed-title = Feed { $name }
feed-on = On
feed-off = Off
feed-kind = Kind
feed-address = Address
feed-has-key = There is a second address with a key in it; it was shown once.
feed-rotated = Secret made
feed-repeated = Sent again, changed nothing
feed-ignored = Says nothing that counts
feed-unreadable = Could not be read
feed-limited = Came too fast
feed-dropped = Counted and not kept
feed-kept = Of the newest 10,000 kept
feed-kept-counts = { $new } new, { $matched } matched, { $waiting } waiting, { $dropped } of no use
feed-secret = Secret
feed-secret-text = The secret was shown once, when it was made. The operator makes a new one with this command; the earlier one stays good for 24 hours.
feed-test = Test
feed-test-body = What the sender sends
feed-test-hint = It is read as if it had come in, and nothing is stored. The sender’s signature is not looked at.
feed-test-send = Send test
feed-test-read = { $n ->
    [one] Read: one signal; { $ignored } events say nothing that counts.
   *[other] Read: { $n } signals; { $ignored } events say nothing that counts.
}
feed-test-taken = Course and person are known: it would be taken.
feed-drop-test = It is about a test user: it would be dropped.
feed-drop-staff = It is about somebody who does not learn in the course: it would be dropped.
feed-drop-course = It is about another course than the feed’s: it would be dropped.
signal-completed = Completed
signal-uncompleted = No longer completed
signal-passed = Passed
signal-failed = Failed
signal-score = A score
signal-concluded = Course is over
signal-hint = Something changed
signal-award = A badge in the LMS
parked-course = No course here has this name.
parked-courses = Several courses have this name.
parked-person = Nobody here has this name.
parked-people = Several people have this name.
parked-enrolment = The person is known and not in this course. It waits for the next roster.
unmatched-title = News that waits
unmatched-lead = This news names a course or a person that is not known here. It is kept for 30 days and looked at again by itself when a launch or a roster brings the name.
unmatched-none = Nothing waits.
unmatched-who = Person as sent:
unmatched-where = Course as sent:
unmatched-course = Which course is it? Its id in the LMS
unmatched-person = Who is it? Email address or id in the LMS
unmatched-say = Match
unmatched-discard = Discard
flash-signals-matched = Kept. Everything that waited for this name is looked at again.
flash-signal-discarded = Discarded. It is counted, and what it said is forgotten.
bad-feed-body = This cannot be read: { $place }.
bad-not-found-here = Nothing here has this id or address. Enter one that the course or the person has.
