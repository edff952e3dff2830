# The people of a course, and what changed about them.

nav-people = People
people-list-title = People
people-list-lead = Choose somebody to see which badges they get, which not, and why.
people-list-none = Nobody learns in this course yet, as far as is known.
person-address = It was sent to { $old }. The course now says { $new }. Nothing is sent again by itself.
person-address-again = Issue it to the new address
person-address-revoke = To send it to the new address, revoke this one first, then issue it again.
copied-rules = Rules of the earlier course
copied-rules-text = A rule that you take over is a draft: it awards nothing before you look at it and switch it on. Activities have other ids in a copy.
copied-rule-use = Take over as a draft
