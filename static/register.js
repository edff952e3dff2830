// Ends a dynamic registration: the LMS closes the frame or the window (LTI Dynamic Registration 1.0, section 3.7).
(() => {
  "use strict";
  const platform = window.opener || (window.parent !== window ? window.parent : null);
  const place = document.getElementById("close");
  if (!platform || !place) return;
  place.hidden = false;
  place.querySelector("button").addEventListener("click", () => {
    // nothing secret is in it, and Canvas' page stands at another host than its issuer
    platform.postMessage({ subject: "org.imsglobal.lti.close" }, "*");
  });
})();
