// Keeps values for the tool, as the mode says.
(() => {
  "use strict";
  const { mode, part, frame } = document.currentScript.dataset;
  const oldest = "org.imsglobal.lti.";
  const plain = "lti.";
  const spoken = { brightspace: [oldest], sakai: [plain, oldest], absent: [] }[mode] || [plain];
  const kept = new Map();
  const answer = (event, data, more) => {
    const message = { subject: `${data.subject}.response`, message_id: data.message_id, ...more };
    event.source.postMessage(message, event.origin);
  };
  if (part === "elsewhere") {
    window.addEventListener("message", (event) => {
      const { subject, message_id, key, value } = event.data;
      parent.frames[0].postMessage({ subject: `${subject}.response`, message_id, key, value }, "*");
    });
    return;
  }
  window.addEventListener("message", (event) => {
    const data = event.data;
    if (typeof data !== "object" || data === null || typeof data.subject !== "string") return;
    const prefix = spoken.find((known) => data.subject.startsWith(known));
    if (prefix === undefined) return;
    const verb = data.subject.slice(prefix.length);
    if (verb === "capabilities" && part === "page") {
      const named = ["capabilities", "get_data", "put_data"].map((name) => ({ subject: prefix + name, frame }));
      answer(event, data, { supported_messages: named });
      return;
    }
    if (mode === "silent" || (part === "page" && frame !== "_parent")) return;
    const name = `${event.origin} ${data.key}`;
    if (verb === "put_data") {
      kept.set(name, data.value);
      answer(event, data, { key: data.key, value: data.value });
    } else if (verb === "get_data" && mode === "elsewhere") {
      window.frames.elsewhere.postMessage({ ...data, value: kept.get(name) }, "*");
    } else if (verb === "get_data") {
      answer(event, data, { key: data.key, value: mode === "wrong-value" ? "another" : kept.get(name) });
    }
  });
})();
