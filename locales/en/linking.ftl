# Launches where cookies fail, and placing something in a course.

storage-title = Opening…
storage-opening = Opening…
storage-wait = If nothing happens within a few seconds, continue by hand.
window-title = Open in a new window
window-do = Your browser keeps no cookies for pages inside other pages. In a window of its own everything works. Nothing was lost.
window-once = The button works once. To open the page again later, use the link in your course.
open-window = Open in a new window
