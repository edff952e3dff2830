# Learners' pages.

my-title = My badges
my-none-yet = You have no badges from this course yet. When your teacher awards you one, it is listed here.
my-collect-mail = Sent to { $mail } on { $date }. Open the email and follow its link to collect the badge.
my-noemail-do = Your course does not share your email address, so the badge waits. Tell your teacher. It is sent by itself once an address is known.
my-valid = valid until { $date }
my-nomail = I did not get the email
my-nomail-do = Look in the junk folder first, and check that the address is yours. If the email is not there, ask your teacher to issue the badge again.
my-private = Only you and your teachers see this page.
