# What is wrong in a form.

bad-no-badge = Choose a badge
bad-badge-gone = This badge is no longer offered. Choose another one
bad-nobody = Choose at least one person
bad-many-people = One order can have { $n } people. Take some out, and issue to them in a second order
bad-many-lines = At most { $n } lines are read at once. Add the rest afterwards
bad-nothing-to-add = Paste at least one email address, or choose a file
bad-file-large = The file is larger than { $n } MB. Split it
bad-file-unreadable = This is not a CSV file in UTF-8. Save it as “CSV UTF-8” and choose it again
bad-file-no-email = The file has no column “email”. Add this word as the first line of the column
bad-not-a-date = Enter a date such as 2026-11-21
bad-date-ahead = The award date cannot be later than today. Choose today or an earlier day
bad-date-old = The award date can be at most { $n } years back. Choose a later day
bad-has-ended = The badge would have ended already. Choose another validity, or a later award date
bad-ends-before = The badge would end before it is given. Choose a later day
bad-months = Enter a number of months from 1 to { $n }
bad-missing = Enter a text
bad-long = Enter at most { $n } characters
bad-not-chosen = Choose one of these
bad-factory = The Factory refused this: { $reason }
