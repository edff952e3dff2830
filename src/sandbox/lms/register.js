// The tool says that its registration is over: its frame goes, and the list is shown.
window.addEventListener("message", (event) => {
  if (!event.data || event.data.subject !== "org.imsglobal.lti.close") return;
  document.getElementById("registration")?.parentElement.remove();
  document.getElementById("closed").textContent = "The tool’s page is closed.";
});
