# Administration: badges at the Factory, the organisation's profile, events, reports.

nav-badges = Badges
nav-events = Events
nav-reports = Reports
nav-issuer = Issuer
yes = Yes
no = No

# How old what is shown is
age-read = Read from the Factory { $time }.
age-failing = The Factory does not answer since { $time }.
age-shown = This is what it said { $time }.
age-nothing = Nothing was read yet. Look again later.

# The list
badges-admin = Badges
badges-search = Name, description or tag
badges-category = Category
badges-language = Language
badges-awards = Awards
badges-many = more than 10,000
badges-changed = Changed
badges-none = There is no badge yet, or the Factory was not read yet.
badges-none-fit = No badge fits.
badges-back = All badges
badge-published = Published
badge-draft = Draft
badge-deleted = Deleted

# One badge
badge-is-gone = The Factory has this badge no more. Badges that people have stay valid.
badge-not-read = This is being read from the Factory.
badge-criteria = Criteria
badge-no-criteria = There are none.
badge-facts = Facts
badge-message = Message
badge-metadata = Your own data
badge-made = Made
badge-change = Change this badge
badge-delete-link = Delete this badge
badge-events = See its events
badge-for-months = { $n ->
    [one] 1 month
   *[other] { $n } months
}
badge-until-date = Until { $date }

