# Launches where cookies fail, and placing something in a course.

storage-title = Opening…
storage-opening = Opening…
storage-wait = If nothing happens within a few seconds, continue by hand.
window-title = Open in a new window
window-do = Your browser keeps no cookies for pages inside other pages. In a window of its own everything works. Nothing was lost.
window-once = The button works once. To open the page again later, use the link in your course.
open-window = Open in a new window

pick-title = What do you want to place here?
pick-one = Choose one
pick-several = Choose one or more
pick-place = Place in course
pick-return = Continue to { $lms }
pick-not-here = { $lms } does not allow this kind of item in this place.
pick-where = Your choice goes back to { $lms } ({ $host }).
pick-teachers = Badges for teachers
pick-teachers-line = Opens the badges of this course for teachers; learners see their own.
pick-mine = My badges
pick-mine-line = Shows each learner their own badges.
pick-progress = { $badge }: progress
pick-progress-line = Shows each learner whether they have { $badge }.
pick-grades = Grade
pick-graded = The badge counts as a graded activity
pick-graded-hint = For progress cards only. Who earns the badge gets the full score; revoking it takes the score back.
pick-done = Placing it in your course
pick-nothing = Nothing was chosen
pick-unchanged = Nothing was changed
pick-unchanged-do = What was placed before stays as it is. You can close this page.
pick-goes = The answer goes to { $lms } ({ $host }). If nothing happens, press the button.

copied-title = Items from another course
copied-text = This course was copied. Its links still point to items of the earlier course. Nothing is in use here before you say so.
copied-none = There is nothing to take over.
copied-from = From { $course }
copied-graded = graded
copied-use = Use here
notice-copied = { $n ->
    [one] { $n } item of an earlier course can be used here.
   *[other] { $n } items of an earlier course can be used here.
}
notice-copied-do = Nothing is in use before you say so.
notice-copied-link = See the items
flash-copied = The item is in use in this course.

progress-none = You do not have this badge yet.
progress-all = All my badges
