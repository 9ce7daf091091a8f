"use strict";
// The editor in place of the text field. Without this script the page works all the same.
(function () {
  const field = document.getElementById("editor");
  if (!field || typeof CodeMirror === "undefined") return;
  const form = document.getElementById("ask");
  const editor = CodeMirror.fromTextArea(field, {
    mode: "application/sparql-query",
    lineNumbers: true,
    matchBrackets: true,
    lineWrapping: true,
    // Tab leaves the editor: nobody shall be caught in it who has no mouse.
    extraKeys: { Tab: false, "Shift-Tab": false, "Ctrl-Enter": () => form.requestSubmit(), "Cmd-Enter": () => form.requestSubmit() },
  });
  const input = editor.getInputField();
  input.setAttribute("aria-label", "SPARQL query");
  input.setAttribute("aria-describedby", "keys");
  form.addEventListener("submit", () => editor.save());
})();
