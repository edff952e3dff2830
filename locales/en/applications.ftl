# Applying for a badge, and reviewing applications.

nav-applications = Applications ({ $n })
pick-apply-line = Learners apply for { $badge } in the course.

ap-none = Not applied
ap-draft = Started
ap-sending = On its way
ap-lost = Not sure whether it arrived
ap-pending = Waiting for review
ap-deciding = Decision on its way
ap-approved = Approved
ap-rejected = Not approved
ap-refused = Not taken
ap-gone = No longer there

apply-start = Apply for { $badge }
apply-form = Your application
apply-send = Send application
apply-back = Go back and change it
apply-draft = This is what you entered { $time }. It is kept for 30 days after your last change; nothing was sent yet.
apply-as = You apply as { $name }, { $mail }. Both come from your course.
apply-criteria = Criteria
apply-choose = Choose
apply-file-hint = One file of at most { $n } MB: a document, a picture, sound or video.
apply-files-again = Files must be chosen again.
apply-code = Claim code
apply-code-hint = The code that you were given for this badge.
apply-attach = Show my answers as evidence with the badge
apply-sent = See what I sent
apply-by-review = A teacher decides.
apply-by-instant = The badge is sent as soon as your application arrives.
apply-by-secret = Whoever has the claim code gets the badge at once.
apply-by-peer = Other people who applied decide.
apply-by-other = The people who look after this badge decide.
apply-sending = Your application is stored and on its way. You may close this page.
apply-lost = You applied on { $date }, but we could not find out whether it arrived. Ask your teacher, or apply again.
apply-pending = You applied on { $date }. Your teacher has been told.
apply-approved = Approved on { $date }. The badge comes by email.
apply-rejected = Not approved on { $date }. This is what { $who } wrote:
apply-rejected-plain = Not approved on { $date }. You may apply again.
apply-refused = Your application was not taken. The reason given is below. Correct it and apply again.
apply-vanished = Your application is no longer there. You may apply again.
apply-closed = Applications are open from { $from } to { $to }.
apply-closed-until = Applications open on { $from }.
apply-closed-since = Applications were open until { $to }.
apply-not-learner = You see this page as a learner would. Only learners apply.
apply-test = You see this page as a test student. Test students cannot apply.
apply-anonymous = Your course does not say who you are. To apply, the course must share names and emails.
apply-no-email = Your course does not share your email address, and the badge is sent by email. Ask your teacher.
apply-elsewhere = This form is filled in at { $factory }, in a window of its own. Come back here afterwards.
apply-open = Open the form at { $factory }
apply-gone = This form is no longer offered. Ask your teacher.
flash-applied = Thank you. Your application is stored.
flash-application-kept = Kept for 30 days. Nothing was sent yet.

apps-title = Applications to review
apps-lead = Oldest first. Your decision is sent to { $factory }, which tells the applicant.
apps-away = { $factory } does not answer. What is shown was read earlier; decisions are kept and sent later.
apps-waiting = Waiting
apps-none = No application waits for you.
apps-choose = Choose
apps-sent = Sent
apps-refused = Last decision not taken
apps-several = Decide all that are ticked
apps-message = Message to the applicants
apps-send = Send decision
apps-elsewhere = Decided by others
apps-others = Earlier applications
apps-also = Also waiting
apps-read = Applications at { $factory } were read { $time }.
apps-unread = Applications at { $factory } are being read for the first time.
needs-apps = { $n ->
    [one] { $n } person applied for { $badge }. The oldest application has waited { $d ->
        [0] less than a day
        [one] { $d } day
       *[other] { $d } days
    }.
   *[other] { $n } people applied for { $badge }. The oldest has waited { $d ->
        [0] less than a day
        [one] { $d } day
       *[other] { $d } days
    }.
}
needs-word-apps = Waiting
needs-see-apps = Review
app-title = { $name } applies for { $badge }
app-somebody = Somebody
app-sent = Sent on { $date }
app-from-factory = on the page of { $factory }
app-person = Badges and progress of { $name }
app-decided = Decided at { $time }.
app-decided-else = { $who } decided this application at { $time }.
app-elsewhere = The decision was made at { $factory }.
app-refused = { $factory } did not take it: { $reason }
app-answers = Answers
app-no-answers = No answers are known here.
app-evidence = Files
app-evidence-becomes = become evidence of the badge if you approve
app-download = (download)
app-files-hint = Files come from learners: open them with care.
app-earlier = Earlier applications
app-your-decision = Your decision
app-decision = Decision
app-approve = Approve
app-approve-hint = { $name } gets { $badge } by email.
app-reject = Do not approve
app-reject-hint = { $name } gets your message and may apply again.
app-message = Message to { $name }
app-message-hint = Needed if you do not approve. Say what is missing and what to do next.
app-send = Send decision and open the next
app-skip = Skip for now
app-need-instructor = An instructor of this course decides.
app-by-instant = Issued at once: nobody decides.
app-by-secret = Issued to whoever has the claim code: nobody decides.
app-by-peer = Other applicants decide.
app-by-other = Decided at the Factory.
app-mail-subject = You earned { $badge }
app-mail-body = Your application for { $badge } was approved.
app-mail-rejected = Your application for { $badge }
flash-decided = { $n ->
    [0] Nothing was decided: somebody was faster.
    [one] Your decision is stored and on its way.
   *[other] { $n } decisions are stored and on their way.
}
size-kb = { $n } kB
size-mb = { $n }.{ $m } MB

bad-no-file = Choose a file.
bad-file-kind = Choose a file of one of these kinds, with its right ending: { $kinds }.
bad-not-an-address = Enter an email address such as name@school.example.
bad-not-a-link = Enter a web address that begins with https:// or http://.
bad-not-a-number = Enter a number.
bad-no-code = Enter the claim code that you were given.
bad-message-needed = Say what is missing and what to do next, in at least 10 characters.
bad-nothing-ticked = Tick at least one application.
