# Learners' pages.

my-title = My badges
my-way = On the way
my-earned = Earned
my-checked = checked { $time }
my-none-yet = You have no badges from this course yet. When your teacher awards you one, it is listed here.
my-waits = We need your email.
my-waits-do = A badge waits for you until an address is known.
my-collect-mail = Sent to { $mail } on { $date }. Open the email and follow its link to collect the badge.
my-noemail-do = Your course does not share your email address, so the badge waits. Tell your teacher. It is sent by itself once an address is known.
my-valid = valid until { $date }
my-nomail = I did not get the email
my-nomail-do = Look in the junk folder first, and check that the address is yours. If the email is not there, ask your teacher to issue the badge again.
my-private = Only you and your teachers see this page.
my-application = Your application for { $badge }
my-share = Share
my-verify = Verify
my-criteria = Criteria

card-how = How to earn it
card-have = You have { $value }
card-goal = Badge at { $goal }
card-togo = { $n } points to go.
card-left = { $n } of { $m } done.
card-any = One of these is enough.
card-done = Done
card-open = Open
card-paused = Your teacher has paused this badge.
card-unknown = Your results are not here yet.
card-unread = Nothing was read from your course yet.
card-age = Read from your course { $time }.
card-soon = All done. The badge is on its way.
card-wait = All done. You get the badge on { $date }.
card-noemail = All done. The badge waits until your course shares an email address.
card-teacher = All done. Your teacher decides whether you get the badge.
card-has = You have this badge, or it is on its way.
card-taken = This badge was withdrawn. Your teacher can issue it again.
card-not-learner = Only learners of this course earn it.
card-not-active = You are not active in this course.
card-apply = Apply for { $badge }

mail-heading = Where your badges go
mail-goes = Your badges are sent to { $mail }.
mail-from = Where we have it from
mail-from-lms = { $lms } gave us this address when you opened this page. Nobody typed it here.
mail-wrong = Is it wrong?
mail-wrong-do = Change it in your profile in { $lms }, then open this page from your course again. Badges that were sent before stay with the earlier address; your teacher can issue them again.
mail-none = { $lms } does not tell us your email address.
mail-waiting = { $n ->
    [one] One badge waits for it.
   *[other] { $n } badges wait for it.
}
mail-do = What you can do
mail-do-1 = Look in your profile in { $lms } whether your address is there and may be shared with tools, then open this page from your course again.
mail-do-2 = Ask your teacher, who can issue the badge to an address that you name.
mail-own = Give an address here
mail-own-off = Addresses cannot be given here: this installation cannot send the code that would prove that an address is yours. Without that proof somebody else could take your badges.
mail-earlier = Earlier addresses
mail-earlier-do = Badges were sent to these before. They stay valid there.

data-title = What is kept about you
data-intro = This is what is stored here about you, as of now.
data-you = You
data-lms = Learning platform
data-sub = Your number there
data-aliases = Other numbers of yours
data-courses = Courses that you opened this tool in
data-rest = What else
data-awards = Badges awarded, withdrawn ones too
data-applications = Applications
data-files = Files handed in
data-facts = Results and completions read from your courses
data-signals = Messages from your courses with them
data-grades = Grades sent back for badges
data-ask = Have it, correct it, erase it
data-ask-text = An administrator of your organisation can give you all of it as a file, and erase it. Your name and address are corrected on your learning platform, and here the next time you open this page.