# The form
badge-new = New badge
badge-edit = Change { $name }
badge-form-lead = Changes do not touch badges that people have already.
badge-form-languages = Its texts in other languages ({ $list }) stay as they are.
badge-name = Name
badge-description = Description
badge-picture = Picture
badge-picture-hint = A square PNG of 400 to 1,200 pixels and at most 1 MB. Larger ones are made smaller.
badge-picture-again = Choose the file again: it is not kept while you correct the form.
badge-picture-now = In use now
badge-criteria-hint = Plain text with empty lines between paragraphs, “- ” for lists, **bold**, *italic*, [words](https://…). HTML may be used as well.
badge-preview = Preview the criteria
badge-preview-title = Preview
badge-validity = How long does it hold?
badge-endless = Without end
badge-months = For some months
badge-months-n = How many months
badge-until = Until a day
badge-until-day = Which day
badge-tags = Tags
badge-tags-hint = With commas between.
badge-message-hint = What people receive with this badge unless the order says otherwise. A part that is empty here must be given each time.
badge-subject = Subject
badge-body = Text
badge-link = Words of the link
badge-footer = Footer
badge-more = More
badge-metadata-hint = “key: value”, one in each line. Nobody outside your organisation sees it.
badge-css = Style of the criteria page (CSS)
badge-is-draft = This is a draft: nobody can be given it yet.
badge-save = Save badge

# Deleting
badge-delete-title = Delete { $name }?
badge-delete-text = Badges already awarded stay valid. Nobody can be given this badge any more. This cannot be undone.
badge-delete-rules = { $n ->
    [0] No rule stops.
    [one] 1 rule stops.
   *[other] { $n } rules stop.
}
badge-delete-forms = { $n ->
    [0] No application form stops.
    [one] 1 application form stops.
   *[other] { $n } application forms stop.
}
badge-delete-name = Type the name of the badge
badge-delete-now = Delete this badge
badge-delete-keep = Keep it

# Changes on their way
edits-title = Being saved
edit-on-its-way = A change is on its way.
edit-see = See how far it is
edit-create = New badge: { $name }
edit-change = Change of { $name }
edit-delete = Deleting { $name }
edit-profile = Change of the issuer profile
edit-ready = Waiting
edit-sending = Sending
edit-unsure = Checking
edit-done = Saved
edit-refused = Refused
edit-parked = Needs a decision
edit-dropped = Given up
edit-says-ready = Your change is stored here and is sent to the Factory as soon as it answers. You may close this page.
edit-says-sending = Your change is being sent to the Factory. You may close this page.
edit-says-unsure = The answer was lost. We ask the Factory whether it has your change before anything is sent again. You may close this page.
edit-says-done = The Factory has it. The list of badges is read again.
edit-says-deleted = The Factory has deleted it. The list of badges is read again.
edit-says-refused = The Factory did not take it. Nothing was changed. Open the form again, correct it and save.
edit-says-parked = The answer was lost twice, and the Factory does not show it. Look there. Then have it sent again, or give it up.
edit-says-dropped = It was given up. We send nothing.
edit-factory-said = The Factory said:
edit-again = Send it again
edit-drop = Give up
edit-form = Open the form again
edit-thing = See how it stands

# The organisation
issuer-title = Issuer profile
issuer-lead = The Factory shows this on every badge.
issuer-not-read = The profile is being read from the Factory.
issuer-url = Web address
issuer-description = Description
issuer-email = Email
issuer-picture = Logo
issuer-save = Save profile
issuer-tier = Plan
issuer-paid = Paid until
issuer-limit = Badges a year
issuer-country = Country
issuer-verified = Verified
issuer-suspended = Suspended

# Events
events-title = Events at the Factory
events-lead = Everything that was issued, by this program and by others. How many there are is asked first; then they are read page by page.
events-email = Address
events-consumer = Issued by (integration)
events-order = Order
events-oldest = Oldest first
events-newest = Newest first
events-limit = At most
events-offset = Leave out the first
events-count-only = Only count them
events-dates-hint = The Factory does not say whether its dates are those of the badge or of the call. Search a little wider.
events-search = Search events
events-latest = Your organisation’s searches of the last 24 hours
events-all = All events
events-again = Search again
search-title = { $n ->
    [one] 1 event
   *[other] { $n } events
}
search-title-counting = Searching events
search-counting = Counting
search-reading = Reading
search-done = Done
search-failed = Failed
search-progress = { $n } of { $m } read.
search-error = The Factory does not answer as it should. What was read stays; we try again.
search-read = Asked for { $time }.
event-of = Event: { $badge }
event-of-id = Event { $id }
event-facts = Facts
event-issued = Award date
event-called = Sent
event-until = Valid until
event-people = Recipients
event-revoked = Revoked
event-revoked-on = Revoked on
event-declined = Declined
event-log = Note of the integration
csv-event = Event
csv-badge-id = Badge ID
csv-count = Count

# Reports
reports-title = Reports
reports-not-read = The report is being counted.
reports-counted = Counted { $time }.
reports-total = { $n ->
    [0] Nothing was awarded in this time.
    [one] 1 badge was awarded in this time.
   *[other] { $n } badges were awarded in this time.
}
reports-over-time = Awards over time
reports-few = Too few for a plot.
reports-by-badge = Awards by badge
reports-by-course = Awards by course
reports-no-course = Outside of any course
reports-funnel = Applications
reports-applications = Applications
reports-no-applications = Nobody applied in this time.
reports-applied = Applied
reports-decided = Decided
reports-approved = Approved
reports-asked = Whether a badge was collected is known of { $n } of { $m } approved applications.

# What can be wrong
bad-picture = Choose a picture in the PNG format. Other files are not taken, however they are named.
bad-picture-small = Choose a picture with at least 400 pixels on each side.
bad-picture-large = Choose a picture with at most 4,096 pixels on each side.
bad-picture-square = Choose a square picture: as wide as it is high.
bad-active-html = Take out what runs, loads or sends: scripts, styles, frames, forms, and attributes such as onclick.
bad-not-the-name = Type the name exactly as it is shown.
bad-under-way = An earlier change is still being saved. Wait until it is done, then save again.
bad-changed-elsewhere = The badge was changed at the Factory while you were working. Look at its page; what you entered is kept here. Save again to replace what is there.
bad-not-known-yet = This was not read from the Factory yet. Open the page again in a moment.
bad-dates-cross = Choose a last day that is not before the first.
bad-metadata-line = Line { $n } is not “key: value”. Use letters, digits, dots and hyphens for the key.

# One badge in a course
badge-gone = This badge is no longer offered at { $factory }. Earlier awards stay valid.
badge-here-no-rule = No rule of this course gives it.
badge-here-placed = Placed in this course as
badge-here-who = Who has it from this course
badge-here-nobody = Nobody has it from this course yet.
badge-here-all = All { $n } in the history
