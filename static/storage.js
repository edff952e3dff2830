// Leaves a value with the LMS's page, or asks for it, where cookies may not come back
// (LTI Client Side postMessages 0.1, Platform Storage 0.1; older platforms use names of their own).
(() => {
  "use strict";
  const box = document.getElementById("storage");
  const platform = window.parent !== window ? window.parent : window.opener;
  const { act, target, origin, key, value, next } = box.dataset;
  const prefixes = ["lti.", "org.imsglobal.lti."];

  // Sends one message and waits for its answer; null if none comes, or an error. Nothing secret goes to "*". It is said
  // again until it is answered: the platform's page or its frame may still be loading and hear nothing yet.
  const ask = (where, message, to, patience) =>
    new Promise((resolve) => {
      const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join("-");
      const done = (answer) => {
        clearTimeout(timer);
        clearInterval(repeat);
        window.removeEventListener("message", hear);
        resolve(answer);
      };
      const hear = (event) => {
        const data = event.data;
        if (typeof data !== "object" || data === null) return;
        if (to !== "*" && event.origin !== to) return;
        if (data.message_id !== id || data.subject !== `${message.subject}.response`) return;
        done(data.error ? null : data);
      };
      const say = () => {
        try {
          where.postMessage({ ...message, message_id: id }, to);
        } catch {
          done(null);
        }
      };
      const timer = setTimeout(() => done(null), patience);
      const repeat = setInterval(say, 200);
      window.addEventListener("message", hear);
      say();
    });

  const first = (asked) =>
    new Promise((resolve) => {
      let open = asked.length;
      if (open === 0) resolve(null);
      for (const one of asked) {
        one.then((answer) => {
          open -= 1;
          if (answer !== null || open === 0) resolve(answer);
        });
      }
    });

  const frameOf = (name) => {
    if (!name || name === "_parent") return platform;
    try {
      return platform.frames[name] || platform;
    } catch {
      return platform; // another site's page tells only the names of its frames
    }
  };

  // Which of the names and which frame: as the platform says, else all of them at the frame that the login named.
  const ways = async (verb) => {
    const asked = prefixes.map((prefix) => ask(platform, { subject: `${prefix}capabilities` }, "*", 600));
    const answer = await first(asked);
    if (answer === null) return prefixes.map((prefix) => ({ subject: prefix + verb, frame: target }));
    const named = Array.isArray(answer.supported_messages) ? answer.supported_messages : [];
    const fits = (one) => one && prefixes.some((prefix) => one.subject === prefix + verb);
    return named.filter(fits).map((one) => ({ subject: one.subject, frame: one.frame || target }));
  };

  const store = async (verb, more) => {
    if (!platform) return null;
    const found = await ways(verb);
    return first(found.map(({ subject, frame }) => ask(frameOf(frame), { subject, key, ...more }, origin, 1300)));
  };

  if (act === "put") {
    store("put_data", { value }).then(() => window.location.replace(next));
    return;
  }
  const blocked = document.getElementById("blocked");
  blocked.hidden = true;
  box.hidden = false;
  store("get_data", {}).then((answer) => {
    const form = box.querySelector("form");
    if (answer !== null && (answer.key ?? key) === key && typeof answer.value === "string" && answer.value !== "") {
      form.elements.value.value = answer.value;
      form.submit();
    } else {
      box.hidden = true;
      blocked.hidden = false;
      const heading = blocked.querySelector("h1");
      heading.tabIndex = -1;
      heading.focus();
    }
  });
})();
