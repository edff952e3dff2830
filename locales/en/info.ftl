# Help, privacy, preferences.

help-issue = Issue a badge
help-issue-text = Choose the badge, choose the people, look at the message, then check and send. Nothing goes out before the last step, and every step that you continue from is kept for 14 days.
help-hold = An award is on hold
help-hold-text = Somebody has no email address in this course. The award is kept and goes out by itself when the course shares an address.
help-away = The Factory does not answer
help-away-text = Your orders are stored here first. They go out as soon as the Factory is back, and nobody gets a badge twice.
help-wrong = I issued to the wrong person
help-wrong-text = Open the award in History and revoke it. Links to the badge then say that it is no longer valid. The email that was sent cannot be called back.
help-mail = The email did not arrive
help-open = The page does not open, or says that it is too old
help-open-text = Go back to your course and open the link again. If the browser blocks cookies for pages inside other pages, open the link in a new tab.

privacy-title = Which data is kept
privacy-kept = What is stored here
privacy-kept-1 = Your name and email address, as your course shares them.
privacy-kept-2 = The courses in which you open this tool, and your role there.
privacy-kept-3 = The badges that you are awarded here: which, when, by whom, and how the sending went.
privacy-kept-5 = What you hand in when you apply for a badge: answers, and files until 180 days after the decision. It goes to the Factory, and staff of the course read it.
privacy-kept-4 = Your choice of language and appearance.
privacy-goes = Where it goes
privacy-goes-to = For each award, { $org } sends your name and email address to { $factory }, which makes the badge and writes to you.
privacy-goes-text = For each award, your name and email address are sent to the Factory of your organisation, which makes the badge and writes to you.
privacy-not = What is not done
privacy-not-text = No tracking, no advertising, nothing from third parties is loaded into these pages.
privacy-who = Who sees it
privacy-who-text = You see your own awards. Instructors see the awards of their course; teaching assistants see them without addresses. Administrators of your organisation see all of its awards.
privacy-long = How long
privacy-long-text = Records of sending are kept for 180 days and the record of who did what for 2 years. Your organisation can erase your name and address at any time: ask its administrator.
privacy-cookies = Cookies
privacy-cookies-text = One cookie keeps you signed in for at most 12 hours, another one only protects the moment of opening. Both are needed and neither is used for anything else.

preferences-title = Language and appearance
preferences-language = Language
preferences-theme = Appearance
theme-light = Light
theme-dark = Dark
theme-auto = Like my device
